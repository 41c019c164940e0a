"""Signing in: who gets in, where they land, and what an attacker learns (SPEC S-3)."""

from __future__ import annotations

import pytest
from flask import Flask

from shared import clock
from shared.services import passwords, staff
from shared.transaction import transaction
from tests.admin.office import PASSWORD, Visit, hidden, invite, words_of
from tests.world import one, rows

EMAIL = "ada@example.org"
FOREIGN = [
    "//evil.example",
    "https://evil.example/admin/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\tevil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/admin/ /x",
    "/" + "x" * 5000,
    "///evil.example",
    "/\x00",
    "http:evil.example",
]


@pytest.fixture
def ada(admin_app: Flask) -> str:  # noqa: ARG001 - on the clean database
    """A person with a password."""
    invite(EMAIL, "admin")
    with transaction():
        person = staff.find_by_email(email=EMAIL)
        assert person is not None
        person.password_hash = passwords.hash_password(PASSWORD)
    return EMAIL


def sign_in(visit: Visit, email: str, password: str, **fields: str) -> tuple[int, str]:
    answer = visit.post("/sign-in", {"email": email, "password": password, **fields})
    return answer.status_code, answer.headers.get("Location", "")


def test_a_page_sends_a_stranger_to_sign_in_and_back(stranger: Visit, ada: str) -> None:
    sent = stranger.get("/admin/contracts?search=50%25&page=2")
    assert sent.status_code == 302
    form = stranger.get(sent.headers["Location"])
    wanted = hidden(form, "next")
    assert wanted == "/admin/contracts?search=50%25&amp;page=2"
    assert sign_in(stranger, ada, PASSWORD, next="/admin/contracts?search=50%25&page=2") == (
        303,
        "/admin/contracts?search=50%25&page=2",
    )
    assert stranger.get("/admin/contracts").status_code == 200


@pytest.mark.parametrize("path", FOREIGN)
def test_signing_in_never_leads_away(stranger: Visit, ada: str, path: str) -> None:
    assert sign_in(stranger, ada, PASSWORD, next=path) == (303, "/admin/")


def test_the_sign_in_page_drops_a_foreign_destination(stranger: Visit) -> None:
    assert hidden(stranger.get("/sign-in?next=//evil.example"), "next") == ""


def test_somebody_signed_in_goes_on_from_the_sign_in_page(admin: Visit) -> None:
    assert admin.get("/sign-in?next=//evil.example").headers["Location"] == "/admin/"
    assert admin.get("/sign-in?next=/admin/jobs").headers["Location"] == "/admin/jobs"


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), ("nobody@example.org", PASSWORD), ("", ""), ("a\x00@example.org", PASSWORD), (EMAIL, "")],
)
def test_a_refusal_does_not_say_which_of_the_two_is_wrong(
    stranger: Visit, ada: str, email: str, password: str  # noqa: ARG001 - she exists
) -> None:  # fmt: skip
    answer = stranger.post("/sign-in", {"email": email, "password": password})
    assert answer.status_code == 401
    assert "E-mail or password is wrong." in answer.text


def test_the_email_counts_in_any_case(stranger: Visit, ada: str) -> None:
    assert sign_in(stranger, ada.upper(), PASSWORD)[0] == 303


def test_a_session_begins_empty_so_that_none_can_be_planted(stranger: Visit, ada: str) -> None:
    before = stranger.token()
    with stranger.client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["theme"] = "dark"
    sign_in(stranger, ada, PASSWORD)
    with stranger.client.session_transaction() as session:
        assert set(session) == {"token", "theme", "_permanent"}
    assert stranger.client.post("/sign-out", data={"csrf_token": before}).status_code == 403


def test_signing_out_ends_the_session_even_for_a_copied_cookie(stranger: Visit, ada: str, admin_app: Flask) -> None:
    sign_in(stranger, ada, PASSWORD)
    with stranger.client.session_transaction() as session:
        token = session["token"]
    assert stranger.post("/sign-out").headers["Location"] == "/sign-in"
    thief = Visit(admin_app)
    with thief.client.session_transaction() as session:
        session["token"] = token
    assert thief.get("/admin/").status_code == 302
    assert [row.action for row in rows("SELECT action FROM audit_entry ORDER BY id")][-2:] == [
        "staff.signed_in",
        "staff.signed_out",
    ]


def test_a_disabled_person_is_out_with_the_next_request(admin: Visit) -> None:
    with transaction():
        person = staff.find_by_email(email=admin.email)
        assert person is not None
        person.disabled_at = clock.now()
    assert admin.get("/admin/").status_code == 302


def test_a_one_time_link_survives_being_looked_at_and_works_once(stranger: Visit, admin_app: Flask) -> None:
    path = f"/link/{invite('new@example.org', 'operator')}"
    for _ in range(3):
        assert "new@example.org" in stranger.get(path).text
    answer = stranger.post(path, {"password": PASSWORD, "repeated": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/")
    assert stranger.get("/admin/").status_code == 200
    other = Visit(admin_app)
    assert other.get(path).status_code == 410
    assert other.post(path, {"password": PASSWORD, "repeated": PASSWORD}).status_code == 410
    assert other.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("password", "repeated", "sentence"),
    [("short", "short", "Use 12 to 200 characters"), (PASSWORD, PASSWORD + "x", "The two passwords differ")],
)
def test_a_refused_password_leaves_the_link_good(stranger: Visit, password: str, repeated: str, sentence: str) -> None:
    path = f"/link/{invite('new@example.org', 'operator')}"
    answer = stranger.post(path, {"password": password, "repeated": repeated})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert stranger.post(path, {"password": PASSWORD, "repeated": PASSWORD}).status_code == 303


@pytest.mark.parametrize("token", ["nonsense", "%00", "%F0%9F%94%91", "x" * 3000])
def test_a_link_that_never_was_is_gone(stranger: Visit, token: str) -> None:
    assert stranger.get(f"/link/{token}").status_code == 410


def test_guessing_is_slowed_for_the_account_and_says_for_how_long(stranger: Visit, ada: str) -> None:
    assert [sign_in(stranger, ada, f"guess {n}")[0] for n in range(6)] == [401] * 5 + [429]
    answer = stranger.post("/sign-in", {"email": ada, "password": PASSWORD})
    assert answer.status_code == 429
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= 61
    assert f"Wait {wait} s" in answer.text
    assert sign_in(stranger, "other@example.org", "guess")[0] == 401


def test_guessing_at_many_accounts_is_slowed_for_the_address(stranger: Visit, ada: str) -> None:
    answers = [sign_in(stranger, f"n{n}@example.org", "guess")[0] for n in range(21)]
    assert answers == [401] * 20 + [429]
    elsewhere = stranger.client.post(
        "/sign-in",
        data={"csrf_token": stranger.token(), "email": ada, "password": PASSWORD},
        environ_overrides={"REMOTE_ADDR": "192.0.2.9"},
    )
    assert elsewhere.status_code == 303


def test_succeeding_is_not_counted_against_the_account(stranger: Visit, ada: str) -> None:
    for _ in range(7):
        assert sign_in(stranger, ada, PASSWORD)[0] == 303
        stranger.post("/sign-out")


def test_a_change_by_nobody_is_refused_and_not_redirected(stranger: Visit) -> None:
    assert stranger.post("/admin/preferences", {"theme": "dark"}).status_code == 401


def test_a_fragment_asked_for_by_nobody_leads_to_the_sign_in_page(stranger: Visit) -> None:
    answer = stranger.get("/admin/contracts", headers={"HX-Request": "true"})
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_signing_in_is_audited_with_the_address(stranger: Visit, ada: str) -> None:
    sign_in(stranger, ada, PASSWORD)
    entry = one("SELECT host(address) AS address, request_id FROM audit_entry WHERE action = 'staff.signed_in'")
    assert entry.address == "127.0.0.1"
    assert entry.request_id.startswith("req_")
