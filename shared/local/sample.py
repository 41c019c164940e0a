"""Sample data for a first look on one machine: never made outside a local run, and plainly sample data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from shared.config import Settings
from shared.db import db
from shared.local.files import read_private, write_private
from shared.models import Contract, Product, Staff
from shared.services import contracts, generation, generators, products, staff
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order
from shared.services.keys import Keyring
from shared.transaction import transaction

PRODUCTION = 1
EMAIL = "admin@allotment.example"
PRODUCT = "SKETCHPAD"
GENERATOR = "Sketchpad Pro"
RESELLER = "TechReseller 2026"
QUOTA = 100_000
QUOTA_LEFT_LEAST = 1_000
KEPT_IN = "sample.json"

_PRODUCTS = (("SKETCHPAD", "Sketchpad"), ("LEDGERLY", "Ledgerly"), ("HARBOUR", "Harbour Backup"))
_GENERATORS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SKETCHPAD", {"name": GENERATOR, "pattern": "SKP-*****-*****-*****-*****-*****", "activation_limit": 3,
                   "features": {"layers": True, "export": "pdf", "seats": 3}}),
    ("SKETCHPAD", {"name": "Sketchpad Classroom", "pattern": "EDU-*****-*****-*****-*****-*****",
                   "features": {"layers": True, "seats": 30}, "activation_limit": 30}),
    ("LEDGERLY", {"name": "Ledgerly Standard", "format": "uuid", "features": {"books": 5}}),
    ("HARBOUR", {"name": "Harbour Server", "pattern": "HB-****-****-****-****-****-****", "alphabet": "hex",
                 "features": {"machines": 10}, "activation_limit": 10}),
)  # fmt: skip
# name, product, generator, type, quota, active, made by hand, further fields
_CONTRACTS: tuple[tuple[str, str, str, str, int, bool, int, dict[str, Any]], ...] = (
    (RESELLER, "SKETCHPAD", GENERATOR, "reseller", QUOTA, True, 40,
     {"partner": "TechReseller", "api_access": True, "per_minute": 1000, "per_hour": 20_000, "per_day": 100_000,
      "expiry_kind": "duration", "expiry_n": 1, "expiry_unit": "years"}),
    ("Northwind enterprise", "HARBOUR", "Harbour Server", "enterprise", 500, True, 90,
     {"partner": "Northwind", "overrides": {"machines": 50}, "reference": "CRM-1042"}),
    ("School year 2026/27", "SKETCHPAD", "Sketchpad Classroom", "standard", 200, True, 95, {}),
    ("Autumn sale pool", "LEDGERLY", "Ledgerly Standard", "pool", 2000, True, 60, {"low_stock": 100}),
    ("TechReseller 2025", "SKETCHPAD", GENERATOR, "reseller", 300, False, 0, {"partner": "TechReseller"}),
)  # fmt: skip


def ensure(var_dir: Path, settings: Settings, at: datetime) -> dict[str, str]:
    """Make the sample data in an empty database; return what a visitor needs of it (its key too, from VAR_DIR).

    Call it inside an app context. The names are ``product``, ``generator``, ``contract_uuid``, ``contract_key``;
    the last two are missing when the data was made from another VAR_DIR.
    """
    with transaction(environment_id=PRODUCTION):
        is_empty = db.session.scalar(sa.select(Product.id).limit(1)) is None
    if is_empty:
        _make(var_dir, settings, at)
    kept = {name: str(value) for name, value in read_private(var_dir / KEPT_IN).items()}
    if kept:
        _keep_enough(at)
    return {"product": PRODUCT, "generator": GENERATOR, **kept}


def invite(at: datetime) -> str | None:
    """Return the token of a fresh one-time link for the sample super admin, or None when real staff exist."""
    with transaction():
        others = db.session.scalar(sa.select(sa.func.count()).select_from(Staff).where(Staff.email != EMAIL))
        return None if others else staff.invite(email=EMAIL, role="super_admin", by=COMMAND, at=at)


def _make(var_dir: Path, settings: Settings, at: datetime) -> None:
    keyring = Keyring.of(settings)
    with transaction(environment_id=PRODUCTION):
        made = {
            code: products.create(environment_id=PRODUCTION, fields={"code": code, "name": name}, by=COMMAND)
            for code, name in _PRODUCTS
        }
        for code, fields in _GENERATORS:
            generators.create(product_id=made[code].id, fields=fields, by=COMMAND)
        for row in _CONTRACTS:
            contract, text = _make_contract(row, made, keyring, at)
            if text:
                write_private(var_dir / KEPT_IN, {"contract_uuid": str(contract.id), "contract_key": text})


def _make_contract(row: Any, made: dict[str, Product], keyring: Keyring, at: datetime) -> tuple[Contract, str | None]:
    name, code, generator_name, kind, quota, active, count, fields = row
    generator = generators.find_by_name(product_id=made[code].id, name=generator_name)
    contract, issued = contracts.create(
        fields={
            "name": name, "type": kind, "product_id": made[code].id,
            "generator_id": generator.id if generator else None, **fields,
        },
        quota=quota, active=active, by=COMMAND, at=at, keyring=keyring,
    )  # fmt: skip
    if count:
        order = Order(count=count, method="manual", by=COMMAND, at=at)
        generation.generate(blueprint=get_blueprint(contract_id=contract.id), order=order)
    return contract, issued.text if issued else None


def _keep_enough(at: datetime) -> None:
    """Leave something to try: a visitor may have used up the sample contract on an earlier start."""
    with transaction(environment_id=PRODUCTION):
        contract = db.session.scalar(sa.select(Contract).filter_by(name=RESELLER, deleted_at=None))
        if contract and contract.quota.remaining < QUOTA_LEFT_LEAST:
            contracts.set_quota(contract_id=contract.id, quota=contract.quota.quota + QUOTA, by=COMMAND, at=at)
