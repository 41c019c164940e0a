"""P7: every key at every contract's address; and the verdict that nothing but the own contract opens or shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.races.wire import Answer

VARIES = frozenset({"request_id", "instance"})
Send = Callable[[str, str], Answer]


@dataclass(frozen=True)
class Matrix:
    """How many calls were accepted and refused, and what was wrong with them."""

    accepted: int
    refused: int
    shapes: int
    wrong: list[str]


def try_all(keys: dict[str, str], others: Iterable[str], send: Send) -> Matrix:
    """Call with every key of ``keys`` (by contract) every one of their contracts and ``others``."""
    wrong, shapes, accepted, refused = [], Counter[str](), 0, 0
    strangers = list(others)
    for own, key in keys.items():
        for asked in [*keys, *strangers]:
            answer = send(asked, key)
            if asked == own:
                accepted += answer.status == 201
                if answer.status != 201:
                    wrong.append(f"own contract: {answer.status}")
                continue
            refused += answer.status == 403
            if answer.status != 403:
                wrong.append(f"foreign contract: {answer.status}")
            shapes[_shape(answer)] += 1
    if len(shapes) > 1:
        wrong.append(f"{len(shapes)} different refusals: {shapes.most_common()}")
    return Matrix(accepted, refused, len(shapes), wrong)


def _shape(answer: Answer) -> str:
    """Return all of an answer that could tell one contract from another."""
    document = {name: value for name, value in answer.document.items() if name not in VARIES}
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"x-request-id", "date"} and (name != "content-length" or "instance" not in answer.document)
    }
    return repr((answer.status, sorted(document.items()), sorted(headers.items())))
