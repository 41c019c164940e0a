"""P15 at full size: 5 000 calls and more by the document, valid and invalid, and no answer outside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import schemathesis
from flask.testing import FlaskClient

from tests import running
from tests.gateway.conversation import PATHS, Verdict, config_of, partner_of, talk
from tests.world import World

ROUNDS = 12
EXAMPLES = 40
CALLS_LEAST = 5_000


@pytest.mark.prove
def test_no_answer_is_outside_the_document(
    world: World, partner: FlaskClient, environ: Mapping[str, str], tmp_path: Path
):
    whole = Verdict()
    with running.gateway(environ, tmp_path, FAILED_KEYS_PER_MINUTE="100000") as (_, port):
        host = f"http://127.0.0.1:{port}"
        for number in range(ROUNDS):  # a partner each: the limit on reads is one per key
            config = config_of(partner_of(world, partner), PATHS[number % 3], host=host, examples=EXAMPLES)
            found = talk(schemathesis.openapi.from_url(f"{host}/openapi.json", config=config))
            whole.answers += found.answers
            whole.faults += found.faults
    print(
        f"\nP15: {whole.calls} calls, {len(whole.faults)} outside the document; {dict(sorted(whole.by_status.items()))}"
    )
    assert not whole.faults, "\n\n".join(whole.faults[:20])
    assert whole.calls >= CALLS_LEAST
    assert {200, 201, 202, 400, 401, 403, 404, 405, 415, 422} <= set(whole.by_status)
