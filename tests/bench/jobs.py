"""A background generation from enqueue to finished, against COPY BINARY of the same rows in the same run."""

from __future__ import annotations

import threading
import time

import psutil

from shared.models import Contract
from tests import running
from tests.bench.stage import Stage, show
from tests.world import one

SMALL, LARGE, ROUNDS = 2_000, 100_000, 5
REFERENCE = """
CREATE UNLOGGED TABLE copy_reference (LIKE license);
ALTER TABLE copy_reference SET LOGGED, ADD PRIMARY KEY (id), ADD UNIQUE (canonical)"""
ENDED = """
SELECT extract(epoch FROM ended_at - created_at)::float8 AS seconds FROM job
 WHERE id = %(id)s AND status = 'completed'"""


def run(stage: Stage) -> None:
    """Print seconds, peak memory of the worker and the ratio to COPY."""
    with running.worker(stage.environ, stage.directory) as worker, running.clock(stage.environ, stage.directory):
        _job(stage, SMALL)  # the worker is up
        show(f"{SMALL} licenses, enqueue to finished", [_job(stage, SMALL)[1] for _ in range(ROUNDS)], " s")
        watch = Peak(worker)
        ratios, seconds, copies = [], [], []
        for _ in range(ROUNDS):
            contract, took = _job(stage, LARGE)
            copied = _copy(stage, contract)
            seconds.append(took)
            copies.append(copied)
            ratios.append(copied / took)
        show(f"{LARGE} licenses, enqueue to finished", seconds, " s")
        show("COPY BINARY of the same rows, two keys", copies, " s")
        show("ratio to COPY (1 = as fast)", ratios)
        print(f"  peak memory of the worker's child: {watch.stop() / 2**20:.0f} MiB")


def _job(stage: Stage, count: int) -> tuple[Contract, float]:
    """Generate in the background and return the contract and the seconds from acceptance to the end."""
    contract = stage.world.contract(quota=count)
    made = stage.world.generate(contract, count)
    while (row := one(ENDED, id=made.generation_id)) is None:
        time.sleep(0.02)
    return contract, row.seconds


def _copy(stage: Stage, contract: Contract) -> float:
    """Return the seconds COPY BINARY takes for the rows just made, from memory into a fresh table."""
    query = f"COPY (SELECT * FROM license WHERE contract_id = '{contract.id}' ORDER BY id) TO STDOUT (FORMAT binary)"  # noqa: S608
    with stage.owner() as owner:
        with owner.cursor().copy(query) as out:
            rows = [bytes(block) for block in out]
        owner.execute("DROP TABLE IF EXISTS copy_reference")
        owner.execute(REFERENCE)
        payload = b"".join(rows)
        started = time.perf_counter()
        with owner.cursor().copy("COPY copy_reference FROM STDIN (FORMAT binary)") as into:
            for start in range(0, len(payload), 2**18):
                into.write(payload[start : start + 2**18])
        return time.perf_counter() - started


class Peak:
    """The largest resident size of a worker's children, looked at every 10 ms, in bytes."""

    def __init__(self, worker: running.Process) -> None:
        self._worker, self._peak, self._done = worker, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.01):
            for child in self._worker.family()[1:]:
                try:
                    self._peak = max(self._peak, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    def stop(self) -> int:
        self._done.set()
        self._thread.join()
        return self._peak
