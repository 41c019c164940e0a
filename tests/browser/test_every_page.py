"""A walk over every page: accessible in both themes and widths, no wider than the window, quiet (UX 17, 18, 44, 45)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser

import pytest
from flask import Flask
from playwright.sync_api import Page

from admin_app.permissions import OPEN_ROUTES
from tests.admin.office import Visit, invite
from tests.browser.steps import enter, keep, violations
from tests.world import World, one

Enter = Callable[[str], Page]
Ids = Mapping[str, Mapping[str, uuid.UUID]]
NO_PAGES = {"static", "health.alive", "health.ready"}
# States of pages that no route alone leads to: nothing found, unknown, not allowed, a search, another page size.
STATES = (
    "/admin/contracts?search=nothing-is-called-that", "/admin/contracts?status=active&size=10", "/admin/nowhere",
    f"/admin/contracts/{uuid.UUID(int=1)}/", "/admin/palette/?q=contract", "/admin/licenses?search=none",
)  # fmt: skip
SIZES = ((1280, 900), (375, 800))
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
    }


def paths(app: Flask, ids: Ids) -> Iterator[str]:
    """Yield the path of every page a signed-in person can get, from the routes themselves."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in OPEN_ROUTES | NO_PAGES:
            continue
        values = {**ids.get(rule.endpoint.partition(".")[0], {})}
        if rule.arguments <= set(values):
            yield adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method="GET")
    yield from STATES


def is_page(visit: Visit, path: str) -> bool:
    answer = visit.get(path)
    return answer.mimetype == "text/html" and "<!doctype" in answer.text and "Location" not in answer.headers


def wider_than(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 700})
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def look_over(page: Page, path: str, name: str) -> list[str]:
    """Return what is wrong with one page, loaded once and then seen in each theme and size."""
    page.emulate_media(color_scheme="light")
    page.goto(path)
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            keep(page, f"{name}-{scheme}-{width}")
            found += [f"{path} {scheme} {width}: {what}" for what in violations(page)]
    found += [f"{path}: wider than {width}" for width in (NARROW, ZOOMED) if wider_than(page, width)]
    found += [f"{path}: {n} headings of the first level" for n in [page.locator("h1:visible").count()] if n != 1]
    return found


def test_every_page_of_staff_is_accessible_and_fits(examined: Page, admin_app: Flask, host: str, ids: Ids) -> None:
    visit = Visit(admin_app).sign_in_as("super_admin")
    walked = [path for path in dict.fromkeys(paths(admin_app, ids)) if is_page(visit, path)]
    assert len(walked) > 20
    enter(examined, host, visit)
    wrong = []
    for path in walked:
        name = re.sub(r"[^a-z]+", "-", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "one", path)).strip("-")
        wrong += look_over(examined, host + path, name)
    print(f"\n{len(walked)} pages, {len(walked) * len(SIZES) * 2} combinations")
    assert wrong == []


def test_pages_for_nobody_and_for_viewers_are_accessible_too(examined: Page, admin_app: Flask, host: str) -> None:
    wrong = look_over(examined, f"{host}/sign-in", "sign-in")
    wrong += look_over(examined, f"{host}/link/{invite('new@example.org', 'viewer')}", "link")
    enter(examined, host, Visit(admin_app).sign_in_as("viewer"))
    for path in ("/admin/", "/admin/contracts", "/admin/contracts/new/"):  # first use; not allowed
        wrong += look_over(examined, host + path, f"viewer{path.replace('/', '-')}")
    assert wrong == []


def test_no_page_breaks_the_policy_or_asks_another_host(as_role: Enter, admin_app: Flask, host: str, ids: Ids) -> None:
    page = as_role("super_admin")  # the page itself fails the test
    visit = Visit(admin_app).sign_in_as("super_admin")
    for path in paths(admin_app, ids):
        if is_page(visit, path):
            page.goto(host + path)


class Inline(HTMLParser):
    """Gathers what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.found += [f"{tag} {name}" for name in names if name.startswith(("on", "hx-on")) or name == "style"]
        self.found += [f"{tag} {name}" for name, value in attrs if (value or "").strip().startswith("javascript:")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


def inline_parts(text: str) -> list[str]:
    parser = Inline()
    parser.feed(text)
    return parser.found


def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(admin_app: Flask, ids: Ids) -> None:
    visit = Visit(admin_app).sign_in_as("super_admin")
    walked = [path for path in paths(admin_app, ids) if is_page(visit, path)]
    assert {path: inline_parts(visit.get(path).text) for path in walked} == {path: [] for path in walked}


@pytest.mark.parametrize("text", [
    "<a href='javascript:x()'>", "<p onclick='x'>", "<p style='a:b'>", "<style>", "<script>x</script>",
])  # fmt: skip
def test_such_a_part_would_be_found(text: str) -> None:
    assert len(inline_parts(text)) == 1


def test_an_inaccessible_page_would_be_found(examined: Page, host: str) -> None:
    examined.goto(f"{host}/sign-in")
    examined.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/mark.svg\">')"
    )
    assert any("image-alt" in what for what in violations(examined))


def test_the_walk_leaves_nothing_changed(admin_app: Flask, ids: Ids) -> None:
    visit = Visit(admin_app).sign_in_as("super_admin")
    before = one("SELECT count(*) AS n FROM audit_entry").n
    for path in paths(admin_app, ids):
        visit.get(path)
    assert one("SELECT count(*) AS n FROM audit_entry").n == before
