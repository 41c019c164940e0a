"""Pages of licenses by keyset: a cursor names the last one seen, so that pages neither skip nor repeat."""

from __future__ import annotations

import re
import uuid

from flask import Response, request

from gateway_app import answers, ladder, reads
from gateway_app.body import unknown_parameters
from gateway_app.refusals import InvalidParameter, RouteNotFound
from shared import clock
from shared.services import partner_reads
from shared.services.blueprint import ensure_active
from shared.transaction import single_statement

PAGE = 100
PAGE_MOST = 1000
NUMBER = re.compile(r"[0-9]{1,15}")
PARAMETERS = {"cursor": (-1, -1, 10**15), "limit": (PAGE, 1, PAGE_MOST)}


def page_of_licenses(contract: str, generation: str) -> Response:
    """Answer ``?cursor=&limit=`` of a generation this contract's keys asked for (rungs 1 to 5 and 8)."""
    visitor = ladder.enter(contract)
    ladder.show_calls(visitor)
    cursor, limit = read_parameters()
    generation_id = uuid_of(generation)
    reads.count()
    with single_statement():
        found = partner_reads.find_generation(contract_id=visitor.blueprint.contract_id, generation_id=generation_id)
        if found is None:
            raise RouteNotFound
        ensure_active(visitor.blueprint, at=clock.now(), test=found.test)
        rows = partner_reads.licenses_after(generation_id=generation_id, ordinal=cursor, limit=limit + 1)
    page = rows[:limit]
    return answers.licenses(page, str(page[-1].ordinal) if len(rows) > limit else None)


def read_parameters() -> tuple[int, int]:
    """Return cursor and limit of the query. Raises InvalidParameter naming each that cannot be used."""
    errors = unknown_parameters(PARAMETERS)
    found = []
    for name, (default, least, most) in PARAMETERS.items():
        number = _number(_given(name), default=default, otherwise=least - 1)
        if not least <= number <= most or len(request.args.getlist(name)) > 1:
            sentence = "Use the next_cursor of the page before." if name == "cursor" else f"Use 1 to {most}."
            errors.append({"parameter": name, "detail": sentence})
        found.append(number)
    if errors:
        raise InvalidParameter(errors=errors)
    return found[0], found[1]


def _given(name: str) -> str | None:
    """Return the text of a parameter, None when it is absent; an empty cursor asks for the first page."""
    text = request.args.get(name)
    return None if name == "cursor" and not text else text


def _number(text: str | None, *, default: int, otherwise: int) -> int:
    if text is None:
        return default
    return int(text) if NUMBER.fullmatch(text) else otherwise


def uuid_of(text: str) -> uuid.UUID:
    """Return the uuid in a path. Raises RouteNotFound when it is none."""
    try:
        found = uuid.UUID(text)
    except ValueError as error:
        raise RouteNotFound from error
    if str(found) != text.lower():
        raise RouteNotFound
    return found
