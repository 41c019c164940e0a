"""The list of contracts in a browser: search, state in the URL, chips and ticked rows (UX 5 to 8, 12, 13)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.admin.office import Visit
from tests.browser import steps
from tests.world import World

Entered = Callable[[str], Page]
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


@pytest.fixture
def five(world: World) -> None:
    """Five contracts, two of them pools."""
    generator = world.generator()
    for name in ("alpha", "beta", "gamma"):
        world.contract(generator=generator, name=name)
    for name in ("pool one", "pool two"):
        world.contract(generator=generator, name=name, type="pool")


def opened(page: Page, host: str, query: str = "") -> None:
    page.goto(f"{host}/admin/contracts{query}")
    page.wait_for_load_state()


def shown(page: Page) -> list[str]:
    return page.locator("#results td.cell-link a").all_inner_texts()


@pytest.mark.usefixtures("five")
def test_a_search_is_asked_once_after_the_last_key(as_role: Entered, host: str) -> None:
    page = as_role("viewer")
    opened(page, host)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "search=" in request.url else None)
    with page.expect_response(re.compile("search=pool")):
        page.get_by_role("searchbox").press_sequentially("pool", delay=40)
    expect(page.locator("#result-count")).to_have_text("2 contracts")
    page.wait_for_timeout(500)
    assert len(asked) == 1


@pytest.mark.usefixtures("five")
def test_the_url_holds_the_list_for_another_browser_and_for_back(
    as_role: Entered, host: str, browser: Browser, page: Page
) -> None:
    as_role("admin")
    opened(page, host)
    with page.expect_response(re.compile("type=pool")):
        page.get_by_label("Type", exact=True).select_option("pool")
    expect(page).to_have_url(re.compile("type=pool"))
    expect(page.locator(UNSETTLED)).to_have_count(0)
    with page.expect_response(re.compile("sort=name")):
        page.get_by_label("Sort by").select_option("name")
    expect(page).to_have_url(re.compile("type=pool.*sort=name"))
    expect(page.locator(UNSETTLED)).to_have_count(0)
    rows = shown(page)
    assert len(rows) == 2
    context = browser.new_context()
    context.add_cookies([{"name": c["name"], "value": c["value"], "url": host} for c in page.context.cookies()])
    other = context.new_page()
    opened(other, host, f"?{page.url.partition('?')[2]}")
    assert shown(other) == rows
    context.close()
    page.get_by_role("link", name=re.compile("^pool one")).first.click()
    expect(page.get_by_role("heading", name="pool one").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("type=pool.*sort=name"))
    expect(page.get_by_label("Type", exact=True)).to_have_value("pool")
    assert shown(page) == rows
    page.wait_for_load_state()


@pytest.mark.usefixtures("five")
def test_chips_are_removed_by_keyboard_one_by_one_or_all(as_role: Entered, host: str) -> None:
    page = as_role("viewer")
    opened(page, host, "?search=o&type=pool&status=active")
    page.get_by_role("link", name="Remove filter Type: Pool").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{host}/admin/contracts?search=o&status=active")
    expect(page.locator("#result-count")).to_have_text("2 contracts")
    page.wait_for_load_state()
    page.get_by_role("link", name="Clear all").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{host}/admin/contracts")
    expect(page.locator("#result-count")).to_have_text("5 contracts")
    page.wait_for_load_state()


@pytest.mark.usefixtures("five")
def test_the_bar_counts_ticked_rows_and_escape_clears_them(as_role: Entered, host: str) -> None:
    page = as_role("admin")
    opened(page, host)
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    page.get_by_label("Tick alpha").check()
    page.get_by_label("Tick beta").check()
    expect(bar.get_by_role("status")).to_have_text("2 selected")
    steps.keep(page, "bulk-bar")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(page.get_by_label("Tick alpha")).not_to_be_checked()
    page.get_by_label("Tick all rows of this page").check()
    expect(bar.get_by_role("status")).to_have_text("5 selected")
    page.get_by_role("button", name="Clear selection").click()
    expect(bar).to_be_hidden()


@pytest.mark.usefixtures("five")
def test_all_matching_is_confirmed_with_its_number_and_done(as_role: Entered, host: str) -> None:
    page = as_role("admin")
    opened(page, host, "?type=pool")
    page.get_by_label("Tick pool one").check()
    page.get_by_label("All 2 matching").check()
    page.get_by_label("With the ticked rows").select_option("deactivate")
    page.get_by_role("button", name="Continue").click()
    steps.keep(page, "bulk-confirm")
    page.get_by_role("button", name="Deactivate 2 contracts").click()
    expect(page.get_by_text("2 contracts deactivated.")).to_be_visible()
    expect(page).to_have_url(f"{host}/admin/contracts?type=pool")
    page.wait_for_load_state()


@pytest.mark.usefixtures("five")
def test_ticked_rows_change_without_scripts(browser: Browser, host: str, admin_app: Flask) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    steps.enter(page, host, Visit(admin_app).sign_in_as("admin"))
    page.goto(f"{host}/admin/contracts")
    page.get_by_label("Tick alpha").check()
    page.get_by_label("With the ticked rows").select_option("deactivate")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Deactivate 1 contract").click()
    expect(page.get_by_text("1 contract deactivated.")).to_be_visible()
    page.wait_for_load_state()
    context.close()
