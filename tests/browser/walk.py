"""A walk over every page of the back-office, found from its routes, and what is wrong with each (UX 17, 18, 44, 45)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence

import pytest
from flask import Flask
from playwright.sync_api import Page

from admin_app.permissions import OPEN_ROUTES
from tests.admin.office import Visit, invite, new_person
from tests.browser.steps import enter, keep, violations
from tests.world import World

Ids = Mapping[str, Mapping[str, uuid.UUID]]
Combination = tuple[str, int]  # colour scheme, width
NO_PAGES = {"static", "health.alive", "health.ready"}
# States of pages that no route alone leads to: nothing found, unknown, not allowed, a search, another page size.
STATES = (
    "/admin/contracts?search=nothing-is-called-that", "/admin/contracts?status=active&size=10", "/admin/nowhere",
    f"/admin/contracts/{uuid.UUID(int=1)}/", "/admin/palette/?q=contract", "/admin/licenses?search=none",
)  # fmt: skip
EVERY: tuple[Combination, ...] = (("light", 1280), ("dark", 1280), ("dark", 375), ("light", 375))
# Turn by turn, so that each page is seen in both themes and both widths, and neighbours in all four pairs.
TURNS = ((EVERY[0], EVERY[2]), (EVERY[1], EVERY[3]))
NARROW = 320
ZOOMED = 640  # 1280 at 200 %


@pytest.fixture
def ids(world: World) -> Ids:
    """Ids of rows that show much: API access, licenses, a job that waits, a refused name full of markup."""
    contract, _ = world.reseller(name="<b>Rés</b> & “Partner” with a name as long as people really write them in 2026")
    made = world.generate(contract, 20)
    job = world.generate(contract, 100)
    world.contract(quota=5)
    world.contract(active=False)
    return {
        "contracts": {"row_id": contract.id, "generation_id": made.generation_id},
        "products": {"row_id": contract.product_id},
        "generators": {"row_id": contract.generator_id},
        "licenses": {"row_id": uuid.UUID(made.licenses[0].id)},
        "jobs": {"row_id": job.generation_id},
        "staff": {"row_id": new_person("operator")},
    }


def paths(app: Flask, ids: Ids) -> Iterator[str]:
    """Yield the path of every page a signed-in person can get, from the routes themselves; none is passed over."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in OPEN_ROUTES | NO_PAGES:
            continue
        part = rule.endpoint.partition(".")[0]
        values = ids.get(part, {})
        missing = sorted(rule.arguments - set(values))
        assert not missing, f"tests/browser/walk.py: no way to {rule.rule}; add a real {missing} for “{part}” to `ids`."
        yield adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method="GET")
    yield from STATES


def pages(app: Flask, ids: Ids, visit: Visit) -> list[str]:
    """Return the paths that answer with a page, each once: what redirects or downloads is not looked at."""
    return [path for path in dict.fromkeys(paths(app, ids)) if _is_page(visit, path)]


def _is_page(visit: Visit, path: str) -> bool:
    with visit.get(path) as answer:  # closed also when it is a file, which nobody reads to its end
        return answer.mimetype == "text/html" and "<!doctype" in answer.text and "Location" not in answer.headers


def name_of(path: str) -> str:
    return re.sub(r"[^a-z]+", "-", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "one", path)).strip("-")


def wider_than(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 700})
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def look_over(page: Page, path: str, name: str, combinations: Sequence[Combination]) -> list[str]:
    """Return what is wrong with one page, loaded once and then seen in each combination of theme and width."""
    page.goto(path)
    found = []
    for scheme, width in combinations:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        keep(page, f"{name}-{scheme}-{width}")
        found += [f"{path} {scheme} {width}: {what}" for what in violations(page)]
    found += [f"{path}: wider than {width}" for width in (NARROW, ZOOMED) if wider_than(page, width)]
    found += [f"{path}: {n} headings of the first level" for n in [page.locator("h1:visible").count()] if n != 1]
    return found


def look_over_all(
    page: Page, app: Flask, host: str, ids: Ids, turns: Sequence[Sequence[Combination]]
) -> tuple[int, int, list[str]]:
    """Look at every page there is, as staff, as nobody and as a viewer, each in the combinations of its turn.

    Returns how many pages were seen, in how many combinations, and what is wrong.
    """
    staff = Visit(app).sign_in_as("super_admin")
    open_pages = ["/sign-in", f"/link/{invite('new@example.org', 'viewer')}"]
    walked = [("", path) for path in open_pages]
    walked += [("super_admin", path) for path in pages(app, ids, staff)]
    walked += [("viewer", path) for path in ("/admin/", "/admin/contracts", "/admin/contracts/new/")]  # not allowed
    people = {"super_admin": staff, "viewer": Visit(app).sign_in_as("viewer")}
    wrong, seen = [], 0
    for index, (role, path) in enumerate(walked):
        if role:
            enter(page, host, people[role])
        combinations = turns[index % len(turns)]
        seen += len(combinations)
        name = f"{role}-{name_of(path)}" if role == "viewer" else name_of(path.partition("/link")[1] or path)
        wrong += look_over(page, host + path, name, combinations)
    return len(walked), seen, wrong
