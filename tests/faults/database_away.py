"""P14: PostgreSQL stops at once under load and comes back; what was acknowledged, and what callers met meanwhile."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import migrations
from shared.config import read_settings
from shared.db import bare_app, db
from shared.local.launch import EmbeddedServer
from shared.local.servers import ServerOptions, start_servers
from shared.models import Contract
from tests.books import unbalanced
from tests.races.wire import LOST, Answer, generate
from tests.world import World, rows

# The machine goes on, so nothing need reach the disk; but what is acknowledged must have left the process.
CRASHING = {"fsync": "off", "synchronous_commit": "on", "max_connections": "60"}


@dataclass(frozen=True)
class OwnDatabase:
    """A PostgreSQL that the test may stop, a world in it, and the environment of a deployment on it."""

    server: EmbeddedServer
    environ: dict[str, str]
    world: World

    def stop_at_once(self) -> None:
        """Stop as ``pg_ctl stop -m immediate`` does: no goodbye, and a recovery at the next start."""
        self.server.running.send_signal(signal.SIGQUIT)
        self.server.running.wait(20)

    def start_again(self) -> None:
        """Start it on the same port, and forget the connections this test had."""
        self.server.tend(lambda _: None)
        db.session().invalidate()
        db.session.remove()
        db.engine.dispose()


@contextlib.contextmanager
def own_database(environ: Mapping[str, str]) -> Iterator[OwnDatabase]:
    """Give a PostgreSQL of its own, migrated, with an app context open on it; the Redis stays the shared one."""
    directory = Path(tempfile.mkdtemp(prefix="allotment-test-"))
    directory.chmod(0o711)
    (directory / "shelter").mkdir(mode=0o711)
    options = ServerOptions(
        redis_url=environ["REDIS_URL"], postgres_settings=CRASHING, initdb_options=("--no-sync",),
        shelter=directory / "shelter",
    )  # fmt: skip
    with start_servers(directory / "var", options) as servers:
        own = {**environ, "DATABASE_URL": servers.database_url}
        migrations.upgrade(servers.database_url)
        settings = read_settings(own, process="admin")
        with bare_app(settings).app_context():
            yield OwnDatabase(servers.embedded[0], own, World(settings))
            db.session.remove()
            db.engine.dispose()
    shutil.rmtree(directory, ignore_errors=True)


@dataclass
class Outage:
    """Who called while the database went and came, and every answer with the time it was asked for."""

    port: int
    contract: Contract
    key: str
    asked: dict[str, list[tuple[float, Answer]]] = field(default_factory=dict, repr=False)
    stopped: float = 0.0
    back: list[float] = field(default_factory=list)

    @property
    def answers(self) -> list[tuple[float, Answer]]:
        return [answer for given in self.asked.values() for answer in given]

    def acknowledged(self) -> set[str]:
        """Return the ids of the licenses that some caller was given."""
        made = [answer.document for _, answer in self.answers if answer.status == 201]
        return {item["uuid"] for document in made for item in document["licenses"]}

    def times_to_serve(self) -> list[float]:
        """Return how long after each return of the database a call was first served."""
        served = sorted(at for at, answer in self.answers if answer.status == 201)
        return [next(at for at in served if at > back) - back for back in self.back]

    def tally(self) -> dict[int, int]:
        return dict(Counter(answer.status for _, answer in self.answers))


@contextlib.contextmanager
def calling(outage: Outage, callers: int = 8) -> Iterator[None]:
    """Let ``callers`` ask without a pause inside the block, each request until it is served."""
    on = threading.Event()

    def caller(seed: int) -> None:
        number = 0
        while not on.is_set():
            name, number = f"call-{seed}-{number}", number + 1
            given = outage.asked.setdefault(name, [])
            while not given or given[-1][1].status != 201:
                answer = generate(outage.port, outage.contract.id, outage.key, count=2, idempotency_key=name)
                given.append((time.monotonic(), answer))
                if answer.status != 201:
                    time.sleep(0.02)

    threads = [threading.Thread(target=caller, args=(seed,)) for seed in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        on.set()
        for thread in threads:
            thread.join()


def stop_and_start(outage: Outage, database: OwnDatabase, *, away: float) -> None:
    """Stop the database at once and start it again after ``away`` seconds."""
    outage.stopped = time.monotonic()
    database.stop_at_once()
    time.sleep(away)
    database.start_again()
    outage.back.append(time.monotonic())


def verdict(outage: Outage) -> list[str]:
    """Return what is wrong: an acknowledged license that is not stored, or an answer that is none."""
    stored = {row.id for row in rows("SELECT id::text FROM license WHERE contract_id = %(id)s", id=outage.contract.id)}
    missing = outage.acknowledged() - stored
    wrong = [f"books: {row}" for row in unbalanced()]
    wrong += [f"{len(missing)} acknowledged licenses are not stored"] if missing else []
    wrong += (
        [f"{len(stored - outage.acknowledged())} licenses nobody was given"] if stored - outage.acknowledged() else []
    )
    return wrong + [sentence for _, answer in outage.answers for sentence in _wrong_answer(answer)]


def _wrong_answer(answer: Answer) -> list[str]:
    if answer.status == 201:
        return []
    if answer == LOST:
        return ["a connection was lost"]
    said = answer.document
    is_in_progress = (answer.status, said.get("code")) == (409, "idempotency_in_progress")
    is_away = (answer.status, answer.headers.get("content-type")) == (503, "application/problem+json")
    if (is_in_progress or is_away) and answer.headers.get("retry-after"):
        return []
    return [f"answered {answer.status} {said.get('code')}"]
