"""Roles and accounts: a super admin always stays, and what is taken away is gone (SPEC S-1, S-3)."""

from __future__ import annotations

import uuid

import pytest

from shared import clock, db
from shared.errors import InvalidInput, LastSuperAdmin, LinkSpent, NotFound, OwnAccount, StaffDisabled
from shared.models import Staff
from shared.services import sessions, staff, staff_roles
from shared.services.audit import COMMAND, Actor
from shared.transaction import transaction
from tests.admin.office import new_person
from tests.world import one, rows

pytestmark = pytest.mark.usefixtures("world")
NOW = clock.now()


def change(staff_id: uuid.UUID, role: str) -> None:
    with transaction():
        staff_roles.change_role(staff_id=staff_id, role=role, by=COMMAND)


def disable(staff_id: uuid.UUID, by: Actor = COMMAND) -> None:
    with transaction():
        staff_roles.disable(staff_id=staff_id, by=by, at=NOW)


def enable(staff_id: uuid.UUID) -> None:
    with transaction():
        staff_roles.enable(staff_id=staff_id, by=COMMAND, at=NOW)


def sign_in(staff_id: uuid.UUID) -> str:
    with transaction():
        person = db.db.session.get_one(Staff, staff_id)
        return sessions.open_session(person=person, at=NOW, by=Actor(name=f"staff:{staff_id}"))


def renew(staff_id: uuid.UUID) -> str:
    with transaction():
        return staff.renew_link(staff_id=staff_id, by=COMMAND, at=NOW)


def spend(token: str) -> None:
    with transaction():
        staff.spend_link(token=token, password_hash="hash", at=NOW, by_address=None, request_id=None)


def entries() -> list[str]:
    return [row.action for row in rows("SELECT action FROM audit_entry WHERE action <> 'staff.invited' ORDER BY id")]


@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
def test_the_last_active_super_admin_keeps_role_and_account(role: str) -> None:
    chief = new_person("super_admin", is_active=True)
    new_person("super_admin")  # invited only: may never come
    gone = new_person("super_admin", is_active=True)
    disable(gone)
    with pytest.raises(LastSuperAdmin, match="Give somebody else that role first"):
        change(chief, role)
    with pytest.raises(LastSuperAdmin):
        disable(chief)
    email = one("SELECT email FROM staff WHERE id = %(id)s", id=chief).email
    with pytest.raises(LastSuperAdmin), transaction():
        staff.invite(email=email, role=role, by=COMMAND, at=NOW)
    assert one("SELECT role, disabled_at FROM staff WHERE id = %(id)s", id=chief) == ("super_admin", None)
    assert entries() == ["staff.disabled"]


def test_with_another_super_admin_one_may_go() -> None:
    first, second = (new_person("super_admin", is_active=True) for _ in range(2))
    change(first, "viewer")
    with pytest.raises(LastSuperAdmin):
        change(second, "viewer")
    change(first, "super_admin")
    disable(second)
    assert entries() == ["staff.role_changed", "staff.role_changed", "staff.disabled"]


def test_whoever_could_not_sign_in_yet_may_lose_the_role() -> None:
    new_person("super_admin", is_active=True)
    invited = new_person("super_admin")
    change(invited, "viewer")
    disable(invited)


def test_nobody_disables_themselves() -> None:
    new_person("super_admin", is_active=True)
    me = new_person("super_admin", is_active=True)
    with pytest.raises(OwnAccount, match="Ask another super admin"):
        disable(me, by=Actor(name=f"staff:{me}"))
    assert entries() == []


def test_an_unknown_role_or_person_is_refused() -> None:
    with pytest.raises(InvalidInput):
        change(new_person("viewer"), "root")
    nobody = uuid.uuid4()
    for act in (lambda: change(nobody, "viewer"), lambda: disable(nobody), lambda: enable(nobody),
                lambda: renew(nobody)):  # fmt: skip
        with pytest.raises(NotFound):
            act()


def test_what_changes_nothing_is_not_recorded() -> None:
    person = new_person("viewer")
    change(person, "viewer")
    enable(person)
    disable(person)
    disable(person)
    assert entries() == ["staff.disabled"]


def test_disabling_ends_sessions_and_links_for_good() -> None:
    person = new_person("viewer", is_active=True)
    session, link = sign_in(person), renew(person)
    disable(person)
    enable(person)
    with transaction():
        assert sessions.find_session(token=session, at=NOW) is None
    with pytest.raises(LinkSpent):
        spend(link)
    assert entries() == ["staff.signed_in", "staff.link_made", "staff.disabled", "staff.enabled"]
    assert one("SELECT changes FROM audit_entry WHERE action = 'staff.disabled'").changes == {"sessions_ended": 1}


def test_a_new_link_replaces_the_one_before_and_those_of_nobody_else() -> None:
    person, other = new_person("viewer"), new_person("viewer")
    theirs, first = renew(other), renew(person)
    second = renew(person)
    with pytest.raises(LinkSpent):
        spend(first)
    spend(second)
    spend(theirs)


def test_no_link_is_made_for_somebody_disabled() -> None:
    person = new_person("viewer")
    disable(person)
    email = one("SELECT email FROM staff WHERE id = %(id)s", id=person).email
    with pytest.raises(StaffDisabled, match="Enable the account first"):
        renew(person)
    with pytest.raises(StaffDisabled), transaction():
        staff.invite(email=email, role="admin", by=COMMAND, at=NOW)
    assert one("SELECT role FROM staff").role == "viewer"


def test_an_e_mail_is_added_once_in_any_case_and_never_with_unseen_characters() -> None:
    with transaction():
        staff.add(email="ada@example.org", role="viewer", by=COMMAND, at=NOW)
    with pytest.raises(InvalidInput, match="Somebody has this e-mail already"), transaction():
        staff.add(email="ADA@example.org", role="super_admin", by=COMMAND, at=NOW)
    with pytest.raises(InvalidInput, match="Write one e-mail address"), transaction():
        staff.add(email="a\u200bda@example.org", role="viewer", by=COMMAND, at=NOW)
    assert [row.role for row in rows("SELECT role FROM staff")] == ["viewer"]
    assert one("SELECT count(*) AS n FROM audit_entry WHERE audit_entry::text LIKE '%%example.org%%'").n == 0
