"""The first floor in a real browser: from a one-time link to 500 licenses, quiet in the console (UX 18, 23 to 25)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests import running
from tests.admin.office import PASSWORD
from tests.browser.steps import ask_for, keep, make_catalog, make_contract, sign_in
from tests.world import one


def test_from_a_one_time_link_to_licenses(page: Page, host: str, environ: dict[str, str], tmp_path: Path) -> None:
    sign_in(page, host)
    make_catalog(page)
    make_contract(page)
    contract_url = page.url

    page.get_by_role("link", name="Generate licenses").click()
    ask_for(page, "5")
    expect(page.locator("#generate-preview")).to_contain_text("After this: 995")
    page.get_by_role("button", name="Generate licenses").click()
    expect(page.locator(".keys li")).to_have_count(5)
    keep(page, "generated")

    page.get_by_role("link", name="Generate more").click()
    ask_for(page, "500")
    expect(page.locator("#generate-preview")).to_contain_text("background job")
    page.get_by_role("button", name="Generate licenses").click()
    expect(page.locator("[data-job]")).to_contain_text("Waiting for a worker… 0 / 500")
    keep(page, "waiting")
    with running.worker(environ, tmp_path, JOB_CHUNK_SIZE="100"):
        expect(page.locator("[data-job][data-ended]")).to_contain_text("All 500 licenses are made", timeout=20_000)
    keep(page, "made")

    page.goto(contract_url)
    expect(page.get_by_text("50% utilized", exact=True)).to_be_visible()
    keep(page, "contract")
    assert one("SELECT used, reserved FROM contract_quota").used == 505


def test_a_key_is_revealed_in_a_dialog_and_the_palette_opens_pages(page: Page, host: str) -> None:
    sign_in(page, host)
    make_catalog(page)
    make_contract(page)
    page.get_by_role("link", name="Reveal").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Show the key").click()
    expect(page.locator("[data-secret]")).to_have_attribute("data-hide-after", "30")

    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-query")).to_be_focused()
    page.keyboard.type("contracts")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host}/admin/contracts")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "search=" in request.url else None)
    page.locator("#search").press_sequentially("techres", delay=30)
    page.wait_for_url(f"{host}/admin/contracts?search=techres")
    expect(page.locator("#result-count")).to_have_text("1 contract")
    assert len(asked) == 1, "one request for one pause"
