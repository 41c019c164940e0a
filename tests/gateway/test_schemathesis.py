"""Schemathesis finds nothing that the document does not say (UX 49; P15 at reduced size)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient

from tests import running
from tests.gateway.conversation import OWN, PATHS, config_of, partner_of, talk
from tests.world import World

EXAMPLES = 4
SEED = 1
GENERATE = "/api/v1/contracts/{contract}/generate"
LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another status": lambda call: call["responses"].update({"200": call["responses"].pop("201")}),
    "no such code": lambda call: call["responses"].pop("422"),
    "a header always there": lambda call: call["responses"]["201"]["headers"].update(
        {"Idempotent-Replayed": {"required": True, "schema": {"type": "string"}}}
    ),
    "no key needed": lambda call: call["responses"].pop("401"),
}


@pytest.fixture(scope="module")
def host(environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running.gateway(environ, tmp_path_factory.mktemp("gateway"), GATEWAY_WORKERS="1") as (_, port):
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("own", PATHS)
def test_every_answer_is_one_the_document_allows(world: World, partner: FlaskClient, host: str, own: tuple[str, ...]):
    who = partner_of(world, partner)
    config = config_of(who, own, host=host, examples=EXAMPLES, seed=SEED, is_short=own != OWN)
    verdict = talk(schemathesis.openapi.from_url(f"{host}/openapi.json", config=config))
    print(f"\nP15 reduced: {verdict.calls} calls, {dict(sorted(verdict.by_status.items()))}")
    assert not verdict.faults, "\n\n".join(verdict.faults[:20])


@pytest.mark.parametrize("lie", LIES)
def test_a_document_that_lies_is_found_out(world: World, partner: FlaskClient, host: str, lie: str):
    """The negative control."""
    document = partner.get("/openapi.json", base_url=host).get_json()
    document["paths"] = {GENERATE: document["paths"][GENERATE]}
    LIES[lie](document["paths"][GENERATE]["post"])
    who, is_short = partner_of(world, partner), lie in {"another status", "a header always there"}
    config = config_of(who, OWN, host=host, examples=EXAMPLES, seed=SEED, is_short=is_short)
    faults = talk(schemathesis.openapi.from_dict(document, config=config)).faults
    assert any("_conformance" in fault for fault in faults), faults
