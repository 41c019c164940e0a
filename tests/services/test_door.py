"""The gateway's door: every key that must not open, and every address that may not come in (GATEWAY 2, 3, 8; P7)."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

import pytest

from shared import crypto, db
from shared.crypto import read_key
from shared.errors import AddressNotAllowed, ApiAccessDisabled, InvalidKey, KeyNotForContract
from shared.models import Contract
from shared.services import door, keys
from shared.services.audit import COMMAND
from shared.services.door import Visitor
from shared.transaction import single_statement, transaction
from tests.world import STAGING, World

ALLOW = "192.0.2.0/24\n198.51.100.7\n2001:db8::/32\n::ffff:203.0.113.0/120"
ADDRESSES = [
    ("192.0.2.0", True), ("192.0.2.255", True), ("192.0.1.255", False), ("192.0.3.0", False),
    ("198.51.100.7", True), ("198.51.100.6", False), ("198.51.100.8", False),
    ("::ffff:192.0.2.9", True), ("::ffff:c000:0209", True), ("::ffff:192.0.3.9", False), ("::192.0.2.9", False),
    ("203.0.113.5", True), ("::ffff:203.0.113.5", True), ("203.0.114.5", False),
    ("2001:db8::1", True), ("2001:db8:ffff:ffff::1", True), ("2001:db9::1", False), ("2001:db8::1%eth0", True),
    ("127.0.0.1", False), ("::1", False), ("1.0.0.0", False), ("::", False), ("255.255.255.255", False),
]  # fmt: skip


def come(world: World, key: str) -> Visitor:
    with single_statement():
        return door.authenticate(key=key, peppers=world.settings.key_pepper)


def cause(world: World, key: str) -> str:
    with pytest.raises(InvalidKey) as refusal:
        come(world, key)
    assert str(refusal.value) == str(InvalidKey("other"))
    return refusal.value.cause


def resealed(text: str) -> str:
    """Return a key with a right checksum around whatever ``text`` says."""
    body = text[: -crypto.CHECKSUM_SYMBOLS]
    return body + crypto._checksum(body)  # noqa: SLF001 - a forger can compute it too


def changed(contract: Contract, sql: str) -> None:
    with transaction():
        db.run(sql, id=contract.id)


def test_a_key_that_is_mistyped_cut_or_extended_is_refused_without_a_query(world: World) -> None:
    _, key = world.reseller()
    other = "A" if key[40] != "A" else "B"
    for broken in (
        "",
        "x",
        key[:-1],
        key + "A",
        key.upper(),
        key[:40] + other + key[41:],
        f" {key}",
        key + "\n",
        "\u00e9",
    ):
        with pytest.raises(InvalidKey) as refusal:
            door.authenticate(key=broken, peppers=world.settings.key_pepper)
        assert refusal.value.cause == "checksum"


def test_a_well_formed_key_that_was_never_issued_is_unknown(world: World) -> None:
    _, key = world.reseller()
    assert cause(world, crypto.new_key("live").text) == "unknown"
    guessed = key.replace(read_key(key).secret, read_key(crypto.new_key("live").text).secret)
    assert cause(world, resealed(guessed)) == "unknown"
    assert cause(world, resealed(key.replace("alk_live_", "alk_test_"))) == "unknown"


def test_revoked_ended_and_deleted_differ_for_staff_and_not_for_the_caller(world: World) -> None:
    (revoked, first), (ended, second), (deleted, third) = world.reseller(), world.reseller(), world.reseller()
    with transaction(environment_id=1):
        keys.revoke(contract=revoked, by=COMMAND)
        keys.rotate(contract=ended, overlap=timedelta(hours=1), by=COMMAND, keyring=world.keyring)
    changed(ended, "UPDATE contract_key SET ends_at = now() WHERE contract_id = %(id)s AND role = 'previous'")
    changed(deleted, "UPDATE contract SET deleted_at = now() WHERE id = %(id)s")
    assert [cause(world, key) for key in (first, second, third)] == ["revoked", "expired", "deleted"]


def test_a_key_opens_its_own_contract_only(world: World) -> None:
    guests = [world.reseller() for _ in range(4)]
    visitors = [come(world, key) for _, key in guests]
    for mine, visitor in enumerate(visitors):
        for other, (contract, _) in enumerate(guests):
            if mine == other:
                door.ensure_key_opens(visitor, contract=str(contract.id))
                continue
            with pytest.raises(KeyNotForContract):
                door.ensure_key_opens(visitor, contract=str(contract.id))


@pytest.mark.parametrize("path", ["", "x", "{%s}", "urn:uuid:%s", "%s ", "00000000-0000-7000-8000-000000000000"])
def test_what_is_no_contract_is_refused_like_a_contract_of_others(world: World, path: str) -> None:
    contract, key = world.reseller()
    with pytest.raises(KeyNotForContract):
        door.ensure_key_opens(come(world, key), contract=path.replace("%s", str(contract.id)))


def test_a_staging_key_opens_nothing_in_production(world: World) -> None:
    product = world.product(environment_id=STAGING)
    staging, key = world.reseller(generator=world.generator(product))
    production, _ = world.reseller()
    visitor = come(world, key)
    assert (visitor.environment, visitor.blueprint.environment_id) == ("staging", STAGING)
    door.ensure_key_opens(visitor, contract=str(staging.id))
    with pytest.raises(KeyNotForContract):
        door.ensure_key_opens(visitor, contract=str(production.id))


def test_api_access_switched_off_is_said_before_the_address(world: World) -> None:
    contract, key = world.reseller(allow="192.0.2.1")
    with transaction(environment_id=1):
        keys.rotate(contract=contract, overlap=timedelta(hours=1), by=COMMAND, keyring=world.keyring)
    world.amend(contract, api_access=False)
    for address in ("192.0.2.1", "192.0.2.2"):
        with pytest.raises(ApiAccessDisabled):
            door.ensure_access(come(world, key), address=ip_address(address))


@pytest.mark.parametrize(("address", "listed"), ADDRESSES)
def test_an_address_comes_in_exactly_when_it_is_listed(world: World, address: str, *, listed: bool) -> None:
    _, key = world.reseller(allow=ALLOW)
    visitor = come(world, key)
    if listed:
        door.ensure_access(visitor, address=ip_address(address))
        return
    with pytest.raises(AddressNotAllowed, match="which this contract does not allow"):
        door.ensure_access(visitor, address=ip_address(address))


def test_an_empty_allowlist_admits_every_address(world: World) -> None:
    _, key = world.reseller()
    for address, _ in ADDRESSES:
        door.ensure_access(come(world, key), address=ip_address(address))


def test_a_changed_allowlist_holds_from_the_next_look(world: World) -> None:
    contract, key = world.reseller()
    door.ensure_access(come(world, key), address=ip_address("192.0.2.1"))
    world.amend(contract, allow="192.0.2.2")
    with pytest.raises(AddressNotAllowed):
        door.ensure_access(come(world, key), address=ip_address("192.0.2.1"))
