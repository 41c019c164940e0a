"""A real chromium for each test process, and pages that fail their test when the policy or a script complained."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests.admin.office import Visit
from tests.browser import steps

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
REFUSED = re.compile(r"Content Security Policy|Refused to", re.IGNORECASE)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve ``app`` from threads of this process; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One chromium for all tests of a process; each test opens contexts of its own."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield found
        found.close()


@pytest.fixture(scope="session")
def office_address(admin_app_once: Flask) -> Iterator[str]:
    with served(admin_app_once) as address:
        yield address


@pytest.fixture
def host(admin_app: Flask, office_address: str) -> str:  # noqa: ARG001 - on the clean database
    """Where the back-office is served."""
    return office_address


@pytest.fixture
def page(browser: Browser, host: str) -> Iterator[Page]:
    """A page that fails the test when the policy spoke, a script failed or another host was asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)  # patient: the machine may be busy with other tests
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if REFUSED.search(message.text) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((host, "data:")) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def examined(browser: Browser) -> Iterator[Page]:
    """A page for axe, whose own styles the policy would refuse; nothing moves while it looks."""
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def as_role(page: Page, host: str, admin_app: Flask) -> Callable[[str], Page]:
    """Sign the page's browser in as a new person of a role, past the form."""

    def entered(role: str, *, password: str = "") -> Page:
        steps.enter(page, host, Visit(admin_app).sign_in_as(role, password=password))
        return page

    return entered
