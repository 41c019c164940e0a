"""The contracts list over 50 000 contracts, in process: time and statements of each kind of URL (SPEC L-5)."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import event

import admin_app
from shared.db import db
from tests.admin.office import Visit
from tests.bench import many_contracts
from tests.bench.stage import Stage, show

COUNT, ROUNDS = 50_000, 20
MOST_SECONDS, MOST_STATEMENTS = 0.3, 12


@dataclass(frozen=True)
class Cost:
    """What one URL costs: its times in seconds, sorted, and the statements of one request."""

    seconds: list[float]
    statements: int

    def at(self, share: float) -> float:
        """Return the time that ``share`` of the requests stay within, in seconds."""
        return self.seconds[math.ceil(share * len(self.seconds)) - 1]


def run(stage: Stage) -> None:
    """Print p50, p95 and statements of each URL, and how the deepest page compares with the first."""
    with stage.owner() as owner:
        many_contracts.seed(owner, stage.world, count=COUNT)
        some = owner.execute("SELECT id, product_id FROM contract ORDER BY id OFFSET 20000 LIMIT 1").fetchone()
    assert some is not None
    app = admin_app.create_app(stage.settings)
    with app.app_context():
        visit = Visit(app).sign_in_as("super_admin")
        costs = {name: _cost(visit, f"/admin/contracts?{query}") for name, query in _urls(*some).items()}
        for name, cost in costs.items():
            print(f"  {name:<28} p50 {cost.at(0.5) * 1e3:6.0f} ms   p95 {cost.at(0.95) * 1e3:6.0f} ms"
                  f"   {cost.statements:3} statements")  # fmt: skip
        show("slowest p95", [max(cost.at(0.95) for cost in costs.values())], " s")
        show("deepest page to first (reach 2)", [costs["deepest page"].at(0.5) / costs["default"].at(0.5)])
        db.engine.dispose()


def _urls(contract_id: object, product_id: object) -> dict[str, str]:
    last = -(-COUNT // 50)
    return {
        "default": "",
        "page of 100": "size=100",
        "search, few found": "search=4242",
        "search, many found": "search=contract",
        "search, nothing found": "search=zzzzzz",
        "search, part of a uuid": f"search={str(contract_id)[9:23]}",
        "status": "status=active",
        "status, expired": "status=expired",
        "type": "type=pool",
        "product": f"product={product_id}",
        "partner": "partner=Partner+007",
        "all filters and a search": f"status=active&type=standard&product={product_id}&search=contract",
        "middle page": f"page={last // 2}",
        "deepest page": f"page={last}",
        "deepest page by name": f"sort=name&page={last}",
        "sort by name": "sort=name",
        "sort by type": "sort=type",
        "sort by status": "sort=status",
        "sort by created, oldest first": "sort=created",
        "sort by used": "sort=-used",
    }


def _cost(visit: Visit, path: str) -> Cost:
    def ask() -> float:
        started = time.perf_counter()
        assert visit.get(path).status_code == 200, path
        return time.perf_counter() - started

    ask()  # warm
    with _counted() as statements:
        ask()
    return Cost(sorted(ask() for _ in range(ROUNDS)), len(statements))


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Gather the statements that are sent inside the block."""
    sent: list[str] = []

    def note(*args: object) -> None:
        sent.append(str(args[2]))

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)
