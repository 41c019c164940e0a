"""The switch of the environment scopes every page, list, file and choice; the other side is not there (SPEC S-4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask

from admin_app import submit_token
from tests.admin.matrix import MATRIX
from tests.admin.office import Visit
from tests.admin.walk import Arguments, is_walked, path_of, served, state
from tests.world import STAGING, World

LISTS = ("contracts", "products", "generators", "licenses", "jobs")
FILES = tuple(f"/admin/{noun}/export.csv" for noun in LISTS[:4])
FORMS = ("/admin/contracts/new/", "/admin/generators/new/")


@dataclass(frozen=True)
class Elsewhere:
    """Rows of staging, and nothing in production: their ids for the routes, and the words that would give them away."""

    arguments: Arguments
    marks: Mapping[str, str]

    def found_in(self, text: str) -> list[str]:
        return [what for what, mark in self.marks.items() if mark in text]


@pytest.fixture
def elsewhere(world: World) -> Elsewhere:
    product = world.product(environment_id=STAGING, name="Zq product")
    generator = world.generator(product, name="Zq generator")
    contract, _ = world.reseller(generator=generator, name="Zq contract", partner="Zq partner")
    made, job = world.generate(contract, 2), world.generate(contract, 100)
    contracts = {"row_id": contract.id, "generation_id": made.generation_id}
    arguments = {
        "contracts": contracts, "products": {"row_id": product.id}, "generators": {"row_id": generator.id},
        "licenses": {"row_id": uuid.UUID(made.licenses[0].id)}, "jobs": {"row_id": job.generation_id},
    }  # fmt: skip
    marks = {f"{part} {name}": str(value) for part, ids in arguments.items() for name, value in ids.items()}
    return Elsewhere(arguments, {**marks, "a name": "Zq ", "a key": made.licenses[0].key})


def routes_of(app: Flask, *, row: bool, method: str) -> Iterator[str]:
    """Yield the routes over rows of an environment, or those without any row."""
    for route, methods in served(app).items():
        if method in methods and is_walked(route) and ("<" in route) is row and "/staff/<" not in route:
            yield route


def test_no_page_list_file_or_choice_shows_a_row_of_the_other_environment(
    admin_app: Flask, elsewhere: Elsewhere
) -> None:
    chief = Visit(admin_app).sign_in_as("super_admin")
    pages = list(routes_of(admin_app, row=False, method="GET"))
    ids = elsewhere.arguments
    pages += [f"/admin/palette/?q={word}" for word in ("zq", str(ids["contracts"]["row_id"]), elsewhere.marks["a key"])]
    pages += [f"/admin/{noun}/?product={ids['products']['row_id']}" for noun in LISTS[:4]]
    pages += [f"/admin/contracts/new/?product_id={ids['products']['row_id']}"]
    assert len(pages) > 25
    for page in pages:
        asked = page.partition("?")[2].partition("=")[2]
        with chief.get(page, follow_redirects=True) as answer:
            assert answer.status_code == 200, page
            said = answer.get_data().decode(errors="replace").replace(asked or "\0", "")
            assert elsewhere.found_in(said) == [], page


def test_no_route_to_a_row_leads_over_to_the_other_environment(admin_app: Flask, elsewhere: Elsewhere) -> None:
    chief = Visit(admin_app).sign_in_as("super_admin")
    with admin_app.app_context():
        fields = {"csrf_token": chief.token(), "submit_token": submit_token.new(), "name": "Forged", "count": "1"}
    before, asked = state(), 0
    for method in ("GET", "POST"):
        for route in routes_of(admin_app, row=True, method=method):
            path = path_of(admin_app, route, elsewhere.arguments)
            answer = chief.get(path) if method == "GET" else chief.client.post(path, data=fields)
            assert answer.status_code == 404, (method, route, answer.status_code)
            assert elsewhere.found_in(answer.text.replace(path, "")) == [], (method, route)
            asked += 1
    assert state() == {**before, "staff_session": state()["staff_session"]}, "not even the audit trail has moved"
    assert asked > len(MATRIX) / 2


def test_the_same_rows_are_there_after_the_switch(admin_app: Flask, elsewhere: Elsewhere) -> None:
    chief = Visit(admin_app).sign_in_as("super_admin")
    assert chief.post("/admin/environment", {"environment": "staging"}).status_code == 303
    for page in (*(f"/admin/{noun}/" for noun in LISTS), *FILES, *FORMS, "/admin/palette/?q=zq"):
        with chief.get(page, follow_redirects=True) as answer:
            assert elsewhere.found_in(answer.get_data(as_text=True)), page
    for route in routes_of(admin_app, row=True, method="GET"):
        path = path_of(admin_app, route, elsewhere.arguments)
        assert chief.get(path).status_code in {200, 302, 303}, path
