"""Every page in light and dark, at 1280 and at 375 pixels, as axe sees it (UX 44)."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import browser, examined, host, office_address
from tests.browser.walk import EVERY, Ids, ids, look_over_all

__all__ = ["browser", "examined", "host", "ids", "office_address"]


@pytest.mark.prove
def test_axe_finds_nothing_in_any_combination(examined: Page, admin_app: Flask, host: str, ids: Ids) -> None:
    begun = time.monotonic()
    walked, seen, wrong = look_over_all(examined, admin_app, host, ids, (EVERY,))
    print(f"\nUX 44: {walked} pages, {seen} combinations, {len(wrong)} faults, {time.monotonic() - begun:.0f} s")
    assert wrong == []
