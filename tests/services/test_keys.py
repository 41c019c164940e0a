"""Contract keys: issued, rotated, revoked, revealed, and unreadable anywhere but in their own row (GATEWAY 3, X-1)."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta

import pytest

from shared import db
from shared.crypto import SecretBox, UnreadableSecretError, read_key
from shared.errors import InvalidKey, KeyInForce, NotFound
from shared.models import Contract
from shared.services import door, keys
from shared.services.audit import COMMAND
from shared.services.keys import Keyring
from shared.transaction import single_statement, transaction
from tests.world import World, one, rows

HOUR = timedelta(hours=1)


def cause(world: World, key: str, *, peppers: tuple[bytes, ...] | None = None) -> str:
    """Return why the door refuses ``key``, or an empty text when it opens."""
    try:
        with single_statement():
            door.authenticate(key=key, peppers=peppers or world.settings.key_pepper)
    except InvalidKey as refusal:
        return refusal.cause
    return ""


def rotate(world: World, contract: Contract, overlap: timedelta) -> str:
    with transaction(environment_id=1):
        return keys.rotate(contract=contract, overlap=overlap, by=COMMAND, keyring=world.keyring).text


def reveal(contract: Contract, keyring: Keyring) -> str:
    with transaction(environment_id=1):
        return keys.reveal(contract=contract, by=COMMAND, keyring=keyring)


def test_a_contract_without_a_key_has_none_to_rotate_revoke_or_reveal(world: World) -> None:
    contract = world.contract()
    with pytest.raises(NotFound, match="No key was found"):
        rotate(world, contract, HOUR)
    with pytest.raises(NotFound), transaction(environment_id=1):
        keys.revoke(contract=contract, by=COMMAND)
    with pytest.raises(NotFound):
        reveal(contract, world.keyring)
    assert rows("SELECT 1 FROM audit_entry WHERE action LIKE 'contract_key.%%'") == []


def test_both_keys_of_a_rotation_open_the_door_until_the_older_one_ends(world: World) -> None:
    contract, old = world.reseller()
    new = rotate(world, contract, HOUR)
    assert (cause(world, old), cause(world, new)) == ("", "")
    row = one("SELECT ends_at - now() AS rest FROM contract_key WHERE role = 'previous'")
    assert timedelta(minutes=59) < row.rest <= HOUR


def test_the_older_key_ends_to_the_second_by_the_clock_of_the_database(world: World) -> None:
    contract, old = world.reseller()
    rotate(world, contract, timedelta(seconds=1))
    seen = set()
    while ("expired", False) not in seen:
        with transaction():
            is_due = one_in_this("SELECT now() < ends_at AS good FROM contract_key WHERE role = 'previous'")
            try:
                door.authenticate(key=old, peppers=world.settings.key_pepper)
                seen.add(("", is_due))
            except InvalidKey as refusal:
                seen.add((refusal.cause, is_due))
        time.sleep(0.02)
    assert seen == {("", True), ("expired", False)}


def one_in_this(sql: str) -> bool:
    row = db.first(sql)
    assert row is not None
    return bool(row.good)


def test_a_rotation_without_overlap_ends_the_old_key_at_once(world: World) -> None:
    contract, old = world.reseller()
    new = rotate(world, contract, timedelta())
    assert (cause(world, old), cause(world, new)) == ("revoked", "")


def test_a_second_rotation_ends_the_oldest_key_so_that_two_live_at_most(world: World) -> None:
    contract, first = world.reseller()
    second, third = rotate(world, contract, HOUR), rotate(world, contract, HOUR)
    assert [cause(world, key) for key in (first, second, third)] == ["revoked", "", ""]
    assert len({first, second, third}) == 3


def test_revoking_ends_both_keys_for_good_and_another_can_be_issued(world: World) -> None:
    contract, old = world.reseller()
    new = rotate(world, contract, HOUR)
    with transaction(environment_id=1):
        keys.revoke(contract=contract, by=COMMAND)
    assert (cause(world, old), cause(world, new)) == ("revoked", "revoked")
    with transaction(environment_id=1):
        issued = keys.issue(contract=contract, by=COMMAND, keyring=world.keyring)
    assert cause(world, issued.text) == ""
    assert cause(world, new) == "revoked"


def test_revealing_gives_the_current_key_and_leaves_one_entry_that_does_not_hold_it(world: World) -> None:
    contract, old = world.reseller()
    assert reveal(contract, world.keyring) == old
    new = rotate(world, contract, HOUR)
    assert reveal(contract, world.keyring) == new
    found = rows(
        "SELECT action, changes::text AS changes FROM audit_entry WHERE action LIKE 'contract_key.%%' ORDER BY id"
    )
    assert [row.action.partition(".")[2] for row in found] == ["issued", "revealed", "rotated", "revealed"]
    for text in (old, new, read_key(old).secret, read_key(new).secret):
        assert not any(text in row.changes for row in found)
    assert "…" in found[1].changes or "\\u2026" in found[1].changes


def test_nothing_stored_in_the_clear_holds_the_secret(world: World) -> None:
    _, key = world.reseller()
    dump = one("SELECT string_agg(k::text, ' ') || string_agg(s::text, ' ') AS text FROM contract_key k"
               " JOIN contract_key_secret s ON s.key_id = k.id").text  # fmt: skip
    parts = (key, read_key(key).secret, key.encode().hex(), read_key(key).secret.encode().hex())
    assert [part for part in parts if part in dump] == []
    assert read_key(key).public_id in dump


def test_an_older_key_of_the_ring_still_opens_and_a_ring_without_it_does_not(world: World) -> None:
    contract, key = world.reseller()
    fresh, pepper = secrets.token_bytes(32), world.settings.key_pepper[0]
    assert reveal(contract, Keyring(pepper, SecretBox((fresh, *world.settings.secrets_keys)))) == key
    with pytest.raises(UnreadableSecretError, match="No key of the ring"):
        reveal(contract, Keyring(pepper, SecretBox((fresh,))))


def test_the_row_of_another_contract_cannot_be_opened_as_ones_own(world: World) -> None:
    mine, key = world.reseller()
    theirs, _ = world.reseller()
    with transaction():
        db.run("UPDATE contract_key_secret s SET ciphertext = (SELECT t.ciphertext FROM contract_key_secret t JOIN"
               " contract_key k ON k.id = t.key_id WHERE k.contract_id = %(mine)s) FROM contract_key k"
               " WHERE k.id = s.key_id AND k.contract_id = %(theirs)s", mine=mine.id, theirs=theirs.id)  # fmt: skip
    with pytest.raises(UnreadableSecretError, match="belongs to another row"):
        reveal(theirs, world.keyring)
    assert reveal(mine, world.keyring) == key


def test_an_older_pepper_still_opens_the_door_until_it_leaves_the_ring(world: World) -> None:
    _, key = world.reseller()
    fresh = secrets.token_bytes(32)
    assert cause(world, key, peppers=(fresh, *world.settings.key_pepper)) == ""
    assert cause(world, key, peppers=(fresh,)) == "unknown"


def test_a_contract_with_a_key_in_force_is_issued_no_other(world: World) -> None:
    contract, key = world.reseller()
    with pytest.raises(KeyInForce), transaction(environment_id=1):
        keys.issue(contract=contract, by=COMMAND, keyring=world.keyring)
    assert cause(world, key) == ""
