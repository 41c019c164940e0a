"""The verdict on answers of the back-office to what nobody should send: no fault, no change, a sentence."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from tests.admin.office import words_of
from tests.world import one, rows

# What comes and goes without anybody's decision: the clock of sessions, the log of refusals.
RESTLESS = ("environment", "alembic_version", "staff_session", "audit_entry", "audit_unsealed", "api_call")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%(restless)s) ORDER BY 1"
ALIVE = re.compile(r"<zq-x|99011|Traceback|psycopg|sqlalchemy|werkzeug|SELECT |INSERT |UPDATE |\bat 0x[0-9a-f]{6}")


def digest() -> str:
    """Return what everything that is stored comes to; equal digests mean that nothing was changed."""
    names = [row.tablename for row in rows(TABLES, restless=list(RESTLESS))]
    part = "SELECT '{0}' AS n, sum(hashtextextended(t::text, 0)) AS s FROM {0} t"
    recorded = "SELECT 'audit', count(*) FROM audit_entry WHERE action <> 'permission.denied'"
    every = " UNION ALL ".join([*(part.format(name) for name in names), recorded])
    return str(one(f"SELECT string_agg(n || s, ' ' ORDER BY n) AS digest FROM ({every}) x").digest)  # noqa: S608


@dataclass
class Verdict:
    """What many requests came to."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    unchanged: int = 0
    changed: int = 0
    wrong: list[str] = field(default_factory=list)

    def judge(self, answer: TestResponse, what: str, *, before: str | None = None) -> str | None:
        """Count an answer and note what is wrong with it; with a digest of before, return that of now."""
        self.requests += 1
        self.statuses[answer.status_code] += 1
        self.wrong += [f"{fault}: {what}" for fault in _faults(answer)]
        if before is None:
            return None
        now = digest()
        self.changed += now != before
        self.unchanged += now == before
        if now != before and answer.status_code >= 400:
            self.wrong.append(f"{answer.status_code} and yet something was changed: {what}")
        return now

    def __str__(self) -> str:
        statuses = ", ".join(f"{count} answers {status}" for status, count in sorted(self.statuses.items()))
        faults = sum(count for status, count in self.statuses.items() if status >= 500)
        return (
            f"{self.requests} requests ({statuses}): {faults} faults, {self.unchanged} left everything as it was,"
            f" {self.changed} were valid and changed something, {len(self.wrong)} wrong"
        )


def _faults(answer: TestResponse) -> list[str]:
    found = []
    if answer.status_code >= 500:
        found.append(f"{answer.status_code}")
    if "X-Request-Id" not in answer.headers or "default-src 'none'" not in answer.headers["Content-Security-Policy"]:
        found.append("open headers")
    is_text = answer.mimetype.startswith(("text/", "application/json"))
    text = answer.text if is_text and answer.request.method != "HEAD" else ""
    found += [f"says {alive[0]!r}" for alive in [ALIVE.search(text)] if alive and answer.request.path[:8] != "/static/"]
    if (
        answer.status_code >= 400
        and answer.request.method != "HEAD"
        and not re.search(r"[A-Z][^.]{12,}\.", words_of(answer))
    ):
        found.append(f"{answer.status_code} without a sentence")
    return found
