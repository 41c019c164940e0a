"""The first floor in a real browser: from a one-time link to 500 licenses, quiet in the console (UX 18, 23 to 25)."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests import running
from tests.admin.office import PASSWORD, invite
from tests.world import one

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
REFUSED = re.compile(r"Content Security Policy|Refused to", re.IGNORECASE)
PICTURES = os.environ.get("PICTURES_IN")  # a directory to keep screenshots in, for eyes


@pytest.fixture
def host(admin_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, admin_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, host: str) -> Iterator[Page]:
    """A page that fails the test when the policy spoke, a script failed or another host was asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if REFUSED.search(message.text) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((host, "data:")) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


def keep(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def sign_in(page: Page, host: str) -> None:
    page.goto(f"{host}/link/{invite('grace@example.org', 'super_admin')}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def make_catalog(page: Page) -> None:
    """Follow the first steps: a product, then its generator, first with keys too weak."""
    page.get_by_role("link", name="Create a product").click()
    page.get_by_label("Name").fill("Nimbus Studio")
    page.get_by_label("Code").fill("NIM")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Create generator").click()
    page.get_by_label("Name").fill("Standard keys")
    page.get_by_label("Pattern").fill("NIM-***")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("could be guessed")
    page.get_by_label("Pattern").fill("NIM-*****-*****-*****-*****")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("99 bits")).to_be_visible()


def make_contract(page: Page) -> None:
    """Make a reseller contract with API access, from the page of its generator."""
    page.get_by_role("link", name="Create contract").click()
    page.get_by_label("Name").fill("TechReseller 2026")
    page.get_by_label("Type").select_option("reseller")
    with page.expect_response(re.compile("product_id=")):  # choosing the product leaves only its generators
        page.locator("#product_id").select_option(label="Nimbus Studio")
    expect(page.locator("#generator_id option:checked")).to_have_text("Standard keys")
    page.get_by_label("Quota", exact=True).fill("1000")
    page.get_by_label("API access").check()
    page.get_by_role("button", name="Create contract").click()
    expect(page.locator("[data-secret] code")).to_have_text(re.compile(r"alk_live_[0-9A-Za-z]{61}"))
    keep(page, "key")
    page.get_by_role("link", name="Done").click()


def ask_for(page: Page, count: str) -> None:
    page.wait_for_load_state()  # the preview follows what is typed once the page's scripts listen
    page.get_by_role("spinbutton", name="Licenses").fill(count)


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
