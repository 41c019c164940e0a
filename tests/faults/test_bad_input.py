"""P15 in small: whatever comes over the wire, no answer is a fault, and every refusal is a problem document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests import running
from tests.books import unbalanced
from tests.faults.bad_input import Findings, judge, send_all
from tests.faults.hostile_requests import Target, bodies, corpus
from tests.races.wire import generate
from tests.world import World


def fuzz(world: World, environ: Mapping[str, str], directory: Path, cases: int) -> Findings:
    """Send a corpus to a gateway under gunicorn; return the findings, a fault in the log among them."""
    contract, key = world.reseller(quota=1_000_000)
    with running.gateway(environ, directory) as (_, port):
        job = generate(port, contract.id, key, count=100).document["job_id"]
        findings = send_all(port, list(corpus(Target(str(contract.id), key, job), cases)))
    log = (directory / "gateway.log").read_text(errors="replace")
    findings.wrong += [line[:300] for line in log.splitlines() if "gateway.fault" in line or "Traceback" in line]
    assert unbalanced() == []
    return findings


def test_no_input_is_a_fault(world: World, environ: Mapping[str, str], tmp_path: Path):
    findings = fuzz(world, environ, tmp_path, 1500)
    print(f"\nP15 reduced: {findings}")
    assert findings.wrong == []
    assert findings.cases == 1500
    assert sum(findings.statuses.values()) > 1000  # most of it reached the gateway itself


def test_reading_json_as_it_comes_fails_the_same_verdict():
    """The negative control: a view that trusts the body answers 500 to a good part of the same corpus."""
    target, findings = Target("c", "alk_live_" + "a" * 61, "j"), Findings()
    for body in bodies(target, 300):
        judge(findings, body, _naive(body))
    assert sum("500" in sentence for sentence in findings.wrong) > 30


def _naive(body: bytes) -> tuple[int, dict[str, str], bytes]:
    try:
        _ = json.loads(body)["count"] + 1
    except Exception:  # noqa: BLE001 - what a framework does with what a view does not catch
        return 500, {"x-request-id": "1", "content-type": "text/html"}, b"Internal Server Error"
    return 201, {"x-request-id": "1"}, b"{}"
