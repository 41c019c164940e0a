"""The gateway's pages in a real browser: accessible, quiet, and no wider than the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.conftest import served
from tests.browser.steps import keep

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PAGES = ("/", "/docs", "/docs/errors")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"


@pytest.fixture(scope="module")
def host(gateway_app: Flask) -> Iterator[str]:
    with served(gateway_app) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_nothing(browser: Browser, host: str, scheme: str, width: int):
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    for path in PAGES:
        page.goto(host + path)
        keep(page, f"{path.strip('/').replace('/', '-') or 'start'}-{scheme}-{width}")
        page.add_script_tag(path=AXE)
        found = page.evaluate(f"axe.run({RULES})")
        assert [(path, rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    context.close()


def test_pages_fit_ask_nobody_else_and_break_no_policy(browser: Browser, host: str):
    context = browser.new_context(viewport={"width": 320, "height": 700}, java_script_enabled=True)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto(host + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert said == []
    assert [url for url in asked if not url.startswith(host)] == []
    context.close()
