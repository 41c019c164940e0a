"""Two super admins who take the role from each other at once: one of them keeps it (SPEC S-1)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from shared import clock, db
from shared.errors import LastSuperAdmin
from shared.services import staff_roles
from shared.services.audit import Actor
from shared.transaction import transaction
from tests.admin.office import new_person
from tests.world import one

pytestmark = pytest.mark.usefixtures("world")
ROUNDS = 10
Take = Callable[[uuid.UUID, Actor], object]


def demote(staff_id: uuid.UUID, by: Actor) -> None:
    staff_roles.change_role(staff_id=staff_id, role="viewer", by=by)


def shut_out(staff_id: uuid.UUID, by: Actor) -> None:
    staff_roles.disable(staff_id=staff_id, by=by, at=clock.now())


def race(app: Flask, people: list[uuid.UUID], take: Take) -> list[str]:
    """Let each of two people take from the other, on a connection each; the start is the same moment."""
    gate, said = threading.Barrier(2), []

    def act(me: uuid.UUID, other: uuid.UUID) -> None:
        with app.app_context():
            try:
                with transaction():
                    db.run("SELECT 1")  # the connection is there and its transaction begun
                    gate.wait()
                    take(other, Actor(name=f"staff:{me}"))
                said.append("done")
            except LastSuperAdmin:
                said.append("refused")

    threads = [threading.Thread(target=act, args=pair) for pair in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def active_chiefs() -> int:
    return int(one("SELECT count(*) AS n FROM staff WHERE role = 'super_admin' AND disabled_at IS NULL").n)


@pytest.mark.parametrize("take", [demote, shut_out])
def test_of_two_who_take_from_each_other_one_stays(app: Flask, take: Take) -> None:
    for _ in range(ROUNDS):
        people = [new_person("super_admin", is_active=True) for _ in range(2)]
        assert race(app, people, take) == ["done", "refused"]
        assert active_chiefs() == 1
        with transaction():
            db.run("UPDATE staff SET role = 'viewer', disabled_at = now()")


def test_a_check_without_a_lock_loses_both(app: Flask) -> None:
    """The negative control: two who each see the other still in place take the last one away."""
    meet = threading.Barrier(2)

    def unlocked(staff_id: uuid.UUID, _by: Actor) -> None:
        if staff_roles.is_last_super_admin(staff_id=staff_id):
            raise LastSuperAdmin
        meet.wait()
        db.run("UPDATE staff SET role = 'viewer' WHERE id = %(id)s", id=staff_id)

    people = [new_person("super_admin", is_active=True) for _ in range(2)]
    assert race(app, people, unlocked) == ["done", "done"]
    assert active_chiefs() == 0
