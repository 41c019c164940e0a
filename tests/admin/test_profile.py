"""The own profile of every person: password, sessions, and how pages look (SPEC S-3, UX 11, 41)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from shared import clock
from shared.services import sessions, staff
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.admin.conftest import Visits
from tests.admin.matrix import LADDER
from tests.admin.office import PASSWORD, Visit, words_of
from tests.world import one, rows

END = "/admin/profile/sessions/end"
NEW = "some other unrelated words"


@pytest.fixture
def ada(admin_app: Flask) -> Visit:
    return Visit(admin_app).sign_in_as("viewer", password=PASSWORD)


def second_browser(person: Visit, agent: str = "") -> Visit:
    other = Visit(person.app)
    with transaction():
        found = staff.find_by_email(email=person.email)
        assert found is not None
        token = sessions.open_session(person=found, at=clock.now(), by=COMMAND, user_agent=agent)
    with other.client.session_transaction() as session:
        session["token"] = token
    return other


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"current": "wrong", "password": NEW, "repeated": NEW}, "This is not your password."),
        ({"current": PASSWORD, "password": NEW, "repeated": NEW + "x"}, "The two passwords differ."),
        ({"current": PASSWORD, "password": "short", "repeated": "short"}, "Use 12 to 200 characters"),
        ({}, "This is not your password."),
    ],
)
def test_a_refused_password_changes_nothing(ada: Visit, fields: dict[str, str], sentence: str) -> None:
    before = one("SELECT password_hash FROM staff").password_hash
    answer = ada.post("/admin/profile/password", fields)
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert one("SELECT password_hash FROM staff").password_hash == before


def test_a_changed_password_ends_every_other_session(ada: Visit) -> None:
    other = second_browser(ada)
    answer = ada.post("/admin/profile/password", {"current": PASSWORD, "password": NEW, "repeated": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/profile")
    assert ada.get("/admin/profile").status_code == 200
    assert other.get("/admin/profile").status_code == 302
    assert other.post("/sign-in", {"email": ada.email, "password": PASSWORD}).status_code == 401
    assert other.post("/sign-in", {"email": ada.email, "password": NEW}).status_code == 303
    assert "staff.password_changed" in {row.action for row in rows("SELECT action FROM audit_entry")}


def test_guessing_the_own_password_is_slowed(ada: Visit) -> None:
    answers = [ada.post("/admin/profile/password", {"current": f"guess {n}"}).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_sessions_are_listed_and_end_one_by_one(ada: Visit) -> None:
    other = second_browser(ada, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    page = ada.get("/admin/profile")
    assert "Firefox on Linux" in page.text
    assert page.text.count("this one") == 1
    (end,) = re.findall(r'name="session" value="([0-9a-f-]{36})"', page.text)
    assert ada.post(END, {"session": end}).status_code == 303
    assert other.get("/admin/").status_code == 302
    assert ada.post(END, {"session": end}).status_code == 404, "it has ended already"


def test_nobody_ends_a_session_of_somebody_else(ada: Visit, admin: Visit) -> None:
    foreign = one(
        "SELECT id FROM staff_session WHERE staff_id = (SELECT id FROM staff WHERE email = %(e)s)", e=ada.email
    )
    assert admin.post(END, {"session": foreign.id}).status_code == 404
    assert admin.post(END, {"session": "nonsense"}).status_code == 404
    assert ada.get("/admin/").status_code == 200


def test_all_other_sessions_end_at_once(ada: Visit) -> None:
    others = [second_browser(ada), second_browser(ada)]
    assert ada.post("/admin/profile/sessions/end-others").status_code == 303
    assert "2 other sessions have ended." in words_of(ada.get("/admin/profile"))
    assert [other.get("/admin/").status_code for other in others] == [302, 302]


@pytest.mark.parametrize("role", LADDER)
def test_preferences_go_with_the_person_to_another_browser(signed_in: Visits, role: str) -> None:
    person = signed_in(role)
    chosen = {"theme": "dark", "density": "compact", "time_zone": "Asia/Kathmandu", "hotkeys": "off"}
    assert person.post("/admin/preferences", chosen).status_code == 303
    text = second_browser(person).get("/admin/profile").text
    assert 'data-theme="dark" data-density="compact" data-hotkeys="off"' in text
    assert re.search(r'<option selected value="Asia/Kathmandu">', text)
    assert re.search(r"\d\d:\d\d \+0545", text), "absolute times are in the zone of the person"


def test_the_menu_changes_one_thing_and_leaves_the_rest(admin: Visit) -> None:
    admin.post("/admin/preferences", {"hotkeys": "off"})
    admin.post("/admin/preferences", {"theme": "light"})
    assert 'data-theme="light" data-density="comfortable" data-hotkeys="off"' in admin.get("/admin/").text
    admin.post("/sign-out")
    assert 'data-theme="light"' in admin.get("/sign-in").text, "the sign-in page keeps the theme of the browser"


@pytest.mark.parametrize(
    "fields",
    [{"theme": "pink"}, {"time_zone": "Mars/Olympus"}, {"hotkeys": "maybe"}, {"density": ""}, {"time_zone": ""}],
)
def test_a_preference_that_is_not_offered_is_refused(admin: Visit, fields: dict[str, str]) -> None:
    assert admin.post("/admin/preferences", {"theme": "dark", **fields}).status_code == 422
    assert one("SELECT theme FROM staff").theme == "system"
