"""Schemathesis finds nothing that the document does not say (UX 49; P15 at reduced size)."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient

from tests.gateway.conversation import config_of, partner_of, talk
from tests.world import World

EXAMPLES = 3
SEED = 1


@pytest.mark.parametrize("own_ids", [True, False])
def test_every_answer_is_one_the_document_allows(
    world: World, partner: FlaskClient, gateway_app: Flask, own_ids: bool
):
    config = config_of(partner_of(world, partner), own_ids=own_ids, examples=EXAMPLES, seed=SEED)
    verdict = talk(schemathesis.openapi.from_wsgi("/openapi.json", gateway_app, config=config))
    print(f"\nschemathesis: {verdict.calls} calls, {sorted(verdict.answers.items())}")
    assert verdict.faults == []
