"""What an attacker at the sign-in page learns and gets: the same answer for the same work, and longer waits (S-3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from flask import Flask
from structlog.testing import capture_logs

from shared import clock
from shared.services import passwords, staff
from shared.transaction import transaction
from tests.admin.office import PASSWORD, Visit, invite
from tests.world import one, rows

KNOWN, DISABLED, PASSWORDLESS, UNKNOWN = "known", "disabled", "passwordless", "unknown"


@pytest.fixture
def people(admin_app: Flask) -> None:  # noqa: ARG001 - on the clean database
    for name in (KNOWN, DISABLED, PASSWORDLESS):
        invite(f"{name}@example.org", "admin")
    with transaction():
        for name in (KNOWN, DISABLED):
            person = staff.find_by_email(email=f"{name}@example.org")
            assert person is not None
            person.password_hash = passwords.hash_password(PASSWORD)
            person.disabled_at = clock.now() if name == DISABLED else None


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what argon2 verifies; it goes on verifying."""
    seen: list[str] = []
    real: Callable[..., bool] = PasswordHasher.verify

    def counting(self: PasswordHasher, stored: str, password: bytes) -> bool:
        seen.append(stored)
        return real(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    return seen


def shown(visit: Visit, email: str, password: str) -> tuple[int, str]:
    answer = visit.post("/sign-in", {"email": email, "password": password})
    page = answer.text.replace(email, "").replace(email.upper(), "")
    return answer.status_code, re.sub(r'(name="csrf_token"[^>]*value)="[^"]*"', r"\1", page)


@pytest.mark.usefixtures("people")
def test_unknown_disabled_and_passwordless_take_one_verification_and_get_one_answer(
    stranger: Visit, verified: list[str]
) -> None:
    answers = []
    for name, password in ((KNOWN, "wrong"), (DISABLED, PASSWORD), (PASSWORDLESS, PASSWORD), (UNKNOWN, PASSWORD)):
        verified.clear()
        answers.append(shown(stranger, f"{name}@example.org", password))
        assert len(verified) == 1, name
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 401


@pytest.mark.usefixtures("people")
def test_a_refused_sign_in_is_recorded_at_the_person_and_nobody_else_is_named(stranger: Visit) -> None:
    with capture_logs() as lines:
        for name in (KNOWN, DISABLED, UNKNOWN):
            stranger.post("/sign-in", {"email": f"{name}@example.org", "password": "wrong"})
    found = rows(
        "SELECT subject, actor, host(address) AS address FROM audit_entry WHERE action = 'staff.sign_in_failed'"
    )
    people = rows("SELECT id FROM staff WHERE email IN ('known@example.org', 'disabled@example.org')")
    assert {entry.subject for entry in found} == {f"staff:{person.id}" for person in people}
    assert {(entry.actor, entry.address) for entry in found} == {("stranger", "127.0.0.1")}
    assert [line["event"] for line in lines if line["event"] == "sign_in.refused"] == ["sign_in.refused"]
    assert "example.org" not in str(lines)


@pytest.mark.usefixtures("people")
def test_the_trail_of_refusals_is_bounded_by_the_limit(stranger: Visit) -> None:
    for _ in range(9):
        stranger.post("/sign-in", {"email": "known@example.org", "password": "wrong"})
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'staff.sign_in_failed'").n == 5


@pytest.mark.usefixtures("people")
def test_many_guesses_at_once_are_not_let_through_together(admin_app: Flask) -> None:
    visits = [Visit(admin_app) for _ in range(8)]
    tokens = [visit.token() for visit in visits]

    def guess(number: int) -> int:
        fields = {"csrf_token": tokens[number], "email": "known@example.org", "password": "wrong"}
        return visits[number].client.post("/sign-in", data=fields).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(guess, range(8))) == [401] * 5 + [429] * 3
