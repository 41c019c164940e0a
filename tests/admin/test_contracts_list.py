"""The contracts list and Home: every filter, order and number is of the whole (SPEC L-1 to L-3, X-3)."""

from __future__ import annotations

import re
import uuid

import psycopg

from shared import clock
from shared.db import run
from shared.transaction import transaction
from tests.admin.office import Visit, words_of
from tests.world import World, rows


def names(visit: Visit, query: str) -> list[str]:
    return re.findall(
        r'<a href="/admin/contracts/[0-9a-f-]{36}/">([^<]*)</a>', visit.get(f"/admin/contracts?{query}").text
    )


def test_search_takes_every_character_as_it_is_and_finds_uuids(admin: Visit, world: World) -> None:
    generator = world.generator()
    percent = world.contract(generator=generator, name="100% Plan")
    world.contract(generator=generator, name="100 Plan", partner="Under_score", reference="PO-77")
    assert names(admin, "search=100%25") == ["100% Plan"]
    assert names(admin, "search=_") == ["100 Plan"]
    assert names(admin, "search=po-77") == ["100 Plan"]
    assert names(admin, f"search={str(percent.id)[9:23].upper()}") == ["100% Plan"]
    assert "No contracts match" in admin.get("/admin/contracts?search=%25%25").text


def test_filters_and_orders_are_of_the_whole_list(admin: Visit, world: World) -> None:
    generator = world.generator()
    made = {
        "a": world.contract(generator=generator, name="a", quota=10),
        "B": world.contract(generator=generator, name="B", active=False, partner="P"),
        "c": world.contract(generator=generator, name="c", type="pool", quota=10),
    }
    world.generate(made["a"], 10)
    world.generate(made["c"], 9)
    assert names(admin, "") == ["c", "B", "a"]
    assert names(admin, "sort=created") == ["a", "B", "c"]
    assert names(admin, "sort=name") == ["a", "B", "c"]
    assert names(admin, "sort=-used") == ["a", "c", "B"]
    assert names(admin, "status=inactive") == ["B"]
    assert names(admin, "type=pool") == ["c"]
    assert names(admin, "partner=P") == ["B"]
    assert names(admin, "fill=full") == ["a"]
    assert names(admin, "fill=near") == ["c"]
    assert names(admin, f"product={generator.product_id}&size=20") == ["c", "B", "a"]
    assert names(admin, f"product={uuid.uuid4()}") == []
    said = words_of(admin.get("/admin/contracts?status=active"))
    assert "Active (2)" in said
    assert "Inactive (1)" in said
    assert "Pool (1)" in said
    assert "2 contracts" in said


def test_a_passed_date_counts_as_inactive(admin: Visit, world: World) -> None:
    contract = world.contract(expiry_kind="date", expiry_date=clock.now().date())
    with transaction():
        run("UPDATE contract SET expiry_date = '2001-01-01'")
    assert names(admin, "status=active") == []
    assert names(admin, "status=inactive") == [contract.name]
    assert names(admin, "status=expired") == [contract.name]
    said = words_of(admin.get("/admin/contracts"))
    assert "Active (0)" in said
    assert "Inactive (1)" in said
    assert "inactive – expired" in admin.get("/admin/contracts").text  # noqa: RUF001 - as the page writes it


def test_pages_part_the_list(admin: Visit, world: World) -> None:
    generator = world.generator()
    for n in range(25):
        world.contract(generator=generator, name=f"n{n:02}")
    assert len(names(admin, "size=20")) == 20
    assert names(admin, "size=20&page=2&sort=name") == [f"n{n}" for n in range(20, 25)]
    assert names(admin, "size=20&page=99&sort=name") == [f"n{n}" for n in range(20, 25)]


def test_every_contract_is_on_exactly_one_page_in_every_order(admin: Visit, world: World) -> None:
    generator = world.generator()
    for n in range(45):
        world.contract(generator=generator, name=f"n{n:02}", type="pool" if n % 2 else "standard")
    for sort in ("name", "-name", "type", "-type", "status", "created", "-created", "used", "-used"):
        pages = [names(admin, f"size=20&sort={sort}&page={page}") for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [20, 20, 5]
        walked = [name for page in pages for name in page]
        assert len(set(walked)) == 45, sort
        assert walked == names(admin, f"size=100&sort={sort}"), sort


def test_a_list_that_cannot_be_read_says_so_in_place_and_offers_another_try(admin: Visit, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("LOCK TABLE contract_quota")  # stands for whatever keeps the database from answering in time
        page = admin.get("/admin/contracts?status=active&search=x")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert "The list could not be loaded" in page.text
    assert 'href="/admin/contracts?search=x&amp;status=active"' in page.text
    assert admin.get("/admin/contracts").status_code == 200


def test_a_row_leads_where_its_reader_may_go(admin: Visit, viewer: Visit, world: World) -> None:
    contract = world.contract(name="Acme")
    edit = f"/admin/contracts/{contract.id}/edit/"
    page = admin.get("/admin/contracts").text
    assert page.count(f'popovertarget="menu-{contract.id}"') == page.count(f'id="menu-{contract.id}" popover') == 1
    assert edit in page
    assert edit not in viewer.get("/admin/contracts").text


def test_home_counts_what_its_lists_show_and_ticks_the_first_steps(admin: Visit, world: World) -> None:
    assert admin.get("/admin/").text.count("is-done") == 0
    contract = world.contract(quota=5)
    world.generate(contract, 5)
    world.generate(contract, 2, test=True)
    page = admin.get("/admin/")
    assert page.text.count("is-done") == 4
    assert "1 contract has no quota left" in page.text
    tiles = re.findall(r'<li class="card"><a href="([^"]+)">.*?<span class="number">(\d+)</span>', page.text, re.DOTALL)
    assert len(tiles) == 4
    for path, number in tiles:
        said = words_of(admin.get(path.replace("&amp;", "&")))
        assert re.search(rf"\b{number} (contract|license|product|job)s?\b", said), path


def test_the_number_beside_every_choice_is_what_sql_counts_under_the_other_filters(admin: Visit, world: World) -> None:
    generator = world.generator()
    for n in range(30):
        kind = ("standard", "pool", "reseller")[n % 3]
        world.contract(
            generator=generator, name=f"n{n}", type=kind, active=n % 4 != 0, partner=("P", "Q", None)[n // 3 % 3]
        )
    wheres = {"status": "CASE WHEN accepting THEN 'active' ELSE 'inactive' END", "type": "type", "partner": "partner"}
    chosen = {"status": "active", "type": "pool", "partner": "P"}
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    text = admin.get(f"/admin/contracts?{query}").text
    for name, column in wheres.items():
        others = " AND ".join(f"{wheres[other]} = '{chosen[other]}'" for other in wheres if other != name)
        counted = rows(
            f"SELECT {column} AS value, count(*) AS n FROM contract JOIN contract_quota ON contract_id = id"  # noqa: S608
            f" WHERE {others} GROUP BY 1"
        )
        expected = {row.value: row.n for row in counted if row.value}
        select = re.search(rf'<select [^>]*name="{name}">(.*?)</select>', text, re.DOTALL)
        assert select
        told = {value: int(n) for value, n in re.findall(r'value="([^"]+)"[^>]*>[^<]*\((\d+)\)', select[1])}
        assert {value: n for value, n in told.items() if n} == expected, name
