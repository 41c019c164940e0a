"""Generators as pages: samples and strength, room for quotas, retiring, deleting, two editors (SPEC K-1, K-2, C-4)."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from shared.models import Generator
from tests.admin.office import Visit, hidden, words_of
from tests.admin.test_products import linked_numbers
from tests.world import World, one

SAMPLE = re.compile(r"<li><code>([^<]+)</code></li>")


@pytest.fixture
def generator(world: World) -> Generator:
    return world.generator(name="Standard keys", pattern="STD-*****-*****-*****")


def path_of(generator: Generator, rest: str = "") -> str:
    return f"/admin/generators/{generator.id}/{rest}"


def preview(visit: Visit, path: str = "/admin/generators/new/", **typed: str) -> str:
    fields = {"format": "pattern", "alphabet": "unambiguous", **typed}
    return visit.get(path, query_string=fields).text.partition('id="key-preview"')[2].partition("</section>")[0]


def test_samples_and_strength_follow_what_is_typed(admin: Visit) -> None:
    found = preview(admin, pattern="ACME-****-****-****-****")
    samples = SAMPLE.findall(found)
    assert len(set(samples)) == 3
    assert all(re.fullmatch(r"ACME(-[2-9A-HJKMNP-Z]{4}){4}", sample) for sample in samples)
    assert "79 bits" in found
    assert "Good for quotas up to" in found
    assert len(SAMPLE.findall(preview(admin, format="uuid"))[0]) == 36


def test_a_pattern_under_64_bits_says_what_it_needs_while_one_types(admin: Visit) -> None:
    found = preview(admin, pattern="ACME-****")
    assert "20 bits" in found
    assert "could be guessed" in found
    assert "at least 13 random symbols" in found


@pytest.mark.parametrize("typed", [{"pattern": "é*****"}, {"pattern": "*" * 500}, {"pattern": ""}, {"format": "x"},
                                   {"alphabet": "klingon", "pattern": "*"}])  # fmt: skip
def test_nonsense_is_a_sentence_and_never_a_fault(admin: Visit, typed: dict[str, str]) -> None:
    assert "field-error" in preview(admin, **typed)


def test_without_scripts_a_button_shows_the_samples_and_saves_nothing(admin: Visit, generator: Generator) -> None:
    typed = {"name": "Other", "format": "pattern", "pattern": "NEW-" + "*" * 20, "alphabet": "hex", "preview": "1"}
    for path in (path_of(generator, "edit/"), "/admin/generators/new/"):
        page = admin.post(path, typed)
        assert page.status_code == 200
        assert SAMPLE.findall(page.text)[0].startswith("NEW-")
        assert 'value="Other"' in page.text
    assert one("SELECT name FROM generator").name == "Standard keys"


def test_a_changed_pattern_warns_of_the_contracts_it_is_for(admin: Visit, world: World, generator: Generator) -> None:
    world.contract(generator=generator, quota=2**50)
    world.contract(generator=generator)
    path = path_of(generator, "edit/")
    assert "2 contracts stand on it" in words_of(admin.get(path))
    found = preview(admin, path, pattern="NEW-" + "*" * 13)
    assert "2 contracts make keys like these once this is saved" in found
    assert "Too few keys for the quota of 1 contract" in found
    assert "once this is saved" not in preview(admin, path, pattern=str(generator.pattern))


def test_every_number_leads_to_a_list_with_that_many_rows(admin: Visit, world: World, generator: Generator) -> None:
    contract = world.contract(generator=generator)
    world.generate(contract, 3)
    world.contract(generator=generator, active=False)
    other = world.generator(world.product())
    world.generate(world.contract(generator=other), 2)
    found = linked_numbers(admin.get(path_of(generator)).text)
    assert sorted(found.values()) == [1, 1, 3]
    for path, number in found.items():
        assert admin.get(path).text.count("<tr>") - 1 == number, path


def test_licenses_stay_counted_where_they_were_made(admin: Visit, world: World, generator: Generator) -> None:
    """A contract that took another generator leaves its licenses with the first one."""
    contract = world.contract(generator=generator)
    world.generate(contract, 3)
    product = one("SELECT * FROM product WHERE id = %(id)s", id=generator.product_id)
    other = world.generator(product)
    world.amend(contract, generator_id=other.id)
    assert "3 licenses" in words_of(admin.get(f"/admin/licenses?generator={generator.id}"))
    assert "No licenses match" in admin.get(f"/admin/licenses?generator={other.id}").text


def test_a_generator_never_used_goes_for_good(admin: Visit, world: World, generator: Generator) -> None:
    assert "goes for good" in admin.get(path_of(generator, "delete/")).text
    assert admin.post(path_of(generator, "delete/"), {"how": "delete"}).status_code == 303
    assert admin.get(path_of(generator)).status_code == 410
    product = one("SELECT * FROM product WHERE id = %(id)s", id=generator.product_id)
    world.generator(product, name="Standard keys")


def test_one_that_got_used_meanwhile_is_asked_about_again(admin: Visit, world: World, generator: Generator) -> None:
    world.contract(generator=generator, name="Meanwhile")
    answer = admin.post(path_of(generator, "delete/"), {"how": "delete"})
    assert answer.status_code == 409
    assert "Meanwhile" in answer.text
    assert one("SELECT deleted_at, status FROM generator") == (None, "active")


def test_retiring_names_the_contracts_and_stops_them_everywhere(
    admin: Visit, world: World, generator: Generator, partner: FlaskClient
) -> None:
    contract, key = world.reseller(generator=generator, name="Acme 2026")
    page = admin.get(path_of(generator, "delete/"))
    assert "1 contract has it" in page.text
    assert f'href="/admin/contracts/{contract.id}/">Acme 2026</a>' in page.text
    assert "Deactivate it instead" in page.text
    assert admin.post(path_of(generator, "delete/"), {"how": "retire"}).status_code == 303
    answer = partner.post(
        f"/api/v1/contracts/{contract.id}/generate", json={"count": 1}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.json["code"] == "generator_unavailable"
    form = admin.get(f"/admin/contracts/{contract.id}/generate/")
    sent = {"submit_token": hidden(form, "submit_token"), "count": "1"}
    assert "inactive or retired" in admin.post(f"/admin/contracts/{contract.id}/generate/", sent).text
    assert "active – generator retired" in admin.get("/admin/contracts").text  # noqa: RUF001
    assert "Choose another generator for it." in admin.get(f"/admin/contracts/{contract.id}/").text
    assert "1 active contract generates nothing" in words_of(admin.get(path_of(generator)))
    assert "Standard keys (retired)" in admin.get(f"/admin/contracts/{contract.id}/edit/").text
    assert str(generator.id) not in admin.get("/admin/contracts/new/").text


def test_a_contract_of_a_retired_generator_is_given_another(admin: Visit, world: World, generator: Generator) -> None:
    contract = world.contract(generator=generator)
    admin.post(path_of(generator, "delete/"), {"how": "retire"})
    product = one("SELECT * FROM product WHERE id = %(id)s", id=generator.product_id)
    other = world.generator(product, name="Standard keys")  # the name is free again
    world.generate(world.amend(contract, generator_id=other.id), 1)


def test_retired_is_for_good(admin: Visit, world: World, generator: Generator) -> None:
    world.contract(generator=generator)
    admin.post(path_of(generator, "delete/"), {"how": "retire"})
    page = admin.get(path_of(generator))
    for rest in ("edit/", "activate/", "deactivate/", "delete/"):
        assert path_of(generator, rest) not in page.text, rest
    for rest in ("activate/", "deactivate/"):
        assert "retired for good" in admin.post(path_of(generator, rest)).text
    assert "retired for good" in admin.post(path_of(generator, "delete/"), {"how": "retire"}).text
    assert one("SELECT status FROM generator").status == "retired"


def test_broken_features_name_line_and_column(admin: Visit, generator: Generator) -> None:
    page = admin.get(path_of(generator, "edit/"))
    typed = {"name": "A", "format": "pattern", "pattern": "*" * 20, "alphabet": "hex",
             "version": hidden(page, "version"), "activation_limit": "1",
             "features": '{"seats": 1,\n "x" 2}'}  # fmt: skip
    answer = admin.post(path_of(generator, "edit/"), typed)
    assert answer.status_code == 422
    assert "line 2, column 6" in answer.text


def test_two_editors_get_a_page_with_what_differs(admin: Visit, generator: Generator) -> None:
    version = hidden(admin.get(path_of(generator, "edit/")), "version")
    typed = {"format": "pattern", "pattern": generator.pattern, "alphabet": "unambiguous", "features": "{}",
             "activation_limit": "1", "version": version}  # fmt: skip
    assert admin.post(path_of(generator, "edit/"), {**typed, "name": "First"}).status_code == 303
    answer = admin.post(path_of(generator, "edit/"), {**typed, "name": "Second"})
    assert answer.status_code == 409
    assert f"{admin.email} saved this page after you opened it" in answer.text
    assert one("SELECT name FROM generator").name == "First"
