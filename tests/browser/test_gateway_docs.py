"""The gateway's pages in a real browser: accessible, quiet, and no wider than the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.conftest import served
from tests.browser.walk import EVERY, look_over

PAGES = ("/", "/docs", "/docs/errors")


@pytest.fixture(scope="module")
def host(gateway_app: Flask) -> Iterator[str]:
    with served(gateway_app) as address:
        yield address


def test_axe_finds_nothing_in_any_theme_or_width(examined: Page, host: str):
    for path in PAGES:
        assert look_over(examined, host + path, f"gateway{path.replace('/', '-')}", EVERY) == []


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
