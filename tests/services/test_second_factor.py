"""The second factor: on only with a right code, no code twice, and ways back for who lost the device (SPEC S-3)."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask

from shared import clock
from shared.crypto import SecretBox
from shared.errors import InvalidInput, NotFound
from shared.services import second_factor, staff
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.world import World, one, rows

NOW = clock.now()
STEP = timedelta(seconds=second_factor.STEP_SECONDS)


@pytest.fixture
def box(world: World) -> SecretBox:
    return SecretBox(world.settings.secrets_keys)


@pytest.fixture
def ada(world: World) -> uuid.UUID:  # noqa: ARG001 - on the clean database
    with transaction():
        staff.invite(email="ada@example.org", role="admin", by=COMMAND, at=NOW)
        person = staff.find_by_email(email="ada@example.org")
        assert person is not None
        return person.id


def begin(who: uuid.UUID, box: SecretBox) -> pyotp.TOTP:
    with transaction():
        found = pyotp.parse_uri(second_factor.begin(staff_id=who, box=box))
    assert isinstance(found, pyotp.TOTP)
    return found


def enable(who: uuid.UUID, box: SecretBox, code: str, *, at: datetime = NOW) -> list[str]:
    with transaction():
        return second_factor.enable(staff_id=who, code=code, by=COMMAND, at=at, box=box)


def use(who: uuid.UUID, box: SecretBox, code: str, *, at: datetime = NOW) -> bool:
    with transaction():
        return second_factor.use(staff_id=who, code=code, by=COMMAND, at=at, box=box)


def test_a_wrong_code_does_not_turn_it_on(ada: uuid.UUID, box: SecretBox) -> None:
    totp = begin(ada, box)
    for code in ("", "000000x", "\ud800", totp.at(NOW + 5 * STEP), totp.at(NOW - 5 * STEP)):
        with pytest.raises(InvalidInput):
            enable(ada, box, code)
    assert not use(ada, box, totp.at(NOW)), "what is not on opens nothing"
    assert rows("SELECT 1 FROM recovery_code") == []


def test_nothing_is_turned_on_that_was_not_begun_and_nothing_twice(ada: uuid.UUID, box: SecretBox) -> None:
    with pytest.raises(NotFound):
        enable(ada, box, "123456")
    enable(ada, box, begin(ada, box).at(NOW))
    with pytest.raises(InvalidInput, match="on already"):
        begin(ada, box)


def test_a_code_works_once_also_for_many_who_send_it_at_once(ada: uuid.UUID, box: SecretBox, app: Flask) -> None:
    totp = begin(ada, box)
    enable(ada, box, totp.at(NOW))
    assert not use(ada, box, totp.at(NOW)), "the code that turned it on is used"
    assert not use(ada, box, totp.at(NOW - STEP)), "nor may an older one follow"
    at, answers, gate = NOW + 2 * STEP, [], threading.Barrier(4)

    def send() -> None:
        with app.app_context():
            gate.wait()
            answers.append(use(ada, box, totp.at(at), at=at))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]


def test_a_clock_one_step_off_is_fine_and_two_are_not(ada: uuid.UUID, box: SecretBox) -> None:
    totp = begin(ada, box)
    enable(ada, box, totp.at(NOW))
    at = NOW + 10 * STEP
    assert not use(ada, box, totp.at(at - 2 * STEP), at=at)
    assert not use(ada, box, totp.at(at + 2 * STEP), at=at)
    assert use(ada, box, totp.at(at - STEP), at=at)
    assert use(ada, box, totp.at(at + STEP), at=at)


def test_ten_recovery_codes_work_once_each_in_any_spelling_and_only_for_their_owner(
    ada: uuid.UUID, box: SecretBox
) -> None:
    codes = enable(ada, box, begin(ada, box).at(NOW))
    assert len(set(codes)) == 10
    assert use(ada, box, f" {codes[0].upper().replace('-', ' ')}")
    assert [use(ada, box, code) for code in codes] == [False] + [True] * 9
    assert one("SELECT changes FROM audit_entry WHERE action = 'staff.recovery_code_used' ORDER BY id").changes == {
        "codes_left": 9
    }
    with transaction():
        again = second_factor.renew_codes(staff_id=ada, by=COMMAND)
    assert not use(ada, box, codes[0])
    assert use(ada, box, again[0])


def test_neither_secret_nor_recovery_codes_are_stored_or_audited_as_they_are(ada: uuid.UUID, box: SecretBox) -> None:
    totp = begin(ada, box)
    codes = enable(ada, box, totp.at(NOW))
    dump = one("SELECT (SELECT string_agg(s::text, ' ') FROM second_factor s) || (SELECT string_agg(c::text, ' ') FROM"
               " recovery_code c) || (SELECT string_agg(a::text, ' ') FROM audit_entry a) AS text").text  # fmt: skip
    for secret in (totp.secret, *codes):
        assert secret not in dump
        assert secret.encode().hex() not in dump
    assert "staff.second_factor_enabled" in dump


def test_a_reset_takes_it_away_once_and_a_new_one_can_be_set_up(ada: uuid.UUID, box: SecretBox) -> None:
    with transaction(), pytest.raises(NotFound):
        second_factor.reset(staff_id=ada, by=COMMAND)
    codes = enable(ada, box, begin(ada, box).at(NOW))
    with transaction():
        second_factor.reset(staff_id=ada, by=COMMAND)
        assert not second_factor.is_enabled(staff_id=ada)
    assert not use(ada, box, codes[0])
    enable(ada, box, begin(ada, box).at(NOW))
    assert one("SELECT count(*) AS n FROM audit_entry WHERE action = 'staff.second_factor_reset'").n == 1


def test_a_secret_whose_key_left_the_ring_opens_nothing_but_recovery_does(ada: uuid.UUID, box: SecretBox) -> None:
    totp = begin(ada, box)
    codes = enable(ada, box, totp.at(NOW))
    other = SecretBox((b"x" * 32,))
    assert not use(ada, other, totp.at(NOW + STEP), at=NOW + STEP)
    assert use(ada, other, codes[0])
