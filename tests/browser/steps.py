"""What people do at the back-office in a browser, as steps for stories."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.admin.office import PASSWORD, Visit, invite

PICTURES = os.environ.get("PICTURES_IN")  # a directory to keep screenshots in, for eyes
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = (  # no rule among them needs styles or media loaded again
    "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
    " resultTypes: ['violations'], preload: false}"
)


def enter(page: Page, host: str, visit: Visit) -> None:
    """Take over the session of a visit that has signed in past the form."""
    cookie = visit.client.get_cookie(str(visit.app.config["SESSION_COOKIE_NAME"]))
    assert cookie is not None
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": host}])


def keep(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    """Return what axe holds against the page as it is now; its context has to bypass the policy."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE)
    found = page.evaluate(f"axe.run({RULES})")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"][:2]]


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
    page.wait_for_load_state()  # a choice made before the scripts listen brings no new generators
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
