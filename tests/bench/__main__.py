"""Ratios of speed and memory: ``python -m tests.bench [NAME …]``; each against its reference in the same run."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench import contracts, jobs, single
from tests.bench.stage import Stage, stage

BENCHES: dict[str, Callable[[Stage], None]] = {
    "jobs": jobs.run,
    "single": single.run,
    "contracts": contracts.run,
}


def main(names: list[str]) -> None:
    """Run the named benches, or all."""
    unknown = set(names) - BENCHES.keys()
    if unknown:
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    with stage() as found:
        for name in names or BENCHES:
            print(f"\n{name}")
            BENCHES[name](found)


if __name__ == "__main__":
    main(sys.argv[1:])
