"""Exports: the file is the list of the same URL, opens no formula, and is kept in the audit trail (SPEC R-2, UX 35)."""

from __future__ import annotations

import csv
import io
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook

from shared import clock
from shared.db import run
from shared.services import exports
from shared.transaction import transaction
from tests.admin.conftest import Visits
from tests.admin.office import Visit
from tests.admin.test_contracts_list import names
from tests.world import World, one, rows

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", " =1+1", '"=1+1', "'=1+1", "\u00a0=1", "\uff1d1+1")
HARMLESS = ("a=1", "100% Plan", "TST-1", "1-2", 'ü, “q” "r"', "x\ty")


def csv_of(visit: Visit, path: str) -> list[dict[str, str]]:
    with visit.get(path) as page:
        assert page.status_code == 200, page.text
        return list(csv.DictReader(io.StringIO(page.data.decode("utf-8"), newline="")))


def xlsx_of(visit: Visit, path: str) -> list[dict[str, Any]]:
    with visit.get(path) as page:
        assert page.status_code == 200, page.text
        head, *lines = load_workbook(io.BytesIO(page.data))["Export"].iter_rows(values_only=True)
    return [dict(zip(map(str, head), line, strict=True)) for line in lines]


@pytest.mark.parametrize("noun", ["contracts", "products", "generators", "licenses"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_viewer_takes_no_list_along_and_the_try_is_kept(viewer: Visit, noun: str, kind: str) -> None:
    assert viewer.get(f"/admin/{noun}/export.{kind}").status_code == 403
    entry = one("SELECT * FROM audit_entry WHERE action LIKE 'permission%%' OR action LIKE '%%exported'")
    assert entry.action == "permission.denied"
    assert entry.changes["permission"] == "EXPORT"
    assert "Export" not in viewer.get(f"/admin/{noun}").text


def test_the_file_is_the_list_of_the_same_address(signed_in: Visits, world: World) -> None:
    operator, generator = signed_in("operator"), world.generator()
    for n in range(60):
        world.contract(
            generator=generator, name=f"n{n % 7}-{n:02}", active=n % 3 > 0, type="pool" if n % 2 else "standard"
        )
    for query in ("", "status=active", "search=n3&sort=-name", "type=pool&status=inactive&sort=used", "search=zz"):
        shown = names(operator, f"{query}&size=100")
        assert [row["Name"] for row in csv_of(operator, f"/admin/contracts/export.csv?{query}")] == shown, query
        assert [row["Name"] for row in xlsx_of(operator, f"/admin/contracts/export.xlsx?{query}")] == shown, query
    page = operator.get("/admin/contracts?status=active&size=20&page=2").text
    assert 'href="/admin/contracts/export.csv?status=active&amp;size=20"' in page
    assert len(csv_of(operator, "/admin/contracts/export.csv?status=active&size=20&page=2")) == 40


def test_every_column_says_what_the_contract_is(signed_in: Visits, world: World) -> None:
    operator, contract = signed_in("operator"), world.contract(quota=50, partner="P", reference="R", name="One")
    world.generate(contract, 8)
    wanted = {
        "Name": "One", "Uuid": str(contract.id), "Type": "standard", "Status": "active", "Partner": "P",
        "Reference": "R", "Product": "Product", "Generator": contract.generator.name, "Quota": 50, "Used": 8,
        "Reserved": 0, "Remaining": 42, "Created": f"{contract.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    (line,) = xlsx_of(operator, "/admin/contracts/export.xlsx")
    assert wanted.items() <= line.items()
    (text,) = csv_of(operator, "/admin/contracts/export.csv")
    assert {name: str(value) for name, value in wanted.items()}.items() <= text.items()


def test_no_cell_starts_a_formula_and_no_other_cell_is_changed(signed_in: Visits, world: World) -> None:
    operator, generator = signed_in("operator"), world.generator()
    contracts = [world.contract(generator=generator, name=f"c{n}") for n in range(len(FORMULAS + HARMLESS))]
    with transaction(environment_id=1):
        for contract, text in zip(contracts, FORMULAS + HARMLESS, strict=True):
            run("UPDATE contract SET partner = %(text)s WHERE id = %(id)s", text=text, id=contract.id)
    expected = [f"'{text}" for text in FORMULAS] + list(HARMLESS)
    for read, kind in ((csv_of, "csv"), (xlsx_of, "xlsx")):
        assert [row["Partner"] for row in read(operator, f"/admin/contracts/export.{kind}?sort=created")] == expected
    with operator.get("/admin/contracts/export.xlsx") as page:
        sheet = load_workbook(io.BytesIO(page.data))["Export"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}


def test_one_entry_says_what_was_taken_along(signed_in: Visits, world: World) -> None:
    operator, contract = signed_in("operator"), world.contract()
    key = world.generate(contract, 1).licenses[0].key
    answer = operator.get("/admin/contracts/export.csv?search=C-&status=active", buffered=True)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = f"contracts-production-{clock.now():%Y-%m-%d}.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    operator.get(f"/admin/licenses/export.xlsx?search={key}", buffered=True)
    first, second = rows("SELECT * FROM audit_entry WHERE action LIKE '%%.exported' ORDER BY id")
    assert (first.action, first.subject, first.environment_id) == ("contracts.exported", "list:contracts", 1)
    assert first.changes == {"format": "csv", "sort": "-created", "filters": {"status": "active"}, "search": "C-"}
    assert (second.action, second.changes["search"]) == ("licenses.exported", f"••••{key[-4:]}")


def test_nothing_of_another_environment_is_in_a_file(signed_in: Visits, world: World) -> None:
    generator = world.generator(world.product(environment_id=2))
    world.generate(world.contract(generator=generator), 2)
    operator = signed_in("operator")
    for noun in ("contracts", "products", "generators", "licenses"):
        assert csv_of(operator, f"/admin/{noun}/export.csv") == [], noun
    operator.post("/admin/environment", {"environment": "staging"})
    found = {noun: len(csv_of(operator, f"/admin/{noun}/export.csv"))
             for noun in ("contracts", "products", "generators", "licenses")}  # fmt: skip
    assert found == {"contracts": 1, "products": 1, "generators": 1, "licenses": 2}


def test_a_list_too_long_for_a_workbook_points_to_csv(
    signed_in: Visits, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "WORKBOOK_MOST", 2)
    operator, generator = signed_in("operator"), world.generator()
    for _ in range(2):
        world.contract(generator=generator)
    assert len(xlsx_of(operator, "/admin/contracts/export.xlsx")) == 2
    world.contract(generator=generator)
    answer = operator.get("/admin/contracts/export.xlsx")
    assert answer.status_code == 409
    assert "Export it as CSV" in answer.text
    assert len(csv_of(operator, "/admin/contracts/export.csv")) == 3


def test_a_database_that_does_not_answer_is_said_before_the_first_byte(signed_in: Visits, owner_url: str) -> None:
    operator = signed_in("operator")
    for kind in ("csv", "xlsx"):
        with psycopg.connect(owner_url) as owner:
            owner.execute("LOCK TABLE contract_quota")  # stands for whatever keeps the database from answering in time
            assert operator.get(f"/admin/contracts/export.{kind}").status_code == 503


def test_a_reader_who_leaves_frees_the_connection(signed_in: Visits, world: World) -> None:
    world.generate(world.contract(), 99)
    answer = signed_in("operator").get("/admin/licenses/export.csv", buffered=False)
    assert next(iter(answer.response))
    answer.close()
    busy = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'COPY%%' AND datname = current_database()"
    assert one(busy).n == 0
