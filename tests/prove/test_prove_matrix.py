"""P16 at full size: every route, also by the methods it does not have, as every role and as nobody."""

from __future__ import annotations

import pytest

from tests.admin.conftest import Visits, admin, arguments, signed_in, stranger, viewer
from tests.admin.matrix import LADDER
from tests.admin.office import Visit
from tests.admin.walk import OTHER_METHODS, Arguments, is_walked, served, walk

__all__ = ["admin", "arguments", "signed_in", "stranger", "viewer"]


@pytest.mark.prove
def test_nobody_does_more_than_the_role(signed_in: Visits, stranger: Visit, arguments: Arguments) -> None:
    people: list[tuple[Visit, str | None]] = [(signed_in(role), role) for role in LADDER]
    people.append((stranger, None))
    found = [line for person, role in people for line in walk(person, role, arguments, others=True)]
    asked = sum(
        len(methods) + len(OTHER_METHODS) for route, methods in served(stranger.app).items() if is_walked(route)
    )
    print(f"\nP16: {asked} routes and methods, each as {len(LADDER)} roles and as nobody")
    assert found == []
