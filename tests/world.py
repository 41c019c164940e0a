"""A small world to test in: made through the services, as staff would make it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import clock
from shared.config import Settings
from shared.db import db, first, run
from shared.models import Contract, Generator, Product
from shared.services import contracts, generators, products
from shared.services.audit import COMMAND
from shared.services.blueprint import get_blueprint
from shared.services.generation import Order, generate
from shared.services.keys import Keyring
from shared.services.outcome import Outcome
from shared.transaction import transaction

PRODUCTION, STAGING = 1, 2
PATTERN = "TST-*****-*****-*****-*****-*****"


@dataclass
class World:
    """Makes products, generators, contracts and licenses, each in a transaction of its own."""

    settings: Settings

    @property
    def keyring(self) -> Keyring:
        return Keyring.of(self.settings)

    def product(self, *, environment_id: int = PRODUCTION, **fields: Any) -> Product:
        named = {"code": f"P-{uuid.uuid4().hex[:8]}", "name": "Product", **fields}
        with transaction(environment_id=environment_id):
            return products.create(environment_id=environment_id, fields=named, by=COMMAND)

    def generator(self, product: Product | None = None, **fields: Any) -> Generator:
        product = product or self.product()
        named = {"name": f"G-{uuid.uuid4().hex[:8]}", "pattern": PATTERN, "features": {"seats": 3}, **fields}
        with transaction(environment_id=product.environment_id):
            return generators.create(product_id=product.id, fields=named, by=COMMAND)

    def contract(
        self, *, quota: int = 1000, active: bool = True, generator: Generator | None = None, **fields: Any
    ) -> Contract:
        return self.contract_and_key(quota=quota, active=active, generator=generator, **fields)[0]

    def contract_and_key(
        self, *, quota: int = 1000, active: bool = True, generator: Generator | None = None, **fields: Any
    ) -> tuple[Contract, str]:
        generator = generator or self.generator()
        chosen = {"product_id": generator.product_id, "generator_id": generator.id}
        named = {"name": f"C-{uuid.uuid4().hex[:8]}", **chosen, **fields}
        with transaction(environment_id=generator.environment_id):
            contract, issued = contracts.create(
                fields=named, quota=quota, active=active, by=COMMAND, at=clock.now(), keyring=self.keyring
            )
        return contract, issued.text if issued else ""

    def reseller(self, **fields: Any) -> tuple[Contract, str]:
        """Return an active contract with API access, and its key."""
        return self.contract_and_key(type="reseller", api_access=True, **fields)

    def generate(self, contract: Contract, count: int, *, at: datetime | None = None, **order: Any) -> Outcome:
        asked = Order(count=count, by=COMMAND, at=at or clock.now(), **{"method": "manual", **order})
        with transaction(environment_id=contract.environment_id):
            return generate(blueprint=get_blueprint(contract_id=contract.id), order=asked)

    def close(self, contract: Contract) -> None:
        with transaction(environment_id=contract.environment_id):
            contracts.deactivate(contract_id=contract.id, by=COMMAND, at=clock.now())

    def amend(self, contract: Contract, **fields: Any) -> Contract:
        with transaction(environment_id=contract.environment_id):
            return contracts.amend(
                contract_id=contract.id, version=contract.version, fields=fields, by=COMMAND, at=clock.now(),
                keyring=self.keyring,
            )[0]  # fmt: skip

    def counters(self, contract: Contract) -> tuple[int, int, int]:
        """Return used, reserved and the licenses that exist, read together."""
        row = one(
            "SELECT used, reserved, (SELECT count(*) FROM license l WHERE l.contract_id = q.contract_id AND NOT test)"
            " AS licenses FROM contract_quota q WHERE contract_id = %(id)s", id=contract.id,
        )  # fmt: skip
        return row.used, row.reserved, row.licenses


def one(sql: str, **values: Any) -> Any:
    """Return the one row of a query, outside any transaction of the test."""
    try:
        return first(sql, **values)
    finally:
        db.session.rollback()


def rows(sql: str, **values: Any) -> Any:
    """Return the rows of a query, outside any transaction of the test."""
    try:
        return run(sql, **values)
    finally:
        db.session.rollback()
