"""Two steps of signing in, and the page that turns the second one on and off (SPEC S-3)."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from flask import Flask

from admin_app import entry
from shared import clock
from tests.admin.office import PASSWORD, Visit, invite, words_of
from tests.running import ROOT
from tests.world import one

PAGE = "/admin/profile/second-factor"


@pytest.fixture
def ada(admin_app: Flask) -> Visit:
    return Visit(admin_app).sign_in_as("viewer", password=PASSWORD)


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def begin(person: Visit) -> str:
    assert person.post(f"{PAGE}/begin").status_code == 303
    found = re.search(r'<p class="secret"><code>([A-Z2-7]{32})</code>', person.get(PAGE).text)
    assert found
    return found[1]


def turn_on(person: Visit) -> tuple[str, list[str]]:
    """Return the secret and the recovery codes; the step before the present one is used up."""
    secret = begin(person)
    answer = person.post(f"{PAGE}/enable", {"code": code_of(secret, -1)})
    assert answer.status_code == 200, words_of(answer)
    return secret, re.findall(r"<li><code>([0-9a-z-]{19})</code></li>", answer.text)


def password_step(app: Flask, person: Visit, path: str = "") -> Visit:
    browser = Visit(app)
    answer = browser.post("/sign-in", {"email": person.email, "password": PASSWORD, "next": path})
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in/code")
    return browser


def test_setting_up_shows_a_picture_and_the_secret_and_changes_nothing_yet(ada: Visit) -> None:
    secret = begin(ada)
    page = ada.get(PAGE)
    assert re.search(r'<img class="qr" src="data:image/svg\+xml', page.text)
    assert "style=" not in page.text
    assert ada.post(f"{PAGE}/enable", {"code": code_of(secret, 50)}).status_code == 422
    assert one("SELECT count(*) AS n FROM second_factor WHERE enabled_at IS NOT NULL").n == 0
    assert Visit(ada.app).post("/sign-in", {"email": ada.email, "password": PASSWORD}).location == "/admin/"


def test_a_right_code_turns_it_on_and_shows_ten_recovery_codes_once(ada: Visit) -> None:
    _, codes = turn_on(ada)
    assert len(set(codes)) == 10
    page = ada.get(PAGE).text
    assert not any(code in page for code in codes)
    assert "10 of 10 recovery codes are unused" in page
    assert ada.post(f"{PAGE}/begin").status_code == 303, "a second secret is not set up over the first"
    assert "10 of 10" in ada.get(PAGE).text


def test_half_of_a_sign_in_opens_nothing(ada: Visit, admin_app: Flask) -> None:
    turn_on(ada)
    half = password_step(admin_app, ada)
    for path in ("/admin/", "/admin/profile", "/admin/contracts"):
        assert half.get(path).location.startswith("/sign-in?next="), path
    assert half.post("/admin/preferences", {"theme": "dark"}).status_code == 401
    assert one("SELECT count(*) AS n FROM staff_session").n == 1


def test_a_right_code_finishes_under_a_new_session_and_goes_on(ada: Visit, admin_app: Flask) -> None:
    secret, _ = turn_on(ada)
    half = password_step(admin_app, ada, "/admin/jobs")
    with half.client.session_transaction() as session:
        assert set(session) - {"csrf_token"} == {"half"}
    answer = half.post("/sign-in/code", {"code": code_of(secret, 0), "next": "/admin/jobs"})
    assert (answer.status_code, answer.location) == (303, "/admin/jobs")
    with half.client.session_transaction() as session:
        assert set(session) == {"token", "_permanent"}
    assert half.get("/admin/").status_code == 200
    again = password_step(admin_app, ada)
    assert again.post("/sign-in/code", {"code": code_of(secret, 0)}).status_code == 401, "no code works twice"


def test_a_recovery_code_lets_in_once(ada: Visit, admin_app: Flask) -> None:
    _, codes = turn_on(ada)
    assert password_step(admin_app, ada).post("/sign-in/code", {"code": codes[0].upper()}).status_code == 303
    assert password_step(admin_app, ada).post("/sign-in/code", {"code": codes[0]}).status_code == 401
    assert "9 of 10" in ada.get(PAGE).text


def test_nobody_comes_to_the_code_without_a_password(stranger: Visit) -> None:
    assert stranger.get("/sign-in/code").location.startswith("/sign-in")
    assert stranger.post("/sign-in/code", {"code": "123456"}).location.startswith("/sign-in")


def test_half_of_a_sign_in_ends_after_ten_minutes(
    ada: Visit, admin_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_on(ada)
    half = password_step(admin_app, ada)
    assert half.get("/sign-in/code").status_code == 200
    assert entry.HALF_SECONDS == 600
    monkeypatch.setattr(entry, "HALF_SECONDS", -1)
    assert half.get("/sign-in/code").status_code == 303


def test_a_changed_password_ends_what_the_old_one_began(ada: Visit, admin_app: Flask) -> None:
    secret, _ = turn_on(ada)
    half = password_step(admin_app, ada)
    new = "some other unrelated words"
    ada.post("/admin/profile/password", {"current": PASSWORD, "password": new, "repeated": new})
    assert half.post("/sign-in/code", {"code": code_of(secret, 0)}).location.startswith("/sign-in")
    assert half.get("/admin/").status_code == 302


def test_guessing_codes_is_slowed_and_says_for_how_long(ada: Visit, admin_app: Flask) -> None:
    secret, _ = turn_on(ada)
    half = password_step(admin_app, ada)
    assert [half.post("/sign-in/code", {"code": f"guess {n}"}).status_code for n in range(6)] == [401] * 5 + [429]
    right = password_step(admin_app, ada).post("/sign-in/code", {"code": code_of(secret, 0)})
    assert right.status_code == 429, "another browser does not help"
    assert 1 <= int(right.headers["Retry-After"]) <= 61
    assert "Wait" in words_of(right)


def test_a_one_time_link_does_not_get_around_it(ada: Visit, admin_app: Flask) -> None:
    turn_on(ada)
    browser = Visit(admin_app)
    path = f"/link/{invite(ada.email, 'viewer')}"
    assert browser.post(path, {"password": PASSWORD, "repeated": PASSWORD}).location.startswith("/sign-in/code")
    assert browser.get("/admin/").status_code == 302


@pytest.mark.parametrize(("password", "code"), [("wrong", "right"), (PASSWORD, "000000")])
def test_turning_it_off_takes_password_and_code(ada: Visit, password: str, code: str) -> None:
    secret, _ = turn_on(ada)
    right = code_of(secret, 0)
    fields = {"password": password, "code": right if code == "right" else code}
    assert ada.post(f"{PAGE}/disable", fields).status_code == 422
    assert "10 of 10" in ada.get(PAGE).text
    assert ada.post(f"{PAGE}/disable", {"password": PASSWORD, "code": right}).status_code == 303
    assert "is off" in words_of(ada.get(PAGE))
    assert Visit(ada.app).post("/sign-in", {"email": ada.email, "password": PASSWORD}).location == "/admin/"


def test_new_recovery_codes_end_those_before(ada: Visit) -> None:
    secret, old = turn_on(ada)
    answer = ada.post(f"{PAGE}/codes", {"password": PASSWORD, "code": code_of(secret, 0)})
    new = re.findall(r"<li><code>([0-9a-z-]{19})</code></li>", unescape(answer.text))
    assert len(new) == 10
    assert not set(new) & set(old)


def command(environ: dict[str, str], email: str) -> tuple[int, str]:
    line = [sys.executable, "-c", "from shared.cli import main; main()", "staff", "reset-second-factor", email]
    done = subprocess.run(line, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


def test_an_operator_resets_the_second_factor_of_who_lost_it(ada: Visit, environ: dict[str, str]) -> None:
    status, sentence = command(environ, "nobody@example.org")
    assert status == 1
    assert sentence.startswith("allotment: No person with the e-mail 'nobody@example.org'")
    assert command(environ, ada.email)[0] == 1, "there is none to reset"
    turn_on(ada)
    assert command(environ, ada.email)[0] == 0
    assert Visit(ada.app).post("/sign-in", {"email": ada.email, "password": PASSWORD}).location == "/admin/"
    assert one("SELECT actor FROM audit_entry WHERE action = 'staff.second_factor_reset'").actor == "command"
