"""The body of a generate call: media type and size first, strict JSON and schema when its rung comes (GATEWAY 4)."""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app, request
from gunicorn.http.errors import ParseException

from gateway_app.edge import BODY_MOST_BYTES
from gateway_app.refusals import BodyTooLarge, InvalidParameter, MalformedRequest, UnsupportedMediaType
from gateway_app.schemas import (
    KEY_SENTENCE,
    GenerateRequest,
    InvalidParametersError,
    is_idempotency_key,
    may_be_echoed,
    read_generate_request,
)
from gateway_app.strict_json import MalformedJsonError, parse_object
from shared.services.generation import TEST_MOST

BROKEN_BODY = "The body ends before its Content-Length, or its chunks cannot be read."


def read_bytes() -> bytes:
    """Return the raw body (rung 1).

    Raises:
        UnsupportedMediaType: it is not plain ``application/json`` in UTF-8.
        BodyTooLarge: it has more than 16 KiB.
        MalformedRequest: it ends early, or its chunks cannot be read.

    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    if request.mimetype != "application/json" or charset != "utf-8" or encoded:
        raise UnsupportedMediaType
    if (request.content_length or 0) > BODY_MOST_BYTES:
        raise BodyTooLarge
    if request.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":  # the server undoes no other coding
        raise MalformedRequest(detail=BROKEN_BODY)
    try:
        body = request.get_data(cache=False)
    except (ParseException, OSError) as error:  # the server reads the chunks only now
        raise MalformedRequest(detail=BROKEN_BODY) from error
    if len(body) > BODY_MOST_BYTES:
        raise BodyTooLarge
    if len(body) < (request.content_length or 0):
        raise MalformedRequest(detail=BROKEN_BODY)
    return body


def read_request(body: bytes) -> tuple[GenerateRequest, str | None]:
    """Return the request in ``body`` and its idempotency key from body or header (rung 7).

    Raises:
        MalformedRequest: not strict JSON, or two different idempotency keys.
        InvalidParameter: it does not fit the schema, or the query has parameters.

    """
    if unknown := unknown_parameters():
        raise InvalidParameter(errors=unknown)
    try:
        wanted = read_generate_request(parse_object(body), current_app.extensions["generate_schema"])
    except MalformedJsonError as error:
        raise MalformedRequest(detail=str(error)) from error
    except InvalidParametersError as error:
        raise InvalidParameter(errors=error.errors) from error
    if wanted.test and wanted.count > TEST_MOST:
        raise InvalidParameter(errors=[{"pointer": "/count", "detail": f"A test makes 1 to {TEST_MOST} licenses."}])
    return wanted, _idempotency_key(wanted.idempotency_key)


def unknown_parameters(known: Collection[str] = ()) -> list[dict[str, str]]:
    """Return one error for each parameter of the query that is not ``known``: a typo must not pass in silence."""
    return [
        {"parameter": name if may_be_echoed(name) else "", "detail": "This parameter is not known."}
        for name in request.args
        if name not in known
    ]


def _idempotency_key(in_body: str | None) -> str | None:
    headers = request.headers.getlist("Idempotency-Key")
    if not headers:
        return in_body
    if len(headers) > 1 or in_body not in {None, headers[0]}:
        raise MalformedRequest(detail="The request has two different idempotency keys. Send one, in body or header.")
    if not is_idempotency_key(headers[0]):
        raise InvalidParameter(errors=[{"header": "Idempotency-Key", "detail": KEY_SENTENCE}])
    return headers[0]
