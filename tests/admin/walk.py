"""A walk over every route and method as one person, judged by the checked-in matrix (RELIABILITY P16)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from tests.admin.matrix import LADDER, MATRIX, OPEN
from tests.admin.office import Visit
from tests.world import rows

Arguments = Mapping[str, Mapping[str, uuid.UUID]]
OTHER_METHODS = ("PUT", "PATCH", "DELETE")
# Appended to, or touched, by being refused: the audit trail is counted by itself, sessions only by number.
COUNTED_APART = ("audit_entry", "audit_unsealed", "staff_session", "alembic_version")


def served(app: Flask) -> dict[str, dict[str, str]]:
    """Return route → method → endpoint as the app serves them."""
    found: dict[str, dict[str, str]] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found.setdefault(rule.rule, {})[method] = rule.endpoint
    return found


def disagreements(app: Flask) -> Iterator[str]:
    """Yield one sentence for each route that the matrix lacks and each line that no route has."""
    real = {(route, method) for route, methods in served(app).items() for method in methods}
    decided = {(route, method) for route, methods in MATRIX.items() for method in methods}
    for route, method in sorted(real - decided):
        yield f'tests/admin/matrix.py: add "{method}": "<least of {", ".join(LADDER)}>" to the line "{route}".'
    for route, method in sorted(decided - real):
        yield f'tests/admin/matrix.py: take "{method}" out of the line "{route}": no such route is served.'


def walk(person: Visit, role: str | None, arguments: Arguments, *, others: bool = False) -> Iterator[str]:
    """Yield one sentence for each answer to ``role`` that is not the matrix's; None is nobody.

    With ``others`` each route is also asked by the methods it does not have.
    """
    token = person.token()
    for route, methods in served(person.app).items():
        if not is_walked(route):
            continue
        for method in (*sorted(methods), *(OTHER_METHODS if others else ())):
            least = MATRIX[route].get(method)
            path = path_of(person.app, route, arguments)
            refused = least is None or role is None or LADDER.index(role) < LADDER.index(least)
            before = state() if refused else {}
            body = {"csrf_token": token, **_forged()} if method != "GET" else None
            with person.client.open(path, method=method, data=body) as answer:
                said = answer.get_data().decode(errors="replace")  # an exported file is no text
            fault = _fault(answer.status_code, said, expected(role, method, refused=refused, least=least))
            if refused and not fault:
                fault = _changed(before, state(), entries=int(least is not None and role is not None))
            if fault:
                yield f"{role} {method} {route}: {fault}"


def is_walked(route: str) -> bool:
    """Tell whether the walk asks for ``route``: not what is open to all, nor what ends the walker's own session."""
    return OPEN not in MATRIX[route].values() and route != "/sign-out"


def expected(role: str | None, method: str, *, refused: bool, least: str | None) -> int | None:
    """Return the status of a refusal, or None where the answer is the page's own."""
    if least is None:
        return 405
    if role is None:
        return 302 if method == "GET" else 401
    return 403 if refused else None


def state() -> dict[str, tuple[int, Any]]:
    """Return table → rows and a sum over their content, so that any change of a refused request shows."""
    names = [row.tablename for row in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    parts = [
        f"SELECT '{name}' AS name, count(*) AS n,"  # noqa: S608 - names of our own tables
        f" {'0' if name in COUNTED_APART else 'coalesce(sum(hashtextextended(t::text, 0)), 0)'} AS content"
        f" FROM {name} t"
        for name in names
    ]
    return {row.name: (row.n, row.content) for row in rows(" UNION ALL ".join(parts))}


def _forged() -> dict[str, str]:
    """Return fields that a hidden control would have sent."""
    return {"status": "active", "name": "forged", "role": "super_admin", "count": "1", "reveal_policy": "off"}


def _fault(status: int, text: str, wanted: int | None) -> str:
    if wanted is not None:
        return "" if status == wanted else f"answered {status}, not {wanted}"
    if status >= 500:
        return f"answered {status}"
    # The only forms of ours that are refused as foreign are those sent without their submit token.
    return "was refused" if status == 403 and "Form not accepted" not in text else ""


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], *, entries: int) -> str:
    said = after["audit_entry"][0] - before["audit_entry"][0]
    if said != entries:
        return f"left {said} audit entries, not {entries}"
    moved = [name for name in before if name not in {"audit_entry", "audit_unsealed"} and before[name] != after[name]]
    return f"changed {', '.join(moved)}" if moved else ""


def path_of(app: Flask, route: str, arguments: Arguments) -> str:
    """Return the path of a route, with the ids of real rows."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == route)
    values = arguments.get(rule.endpoint.partition(".")[0], {})
    missing = rule.arguments - set(values)
    assert not missing, f"tests/admin/conftest.py: give `arguments` a real {missing} for {route}"
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method=method)
