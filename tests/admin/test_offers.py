"""No page offers what its reader may not do: every page of every role, its links, forms and live parts (S-2, UX 42)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from admin_app.permissions import OPEN_ROUTES, is_allowed, permission_of
from shared import db
from shared.services import generators, keys, products
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.admin.conftest import Visits
from tests.admin.matrix import LADDER, MATRIX
from tests.admin.office import Visit, new_person
from tests.admin.walk import Arguments, is_walked, path_of
from tests.faults.office_map import read_page
from tests.world import World

# Live parts, and buttons that send their form elsewhere.
LIVE = re.compile(r'\b(hx-(?:post|put|patch|delete)|formaction)="([^"]*)"')
FEWEST_PAGES = {"viewer": 20, "operator": 20, "admin": 35, "super_admin": 40}


def offered(page: str, text: str) -> set[tuple[str, str]]:
    """Return path and method of whatever a page lets its reader ask of us."""
    links, forms = read_page(page, text)
    sent = {(form.action, form.method) for form in forms}
    live = {(unescape(path) or page, kind.removeprefix("hx-").upper()) for kind, path in LIVE.findall(text)}
    elsewhere = {(path, "POST" if method == "FORMACTION" else method) for path, method in live}
    return {(path, "GET") for path in links if path.startswith("/")} | sent | elsewhere


def amiss(app: Flask, role: str, page: str, text: str) -> Iterator[str]:
    """Yield one sentence for each way out of a page that the role may not go, or that leads nowhere."""
    adapter = app.url_map.bind("localhost")
    for path, method in sorted(offered(page, text) - {(page, "GET")}):
        try:
            endpoint, _ = adapter.match(re.split(r"[?#]", path)[0], method=method)
        except HTTPException:
            yield f"{page} offers {method} {path}, which leads nowhere"
            continue
        if endpoint not in OPEN_ROUTES and not is_allowed(role, permission_of(app.view_functions[endpoint])):
            yield f"{page} offers {method} {path} to {role}"


def pages_of(app: Flask, role: str, arguments: Arguments) -> Iterator[str]:
    """Yield the path of every route that the matrix lets a role open."""
    for route, methods in MATRIX.items():
        if is_walked(route) and "GET" in methods and LADDER.index(role) >= LADDER.index(methods["GET"]):
            yield path_of(app, route, arguments)


def other_states(world: World) -> list[str]:
    """Make rows in states with controls of their own and return their pages and lists."""
    closed = world.contract(active=False)
    retired, without_key = world.generator(), world.reseller()[0]
    world.generate(world.contract(type="pool", low_stock=5), 1)
    with transaction(environment_id=1):
        keys.revoke(contract=db.db.session.merge(without_key), by=COMMAND)
        products.amend(product_id=closed.product_id, fields={"status": "inactive"}, by=COMMAND)
        generators.amend(generator_id=retired.id, fields={"status": "inactive"}, by=COMMAND)
    pages = [f"/admin/contracts/{row.id}/" for row in (closed, without_key)]
    return [
        *pages, f"/admin/products/{closed.product_id}/", f"/admin/generators/{retired.id}/",
        "/admin/contracts/?search=nothing-is-called-that", "/admin/licenses/?search=none", "/admin/nowhere",
        "/admin/palette/?q=cr", "/admin/palette/?q=settings", f"/admin/contracts/{retired.id}/",
    ]  # fmt: skip


@pytest.mark.parametrize("role", LADDER)
def test_no_page_offers_what_its_reader_may_not_do(
    signed_in: Visits, role: str, arguments: Arguments, world: World
) -> None:
    person, wrong, seen = signed_in(role), list[str](), 0
    states = other_states(world)
    if role == "super_admin":
        states.append(f"/admin/staff/{new_person('viewer', is_active=True)}/")
    for page in [*pages_of(person.app, role, arguments), *states]:
        with person.get(page, follow_redirects=True) as answer:
            assert answer.status_code in {200, 404}, page
            if answer.mimetype == "text/html":
                seen += 1
                wrong += amiss(person.app, role, page, answer.text)
    print(f"\n{role}: {seen} pages")
    assert wrong == []
    assert seen >= FEWEST_PAGES[role]


def test_a_control_that_should_be_hidden_is_found(viewer: Visit) -> None:
    text = (
        '<a href="/admin/staff/">Staff</a><form method="post" action="/admin/contracts/new/"></form>'
        '<button hx-post="/admin/settings/"></button><a href="/admin/nowhere">Nowhere</a><a href="/admin/">Home</a>'
    )
    assert list(amiss(viewer.app, "viewer", "/page", text)) == [
        "/page offers POST /admin/contracts/new/ to viewer",
        "/page offers GET /admin/nowhere, which leads nowhere",
        "/page offers POST /admin/settings/ to viewer",
        "/page offers GET /admin/staff/ to viewer",
    ]
