"""Sessions: listed with where they are, ended one by one or all at once, by their owner's id only (SPEC S-3)."""

from __future__ import annotations

import uuid

import pytest

from shared import clock
from shared.errors import NotFound
from shared.models import Staff
from shared.services import passwords, sessions, staff
from shared.services.audit import COMMAND, Actor
from shared.transaction import transaction
from tests.world import one

pytestmark = pytest.mark.usefixtures("world")
NOW = clock.now()


def person(email: str) -> Staff:
    with transaction():
        staff.invite(email=email, role="admin", by=COMMAND, at=NOW)
        found = staff.find_by_email(email=email)
        assert found is not None
        return found


def sign_in(who: Staff, agent: str = "", *, at: object = NOW) -> str:
    with transaction():
        return sessions.open_session(
            person=who, at=at, by=Actor(name=f"staff:{who.id}", address="192.0.2.1"), user_agent=agent
        )


def agents(who: Staff) -> list[str]:
    with transaction():
        return [row.user_agent for row in sessions.list_of(staff_id=who.id, at=NOW)]


def test_somebody_elses_session_is_not_ended() -> None:
    ada, bob = person("ada@example.org"), person("bob@example.org")
    sign_in(bob, "bob's")
    with transaction():
        session_id = sessions.list_of(staff_id=bob.id, at=NOW)[0].id
        for wanted in (session_id, uuid.uuid4()):
            with pytest.raises(NotFound):
                sessions.end_one(staff_id=ada.id, session_id=wanted, by=COMMAND)
    assert agents(bob) == ["bob's"]


def test_sessions_are_ended_one_the_others_and_all() -> None:
    ada, bob = person("ada@example.org"), person("bob@example.org")
    token = sign_in(ada, "kept")
    for agent in ("first", "second", "third"):
        sign_in(ada, agent)
    sign_in(bob, "bob's")
    with transaction():
        first = next(row for row in sessions.list_of(staff_id=ada.id, at=NOW) if row.user_agent == "first")
        sessions.end_one(staff_id=ada.id, session_id=first.id, by=COMMAND)
    assert sorted(agents(ada)) == ["kept", "second", "third"]
    with transaction():
        assert sessions.end_others(staff_id=ada.id, keep_token=token, by=COMMAND) == 2
    assert agents(ada) == ["kept"]
    with transaction():
        assert sessions.end_all(staff_id=ada.id, by=COMMAND) == 1
        assert sessions.end_all(staff_id=ada.id, by=COMMAND) == 0
    assert (agents(ada), agents(bob)) == ([], ["bob's"])
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'staff.sessions_ended'").n == 3


def test_what_has_run_out_is_not_listed_and_is_forgotten_at_the_next_sign_in() -> None:
    ada = person("ada@example.org")
    sign_in(ada, "old", at=NOW - sessions.SESSION_LIFE * 2)
    assert agents(ada) == []
    sign_in(ada, "new\x00" + "x" * 500)
    assert agents(ada) == [("new" + "x" * 500)[:199]]
    assert one("SELECT count(*) AS n FROM staff_session").n == 1


def test_a_changed_password_ends_the_other_sessions_and_the_links_that_wait() -> None:
    ada = person("ada@example.org")
    token = sign_in(ada, "here")
    sign_in(ada, "there")
    with transaction():
        passwords.change(staff_id=ada.id, password_hash="hash", keep_token=token, by=COMMAND, at=NOW)
    assert agents(ada) == ["here"]
    assert one("SELECT count(*) AS n FROM one_time_link WHERE used_at IS NULL").n == 0
    assert one("SELECT password_hash FROM staff").password_hash == "hash"
