"""The palette and the shortcuts, by keyboard in a real browser (UX 40, 41)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from tests.admin.office import Visit
from tests.browser.steps import enter, keep, violations
from tests.world import World

Enter = Callable[[str], Page]
CHOSEN = "#palette-results [aria-selected=true]"


def opened(page: Page, url: str, keys: str = "Control+k") -> Page:
    """Open a page and, once its scripts listen, the palette."""
    page.goto(url)
    page.wait_for_load_state()
    page.keyboard.press(keys)
    expect(page.locator("#palette-query")).to_be_focused()
    return page


def ask(page: Page, query: str) -> None:
    page.locator("#palette-query").fill(query)
    expect(page.locator("#palette-results")).to_have_attribute("data-query", query)


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k"])
def test_contracts_and_enter_opens_the_contracts_however_fast_it_is_typed(as_role: Enter, host: str, keys: str) -> None:
    page = opened(as_role("viewer"), f"{host}/admin/", keys)
    page.keyboard.type("contracts")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}/admin/contracts")


def test_arrows_home_and_end_choose_and_esc_gives_the_focus_back(as_role: Enter, host: str) -> None:
    page = as_role("admin")
    page.goto(f"{host}/admin/contracts")
    page.wait_for_load_state()
    page.locator("#search").focus()
    page.keyboard.press("Control+k")
    query = page.locator("#palette-query")
    expect(query).to_be_focused()
    for key, said in (("ArrowDown", "Contracts"), ("ArrowUp", "Home"), ("ArrowUp", "Second factor"), ("Home", "Home"),
                      ("End", "Second factor"), ("ArrowDown", "Home")):  # fmt: skip
        page.keyboard.press(key)
        expect(page.locator(CHOSEN)).to_have_text(said)
        expect(query).to_have_attribute("aria-activedescendant", str(page.locator(CHOSEN).get_attribute("id")))
    keep(page, "palette-open")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#search")).to_be_focused()


def test_it_finds_contracts_licenses_and_jobs_by_what_identifies_them(as_role: Enter, host: str, world: World) -> None:
    contract, _ = world.reseller(name="TechReseller 2026")
    license_ = world.generate(contract, 1).licenses[0]
    job = world.generate(contract, 100)
    page = opened(as_role("admin"), f"{host}/admin/")
    for query, path in (
        ("techres", f"contracts/{contract.id}"), (str(contract.id), f"contracts/{contract.id}"),
        (license_.key.lower(), f"licenses/{license_.id}"), (str(job.generation_id), f"jobs/{job.generation_id}"),
    ):  # fmt: skip
        ask(page, query)
        expect(page.locator(CHOSEN)).to_have_attribute("href", f"/admin/{path}/")
    ask(page, "nothing is called that")
    expect(page.locator("#palette-results")).to_contain_text("Nothing is called that.")
    expect(page.locator("#palette-query")).not_to_have_attribute("aria-activedescendant", re.compile("."))


def test_it_does_what_the_role_may_and_offers_nothing_else(as_role: Enter, host: str, world: World) -> None:
    contract, _ = world.reseller(name="TechReseller 2026")
    page = opened(as_role("admin"), f"{host}/admin/")
    ask(page, "generate techres")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}/admin/contracts/{contract.id}/generate/")
    opened(page, f"{host}/admin/")
    ask(page, "staging")
    page.keyboard.press("Enter")
    expect(page.locator(".environment-bar")).to_contain_text("Staging")
    opened(page, f"{host}/admin/")
    ask(page, "sign out")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sign-in"))

    opened(as_role("viewer"), f"{host}/admin/")
    for query in ("create", "generate techres"):
        ask(page, query)
        expect(page.locator("#palette-results [role=option][id]")).to_have_count(0)


def test_a_question_mark_lists_the_keys_and_single_keys_rest_in_a_field(as_role: Enter, host: str) -> None:
    page = as_role("admin")
    page.goto(f"{host}/admin/contracts")
    page.wait_for_load_state()
    page.locator("#search").focus()
    page.keyboard.type("c?")
    expect(page.locator("#search")).to_have_value("c?")
    page.wait_for_url(re.compile("search=c"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#dialog")).to_contain_text("Generate licenses, on the page of a contract")
    keep(page, "shortcuts-open")
    page.keyboard.press("c")  # the page behind stays quiet
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    page.wait_for_url(f"{host}/admin/contracts/new/")


def test_single_keys_can_be_off_and_the_palette_still_opens(as_role: Enter, host: str) -> None:
    page = as_role("admin")

    def without_keys(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('data-hotkeys="on"', 'data-hotkeys="off"'))

    page.route("**/admin/contracts", without_keys)
    page.goto(f"{host}/admin/contracts")
    page.wait_for_load_state()
    for key in ("?", "/", "c"):
        page.keyboard.press(key)
    expect(page.locator("#search")).not_to_be_focused()
    expect(page.locator("#dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-query")).to_be_focused()
    assert page.url == f"{host}/admin/contracts"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_dialogs_and_menus_are_accessible(
    examined: Page, admin_app: Flask, host: str, world: World, scheme: str
) -> None:
    contract, _ = world.reseller(name="TechReseller 2026")
    examined.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    enter(examined, host, Visit(admin_app).sign_in_as("super_admin"))
    opened(examined, f"{host}/admin/contracts/{contract.id}/")
    ask(examined, "e")
    keep(examined, f"palette-{scheme}")
    found = violations(examined)
    examined.keyboard.press("Escape")
    examined.get_by_role("link", name="Revoke", exact=True).click()
    expect(examined.locator("#dialog")).to_be_visible()
    keep(examined, f"confirm-{scheme}")
    found += violations(examined)
    examined.keyboard.press("Escape")
    for menu in examined.locator("summary.btn").all():
        menu.click()
        keep(examined, f"menu-{scheme}-{menu.inner_text().strip()[:6]}")
        found += violations(examined)
        examined.keyboard.press("Escape")
    assert found == []
