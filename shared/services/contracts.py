"""Contracts: create, amend, open and close the gate, set the quota (SPEC 2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from shared.db import broken_constraint, db
from shared.errors import GeneratorUnavailable, Immutable, InvalidInput, NotFound, ProductInactive, StaleVersion
from shared.models import Contract, ContractQuota, Generator, Product
from shared.services import audit, keys, webhooks
from shared.services.audit import Actor
from shared.services.contract_input import DEFAULTS, FIXED, cleaned, cleaned_quota
from shared.services.keys import IssuedKey, Keyring

LISTED = ("product_id", "name", "type", *DEFAULTS)


def create(
    *,
    fields: Mapping[str, Any],
    quota: int | str,
    active: bool,
    by: Actor,
    at: datetime,
    keyring: Keyring,
    contract_id: uuid.UUID | None = None,
    http_webhooks: bool = False,
) -> tuple[Contract, IssuedKey | None]:
    """Make a contract from ``fields`` in the environment of its product, with its key when API access is on.

    ``contract_id`` is a v7 uuid set aside by a form, so that the form sent twice makes one contract;
    ``http_webhooks`` takes a ``webhook_url`` in plain HTTP or in a private network too.

    Returns the contract and the key to show once, or None without API access (SPEC C-9).

    Raises:
        InvalidInput: naming each field that cannot be saved.
        NotFound, ProductInactive, GeneratorUnavailable: the product or generator cannot be chosen.

    """
    values = cleaned({**fields, "quota": quota}, http_webhooks=http_webhooks)
    total, webhook_url = values.pop("quota"), values.pop("webhook_url", None)
    product = _choose_product(values["product_id"])
    _choose_generator(values["generator_id"], product.id)
    contract = Contract(
        id=contract_id or uuid7(), environment_id=product.environment_id, created_by=by.name, created_at=at,
        updated_at=at, activated_at=at if active else None, **values,
    )  # fmt: skip
    contract.quota = ContractQuota(quota=total, accepting=active, used=0, reserved=0, test_live=0)
    _flush_named(contract)
    webhooks.set_url(contract_id=contract.id, url=webhook_url, box=keyring.box)
    facts = {"name": contract.name, "type": contract.type, "quota": total, "active": active, "webhook_url": webhook_url}
    changes = {name: value for name, value in facts.items() if value is not None}
    audit.record(action="contract.created", subject=_subject(contract), by=by, contract=contract, changes=changes)
    issued = keys.issue(contract=contract, by=by, keyring=keyring) if contract.api_access else None
    db.session.refresh(contract)
    return contract, issued


def amend(
    *,
    contract_id: uuid.UUID,
    version: int,
    fields: Mapping[str, Any],
    quota: int | str | None = None,
    by: Actor,
    at: datetime,
    keyring: Keyring,
    http_webhooks: bool = False,
) -> tuple[Contract, IssuedKey | None]:
    """Change what may change of a contract that is still at ``version``; new licenses only are affected (SPEC C-7).

    Returns the contract, and a key to show once when API access was switched on for the first time.

    Raises:
        StaleVersion: somebody else saved it since.
        Immutable, InvalidInput: naming the field; NotFound, GeneratorUnavailable: as for ``create``.

    """
    contract = get_locked(contract_id=contract_id)
    if contract.version != version:
        raise StaleVersion
    kept = {name: getattr(contract, name) for name in LISTED}
    wanted = {} if quota is None else {"quota": quota}
    given = {**kept, "generator_id": contract.generator_id, **_changeable(contract, fields), **wanted}
    values = cleaned(given, http_webhooks=http_webhooks)
    if wanted:
        set_quota(contract_id=contract_id, quota=values.pop("quota"), by=by, at=at)
    moved = _move_webhook(contract, values.pop("webhook_url"), keyring) if "webhook_url" in values else {}
    if values["generator_id"] != contract.generator_id:
        _choose_generator(values["generator_id"], contract.product_id)
    changes = audit.differences(contract, {name: value for name, value in values.items() if name not in FIXED})
    for name in changes:
        setattr(contract, name, values[name])
    if changes or moved:
        _save(contract, {**changes, **moved}, by, at)
    issued = _first_key(contract, by, keyring) if "api_access" in changes and contract.api_access else None
    db.session.refresh(contract)
    return contract, issued


def _changeable(contract: Contract, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``fields`` without those fixed at creation, which may be sent unchanged (SPEC C-1). Raises Immutable."""
    for name in sorted(FIXED & fields.keys()):
        if fields[name] != getattr(contract, name):
            raise Immutable(name)
    return {name: value for name, value in fields.items() if name not in FIXED}


def _save(contract: Contract, changes: Mapping[str, Any], by: Actor, at: datetime) -> None:
    contract.version, contract.updated_at = contract.version + 1, at
    _flush_named(contract)
    audit.record(action="contract.amended", subject=_subject(contract), by=by, contract=contract, changes=changes)


def _move_webhook(contract: Contract, url: str | None, keyring: Keyring) -> dict[str, list[Any]]:
    """Send the contract's events to ``url`` and return the change as the audit trail names it."""
    before = webhooks.find_url(contract_id=contract.id)
    if url == before:
        return {}
    webhooks.set_url(contract_id=contract.id, url=url, box=keyring.box)
    return {"webhook_url": [before, url]}


def activate(*, contract_id: uuid.UUID, by: Actor, at: datetime) -> Contract:
    """Open the gate: the contract may generate. Raises NotFound."""
    contract = _set_gate(contract_id, by, at, accepting=True)
    contract.activated_at = contract.activated_at or at
    return contract


def deactivate(*, contract_id: uuid.UUID, by: Actor, at: datetime) -> Contract:
    """Close the gate: nothing is generated from the next request on, licenses stay (SPEC C-3). Raises NotFound."""
    return _set_gate(contract_id, by, at, accepting=False)


def set_quota(*, contract_id: uuid.UUID, quota: int, by: Actor, at: datetime) -> Contract:
    """Set the quota: upwards at any time, downwards only while nothing was drawn (SPEC C-5).

    Raises:
        InvalidInput: naming both numbers and the way out.
        NotFound: there is no such contract.

    """
    contract = get_locked(contract_id=contract_id)
    wanted = cleaned_quota(quota)
    counters = lock_counters(contract)
    drawn = counters.used + counters.reserved
    if wanted < counters.quota and drawn:
        raise InvalidInput(
            quota=f"The quota is {counters.quota} and {drawn} licenses were drawn from it, so it cannot shrink to "
            f"{wanted}. Raise it, or deactivate this contract and make a new one."
        )
    if wanted != counters.quota:
        before, counters.quota = counters.quota, wanted
        action = "contract.quota_raised" if wanted > before else "contract.quota_lowered"
        audit.record(action=action, subject=_subject(contract), by=by, contract=contract,
                     changes={"quota": [before, wanted]})  # fmt: skip
        contract.version, contract.updated_at = contract.version + 1, at
    return contract


def get_locked(*, contract_id: uuid.UUID) -> Contract:
    """Return the live contract of that id, locked until the transaction ends. Raises NotFound."""
    contract = db.session.scalar(
        sa.select(Contract).filter_by(id=contract_id, deleted_at=None).with_for_update(of=Contract, key_share=True)
    )
    if contract is None:
        raise NotFound("No contract")
    return contract


def get(*, contract_id: uuid.UUID) -> Contract:
    """Return the live contract of that id in the scoped environment. Raises NotFound."""
    contract = db.session.scalar(sa.select(Contract).filter_by(id=contract_id, deleted_at=None))
    if contract is None:
        raise NotFound("No contract")
    return contract


def _set_gate(contract_id: uuid.UUID, by: Actor, at: datetime, *, accepting: bool) -> Contract:
    contract = get_locked(contract_id=contract_id)
    counters = lock_counters(contract)
    if counters.accepting != accepting:
        counters.accepting, contract.updated_at = accepting, at
        action = "contract.activated" if accepting else "contract.deactivated"
        audit.record(action=action, subject=_subject(contract), by=by, contract=contract)
    return contract


def lock_counters(contract: Contract) -> ContractQuota:
    """Return the counters of ``contract`` as they are now, locked until the transaction ends."""
    db.session.refresh(contract.quota, with_for_update=True)
    return contract.quota


def _first_key(contract: Contract, by: Actor, keyring: Keyring) -> IssuedKey | None:
    if keys.find_current(contract_id=contract.id):
        return None
    return keys.issue(contract=contract, by=by, keyring=keyring)


def _choose_product(product_id: uuid.UUID) -> Product:
    found = sa.select(Product).filter_by(id=product_id, deleted_at=None)
    product = db.session.scalar(found.with_for_update(read=True, key_share=True))  # not deleted meanwhile
    if product is None:
        raise NotFound("No product")
    if product.status != "active":
        raise ProductInactive
    return product


def _choose_generator(generator_id: uuid.UUID, product_id: uuid.UUID) -> Generator:
    found = sa.select(Generator).filter_by(id=generator_id, product_id=product_id, deleted_at=None)
    generator = db.session.scalar(found.with_for_update(of=Generator, read=True, key_share=True))
    if generator is None:
        raise InvalidInput(generator_id="Choose a generator of this product.")
    if generator.status != "active":
        raise GeneratorUnavailable
    return generator


def _flush_named(contract: Contract) -> None:
    name = contract.name  # a failed flush leaves nothing to read
    db.session.add(contract)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) == "contract_name_live":
            raise InvalidInput(name=f"Another contract is named {name!r}. Choose another name.") from error
        if broken_constraint(error) == "contract_pkey":  # by a twin at the same moment, or in another environment
            raise InvalidInput(
                form="This form was sent before and made a contract. Send it again to make another."
            ) from error
        raise


def _subject(contract: Contract) -> str:
    return f"contract:{contract.id}"
