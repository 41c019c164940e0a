"""Every page: accessible, no wider than the window, quiet, without scripts or styles of its own (UX 17, 18, 44)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.admin.office import Visit
from tests.browser.steps import violations
from tests.browser.walk import TURNS, Ids, ids, look_over_all, pages, paths
from tests.world import one

__all__ = ["ids"]

Enter = Callable[[str], Page]


def test_every_page_is_accessible_and_fits(examined: Page, admin_app: Flask, host: str, ids: Ids) -> None:
    walked, seen, wrong = look_over_all(examined, admin_app, host, ids, TURNS)
    print(f"\n{walked} pages, {seen} combinations; all of them: make prove")
    assert walked > 20
    assert wrong == []


def test_no_page_breaks_the_policy_or_asks_another_host(as_role: Enter, admin_app: Flask, host: str, ids: Ids) -> None:
    page = as_role("super_admin")  # the page itself fails the test
    for path in pages(admin_app, ids, Visit(admin_app).sign_in_as("super_admin")):
        page.goto(host + path)


def test_a_page_without_a_way_to_it_fails_the_walk(admin_app: Flask, ids: Ids) -> None:
    lacking = {**ids, "contracts": {"row_id": uuid.UUID(int=1)}}
    with pytest.raises(AssertionError, match=r"add a real \['generation_id'\] for “contracts” to `ids`"):
        list(paths(admin_app, lacking))


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


def test_no_page_holds_a_script_a_style_or_a_handler_and_none_is_written_by_looking(admin_app: Flask, ids: Ids) -> None:
    visit = Visit(admin_app).sign_in_as("super_admin")
    walked = pages(admin_app, ids, visit)  # exports, which are audited, are no pages
    before = one("SELECT count(*) AS n FROM audit_entry").n
    found = {path: inline_parts(visit.get(path).text) for path in walked}
    assert {path: parts for path, parts in found.items() if parts} == {}
    assert one("SELECT count(*) AS n FROM audit_entry").n == before


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
