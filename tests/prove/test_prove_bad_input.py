"""P15 at full size, beside the calls by the document: 6 000 hostile requests over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.test_bad_input import fuzz
from tests.world import World


@pytest.mark.prove
def test_six_thousand_hostile_requests_are_no_fault(world: World, environ: Mapping[str, str], tmp_path: Path):
    findings = fuzz(world, environ, tmp_path, 6000)
    print(f"\nP15: {findings}")
    assert findings.wrong == []
