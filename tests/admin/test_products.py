"""Products as pages: what stands on them, switching off, deleting, two editors (SPEC 1, C-4; UX 4, 21)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from shared.models import Product
from tests.admin.office import Visit, hidden, words_of
from tests.world import World, one


@pytest.fixture
def product(world: World) -> Product:
    """Two generators, three contracts of which one is inactive and one's date has passed, and four licenses."""
    product = world.product(name="Studio", code="ST")
    generator = world.generator(product)
    world.generator(product)
    world.generate(world.contract(generator=generator), 4)
    world.contract(generator=generator, active=False)
    world.contract(generator=generator, expiry_kind="date", expiry_date=date(2020, 1, 1))
    world.contract()  # of another product
    return product


def path_of(product: Product, rest: str = "") -> str:
    return f"/admin/products/{product.id}/{rest}"


def linked_numbers(page: str) -> dict[str, int]:
    """Return address → number for every number that is a link."""
    found = re.findall(r'<a href="(/admin/[^"]+)">(\d+)</a>', page)
    return {path.replace("&amp;", "&"): int(number) for path, number in found}


def test_every_number_leads_to_a_list_with_that_many_rows(admin: Visit, product: Product) -> None:
    found = linked_numbers(admin.get(path_of(product)).text)
    assert sorted(found.values()) == [1, 2, 2, 4]
    for path, number in found.items():
        assert admin.get(path).text.count("<tr>") - 1 == number, path


def test_deactivating_says_first_how_many_contracts_stop(admin: Visit, product: Product) -> None:
    assert "1 active contract generates nothing from the next call on" in words_of(
        admin.get(path_of(product, "deactivate/"))
    )
    admin.post(path_of(product, "deactivate/"))
    said = words_of(admin.get(path_of(product)))
    assert "generates nothing until it is active again" in said
    assert "active – product inactive" in admin.get(f"/admin/contracts?product={product.id}").text  # noqa: RUF001
    admin.post(path_of(product, "activate/"))
    assert one("SELECT status FROM product WHERE id = %(id)s", id=product.id).status == "active"


def test_a_product_in_use_is_not_deleted_and_says_by_what(admin: Visit, product: Product) -> None:
    page = admin.get(path_of(product, "delete/"))
    assert "Studio is in use by 2 generators, 3 contracts and 4 licenses" in words_of(page)
    for noun in ("generators", "contracts", "licenses"):
        assert f'href="/admin/{noun}/?product={product.id}"' in page.text
    assert "Delete product" not in page.text
    assert admin.post(path_of(product, "delete/")).status_code == 409
    assert one("SELECT deleted_at FROM product WHERE id = %(id)s", id=product.id).deleted_at is None


def test_an_unused_product_goes_and_its_code_is_free_again(admin: Visit, world: World) -> None:
    product = world.product(name="Studio", code="ST")
    answer = admin.post(path_of(product, "delete/"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/products")
    assert "Studio" not in words_of(admin.get("/admin/products")).replace("Studio is deleted.", "")
    assert admin.get(path_of(product)).status_code == 410
    assert admin.post(path_of(product, "delete/")).status_code == 410
    world.product(code="st")


def test_two_editors_get_a_page_with_what_differs(admin: Visit, world: World) -> None:
    product = world.product(name="Studio", code="ST")
    version = hidden(admin.get(path_of(product, "edit/")), "version")
    admin.post(path_of(product, "edit/"), {"name": "Studio One", "code": "ST", "version": version})
    answer = admin.post(path_of(product, "edit/"), {"name": "Studio Two", "code": "ST", "version": version})
    said = words_of(answer)
    assert answer.status_code == 409
    assert "Studio One" in said
    assert "Studio Two" in said
    assert one("SELECT name FROM product").name == "Studio One"
    admin.post(path_of(product, "edit/"), {"name": "Studio Two", "code": "ST", "version": hidden(answer, "version")})
    assert one("SELECT name, version FROM product") == ("Studio Two", 3)
