"""Staff: invited by a link that works once, signed in for a while, out at once when disabled (SPEC S-3)."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest
from flask import Flask

from shared import clock, db
from shared.errors import InvalidInput, LinkSpent, SignInRefused
from shared.models import Staff
from shared.services import passwords, sessions, staff
from shared.services.audit import COMMAND, Actor
from shared.transaction import transaction
from tests.world import one, rows

pytestmark = pytest.mark.usefixtures("world")
NOW = clock.now()
HASH = passwords.hash_password("correct horse battery")
MOMENT = timedelta(microseconds=1)


def invite(email: str = "ada@example.org", role: str = "admin", *, at: datetime = NOW) -> str:
    with transaction():
        return staff.invite(email=email, role=role, by=COMMAND, at=at)


def spend(token: str, *, at: datetime = NOW) -> Staff:
    with transaction():
        return staff.spend_link(token=token, password_hash=HASH, at=at, by_address=None, request_id=None)


def sign_in(person: Staff, *, at: datetime = NOW) -> str:
    with transaction():
        return sessions.open_session(person=person, at=at, by=Actor(name=f"staff:{person.id}", address="192.0.2.1"))


def has_session(token: str, *, at: datetime = NOW) -> bool:
    with transaction():
        return sessions.find_session(token=token, at=at) is not None


def disable(person: Staff) -> None:
    with transaction():
        db.run("UPDATE staff SET disabled_at = now() WHERE id = %(id)s", id=person.id)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a b@example.org",
        "a@b@c",
        "ada@example.org,x@y",
        "<a@b>",
        "a\0@b",
        "a" * 65 + "@b",
    ],
)
def test_what_is_not_one_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput, match=r"Write one e-mail address\."):
        invite(email)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Choose one of: super_admin, admin, operator, viewer"):
        invite(role="root")
    assert rows("SELECT 1 FROM staff") == []


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput, match="Use 12 to 200 characters"):
        passwords.hash_password(password)


def test_a_link_that_never_was_or_has_run_out_is_refused() -> None:
    token = invite()
    for text, at in (("guess", NOW), (token[:-1], NOW), ("\ud800", NOW), (token, NOW + staff.LINK_LIFE)):
        with pytest.raises(LinkSpent):
            spend(text, at=at)
    assert spend(token, at=NOW + staff.LINK_LIFE - MOMENT).password_hash == HASH


def test_a_link_works_once_and_looking_at_it_spends_nothing() -> None:
    token = invite()
    for _ in range(3):
        with transaction():
            assert staff.find_link(token=token, at=NOW) is not None
    spend(token)
    with pytest.raises(LinkSpent):
        spend(token)
    with transaction():
        assert staff.find_link(token=token, at=NOW) is None


def test_two_who_click_at_once_set_one_password(app: Flask) -> None:
    token, results, gate = invite(), [], threading.Barrier(4)

    def click() -> None:
        with app.app_context():
            gate.wait()
            try:
                results.append(spend(token).email)
            except LinkSpent:
                results.append("spent")

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["ada@example.org", "spent", "spent", "spent"]


def test_a_password_set_by_link_ends_the_sessions_and_the_other_links_of_that_person() -> None:
    first, other = invite(), invite("bob@example.org")
    second = invite("ADA@example.org", role="viewer")
    session = sign_in(spend(second))
    third = invite()
    assert has_session(session)
    with pytest.raises(LinkSpent):
        spend(first)
    spend(third)
    assert not has_session(session)
    assert spend(other).email == "bob@example.org"


def test_inviting_somebody_again_keeps_the_person_and_records_the_new_role() -> None:
    invite(role="viewer")
    invite("Ada@Example.org", role="admin")
    assert [row.role for row in rows("SELECT role FROM staff")] == ["admin"]
    changes = [
        row.changes for row in rows("SELECT changes FROM audit_entry WHERE action = 'staff.invited' ORDER BY id")
    ]
    assert changes == [{"role": ["viewer", "viewer"]}, {"role": ["viewer", "admin"]}]


def test_somebody_disabled_has_no_link_no_session_and_no_way_in() -> None:
    token = invite()
    person = spend(token)
    session, unused = sign_in(person), invite()
    disable(person)
    assert not has_session(session)
    with transaction():
        assert staff.find_link(token=unused, at=NOW) is None
    with pytest.raises(LinkSpent):
        spend(unused)
    with transaction():
        again = staff.find_by_email(email="ada@example.org")
    assert again is not None
    with pytest.raises(SignInRefused):
        sign_in(again)


def test_a_session_ends_when_idle_when_old_and_when_left() -> None:
    token = sign_in(spend(invite()))
    assert has_session(token, at=NOW + sessions.SESSION_IDLE)
    assert not has_session(token, at=NOW + sessions.SESSION_IDLE + MOMENT)
    with transaction():
        db.run("UPDATE staff_session SET seen_at = %(at)s", at=NOW + sessions.SESSION_LIFE)
    assert has_session(token, at=NOW + sessions.SESSION_LIFE)
    assert not has_session(token, at=NOW + sessions.SESSION_LIFE + MOMENT)
    with transaction():
        sessions.end_session(token=token, by=Actor(name="staff:x"))
    assert not has_session(token)
    assert not has_session("guess")


def test_use_of_a_session_is_noted_at_most_once_a_minute() -> None:
    token = sign_in(spend(invite()))
    written = []
    for seconds in (0, 59, 60, 61, 120):
        with transaction():
            session = sessions.find_session(token=token, at=NOW)
            assert session is not None
            written.append(sessions.touch_session(session=session, at=NOW + timedelta(seconds=seconds)))
    assert written == [False, False, True, False, True]


def test_neither_links_nor_sessions_nor_passwords_are_stored_as_they_are() -> None:
    link = invite()
    session = sign_in(spend(link))
    dump = one("SELECT (SELECT string_agg(s::text, ' ') FROM staff s) || (SELECT string_agg(l::text, ' ') FROM"
               " one_time_link l) || (SELECT string_agg(e::text, ' ') FROM staff_session e) ||"
               " (SELECT string_agg(a::text, ' ') FROM audit_entry a) AS text").text  # fmt: skip
    for secret in (link, session, "correct horse battery"):
        assert secret not in dump
        assert secret.encode().hex() not in dump
    assert "$argon2id$" in dump


def test_a_password_is_checked_and_an_unknown_person_costs_the_same_time() -> None:
    assert passwords.is_password(HASH, "correct horse battery")
    assert not passwords.is_password(HASH, "correct horse batterz")
    assert not passwords.is_password("no hash", "correct horse battery")
    known, unknown = (fastest(stored) for stored in (HASH, None))
    assert 0.5 < known / unknown < 2
    assert fastest("no hash") < known / 10  # negative control: without the detour nobody is told by the clock


def fastest(stored: str | None) -> float:
    """Return the shortest of five checks in CPU seconds of this thread and its hashing threads."""
    spent = []
    for _ in range(5):
        started = time.process_time()
        assert not passwords.is_password(stored, "wrong password")
        spent.append(time.process_time() - started)
    return min(spent)
