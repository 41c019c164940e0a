"""Deleting in a real browser: where the focus is, what the dialog says, and sample keys while one types (UX 16)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import keep, violations
from tests.world import World, one

AsRole = Callable[[str], Page]


def test_the_dialog_takes_the_focus_and_gives_it_back(as_role: AsRole, host: str, world: World) -> None:
    contract, _ = world.reseller(name="TechReseller 2025")
    world.generate(contract, 12)
    world.close(contract)
    page = as_role("super_admin")
    page.goto(f"{host}/admin/contracts/{contract.id}/")
    page.wait_for_load_state()
    opener = page.locator(".page-actions").get_by_role("link", name="Delete")
    opener.focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("dialog").get_by_label("Type TechReseller 2025 to confirm")
    expect(field).to_be_focused()
    expect(page.get_by_role("dialog")).to_contain_text("12 licenses: 12 available")
    keep(page, "delete-dialog")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("TechReseller 2025")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Its name is free again.")).to_be_visible()
    expect(page.get_by_text("Its keys are gone")).to_be_visible()
    keep(page, "deleted")
    assert one("SELECT closed FROM contract_quota").closed


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 375)])
def test_axe_finds_nothing_on_the_pages_of_deleting(
    examined: Page, as_role: AsRole, host: str, world: World, theme: str, width: int
) -> None:
    contract, _ = world.reseller(name="TechReseller 2025")
    world.generate(contract, 12)
    world.contract(generator=world.generator(name="Another"))
    chief = as_role("super_admin")
    examined.context.add_cookies(chief.context.cookies())
    examined.emulate_media(color_scheme=theme)
    examined.set_viewport_size({"width": width, "height": 900})
    generator, product = contract.generator_id, contract.product_id
    pages = {
        "generator": f"generators/{generator}/", "retire": f"generators/{generator}/delete/",
        "generator-edit": f"generators/{generator}/edit/", "product": f"products/{product}/",
        "product-delete": f"products/{product}/delete/", "product-deactivate": f"products/{product}/deactivate/",
        "delete": f"contracts/{contract.id}/delete/",
    }  # fmt: skip
    found = {}
    for name, path in pages.items():
        examined.goto(f"{host}/admin/{path}")
        keep(examined, f"{name}-{theme}-{width}")
        found[name] = violations(examined)
    world.close(contract)
    examined.goto(f"{host}/admin/contracts/{contract.id}/delete/")
    keep(examined, f"delete-closed-{theme}-{width}")
    found["closed"] = violations(examined)
    examined.get_by_label("to confirm").fill("TechReseller 2025")
    examined.get_by_role("button", name="Delete for good").click()
    expect(examined.get_by_text("Its keys are gone")).to_be_visible()
    keep(examined, f"deleted-{theme}-{width}")
    found["deleted"] = violations(examined)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert examined.evaluate("document.documentElement.scrollWidth") <= width


def test_sample_keys_follow_the_pattern(as_role: AsRole, host: str, world: World) -> None:
    world.product()
    page = as_role("admin")
    page.goto(f"{host}/admin/generators/new/")
    page.wait_for_load_state()
    page.get_by_label("Pattern").fill("ACME-***")
    expect(page.locator("#key-preview")).to_contain_text("could be guessed")
    page.get_by_label("Pattern").fill("ACME-*****-*****-*****-*****")
    expect(page.locator("#key-preview li").first).to_contain_text("ACME-")
    expect(page.locator("#key-preview")).to_contain_text("99 bits")
    expect(page.locator("#key-preview")).not_to_contain_text("could be guessed")
