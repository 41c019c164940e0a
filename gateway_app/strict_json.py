"""Reading a request body as strict JSON: what two parsers could read differently is refused (GATEWAY 4)."""

import json
import math
import re
from typing import NoReturn, Self

MOST_DEEP = 8
MOST_DIGITS = 308  # the double of RFC 8259, 6 ends at 1.8e308; int() itself stops at 4 300 digits
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


class MalformedJsonError(ValueError):
    """A body is not the JSON the gateway reads; the message says why and quotes nothing of it."""


class RealNumber(float):
    """A JSON number written with a fraction or an exponent, which remembers how it was written."""

    literal: str

    def __new__(cls, literal: str) -> Self:
        """Read ``literal``, refusing what a double cannot hold."""
        number = super().__new__(cls, literal)
        if math.isinf(number):
            raise MalformedJsonError("The body holds a number larger than can be read.")
        number.literal = literal
        return number

    def as_integer(self) -> int | None:
        """Return the integer this is a spelling of, as in ``5.0``; None for ``1.5`` and for any exponent."""
        whole, _, fraction = self.literal.partition(".")
        return int(whole) if fraction and not fraction.strip("0") else None


def parse_object(body: bytes) -> dict[str, object]:
    """Return the one JSON object that ``body`` is, integers as int and other numbers as RealNumber.

    Raises:
        MalformedJsonError: not UTF-8 without a byte order mark, not exactly one object, duplicate members,
            NaN, Infinity, numbers a double cannot hold, NUL or lone surrogates in text, nesting over 8.
            RFC 8259 allows a reader each of these limits; RFC 7493 asks writers to stay inside them.

    """
    text = _decode(body)
    _ensure_shallow(text)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=RealNumber,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedJsonError(f"The body is not valid JSON ({where}).") from None
    if not isinstance(document, dict):
        raise MalformedJsonError("The body must be one JSON object.")
    _ensure_text(document)
    return document


def _decode(body: bytes) -> str:
    if not body.strip():
        raise MalformedJsonError("The body is empty; it must be one JSON object.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MalformedJsonError("The body is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise MalformedJsonError("The body starts with a byte order mark; send UTF-8 without it.")
    return text


def _ensure_shallow(text: str) -> None:
    """Count brackets outside strings before parsing: the parser itself would run out of stack first."""
    depth = 0
    for token in TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > MOST_DEEP:
            raise MalformedJsonError(f"The body is nested deeper than {MOST_DEEP} levels.")


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) != len(members):
        raise MalformedJsonError("An object in the body has two members of the same name.")
    return found


def _integer(literal: str) -> int:
    if len(literal.lstrip("-")) > MOST_DIGITS:
        raise MalformedJsonError("The body holds a number larger than can be read.")
    return int(literal)


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedJsonError("The body holds NaN or Infinity, which JSON does not have.")


def _ensure_text(value: object) -> None:
    """Refuse text that no database column and no other parser would take, in names and values alike."""
    if isinstance(value, str) and NOT_TEXT.search(value):
        raise MalformedJsonError("A text in the body holds NUL or half of a surrogate pair.")
    if isinstance(value, dict):
        for name, member in value.items():
            _ensure_text(name)
            _ensure_text(member)
    if isinstance(value, list):
        for member in value:
            _ensure_text(member)
