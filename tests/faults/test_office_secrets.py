"""P12 at the back-office: whatever staff do and whatever breaks, a secret is shown only where it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
import structlog
from flask import Flask
from werkzeug.test import TestResponse

from shared import logs
from shared.config import Settings
from shared.crypto import read_key
from tests.admin.office import PASSWORD, Visit, hidden, invite
from tests.faults.careless_partner import without_right
from tests.faults.office_world import furnish, map_office, password_of, sign_in
from tests.faults.secrets_search import forms, hits, redis_contents, tables
from tests.world import World

Needles = dict[str, tuple[bytes, ...]]
MISTYPED = "my password with a typo"


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Iterator[list[bytes]]:
    """Log all there is, as in production, and give what was written, once the test asks."""
    before, found = structlog.get_config(), list[bytes]()
    logs.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    yield found
    structlog.configure(**before)
    capsys.readouterr()


def careless(visit: Visit, key: str) -> Iterator[TestResponse]:
    """Put a contract key and a password where they do not belong."""
    for path in ("/admin/contracts", "/admin/licenses", "/admin/palette/", "/sign-in", "/nope"):
        for name in ("search", "q", "next", "product", "page"):
            yield visit.get(path, query_string={name: key})
    for path in (f"/{key}", f"/admin/contracts/{key}/", f"/link/{key}", f"/admin/{key}/edit/"):
        yield visit.get(path)
        yield visit.post(path, {"password": PASSWORD})
    stranger = Visit(visit.app)
    for email, password in ((visit.email, MISTYPED), (PASSWORD, PASSWORD), (key, key), (MISTYPED, "")):
        yield stranger.post("/sign-in", {"email": email, "password": password})
    for header in ("X-Request-Id", "User-Agent", "Referer", "X-Forwarded-For", "X-CSRFToken", "Origin"):
        yield visit.post("/admin/preferences", {"theme": "dark"}, headers={header: key})


def use_up(visit: Visit, world: World, owner_url: str) -> tuple[dict[str, str], list[TestResponse]]:
    """Live through a day with secrets and some faults; return the secrets and the answers that must not hold them."""
    contract, key = world.reseller(name="Canary")
    password_of(visit)
    entered = Visit(visit.app)
    entered.post("/sign-in", {"email": visit.email, "password": PASSWORD})
    with entered.client.session_transaction() as session:
        token = session["token"]
    link = invite("linked@example.org", "viewer")
    answers = [*careless(entered, key)]
    path = f"/admin/contracts/{contract.id}/key"
    answers.append(entered.post(f"{path}/reveal/", {"password": MISTYPED}))
    ask = {"password": PASSWORD, "key_id": hidden(entered.get(f"{path}/reveal/"), "key_id")}
    assert key in entered.post(f"{path}/reveal/", ask).text
    for right in ("INSERT ON audit_entry", "SELECT ON contract_key_secret", "UPDATE ON contract_key"):
        with without_right(owner_url, right, "allotment_app"):
            answers.append(entered.post(f"{path}/reveal/", ask) if "UPDATE" not in right else
                           entered.post(f"{path}/rotate/", {**ask, "overlap": "1h"}))  # fmt: skip
    shown = entered.post(f"{path}/rotate/", {**ask, "overlap": "1h"}).text
    (new,) = set(re.findall(r"alk_live_[0-9A-Za-z]{61}", shown))
    Visit(visit.app).post(f"/link/{link}", {"password": "a link's own password", "repeated": "a link's own password"})
    parts = {"old key": read_key(key).secret, "new key": read_key(new).secret}
    typed = {"password": PASSWORD, "mistyped password": MISTYPED, "password by link": "a link's own password"}
    return {**parts, **typed, "session token": token, "link token": link}, answers


def needles(secrets: Mapping[str, str], settings: Settings) -> Needles:
    held = {"KEY_PEPPER": settings.key_pepper[0], "SECRETS_KEYS": settings.secrets_keys[0]}
    every = {**secrets, **held, "SESSION_SECRET": settings.session_secret}
    return {name: forms(secret) for name, secret in every.items()}


def test_no_secret_is_where_it_was_not_asked_for(
    admin_app: Flask, world: World, settings: Settings, owner_url: str, log_lines: list[bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    furnish(world)
    visit = sign_in(admin_app)
    secrets, answers = use_up(visit, world, owner_url)
    wanted = needles(secrets, settings)
    pages = [(path, visit.get(path).data) for path in map_office(visit).paths()]
    log_lines.append(capsys.readouterr().out.encode())
    # What somebody typed into a field or a search is theirs, and the page says it back.
    said = [(f"answer {a.status_code} to {a.request.path}", a.data) for a in answers if not a.request.query_string
            and "alk_" not in a.request.path and a.request.path != "/sign-in"]  # fmt: skip
    found = {
        "pages": hits(pages, wanted),
        "answers": hits(said, wanted),
        "logs": hits([("log", log_lines[0])], wanted),
        "tables": hits(tables(owner_url), wanted),
        "Redis": hits(redis_contents(settings.redis_url), wanted),
    }
    faults = sum(answer.status_code == 500 for answer in answers)
    print(
        f"\nP12 back-office: {len(wanted)} secrets looked for in {len(pages)} pages, {len(said)} answers"
        f" ({faults} forced faults), {len(log_lines[0])} bytes of log, tables and Redis: {found}"
    )
    assert {place: what for place, what in found.items() if what} == {}
    assert faults == 3
    assert log_lines[0].count(b"office.fault") == 3
