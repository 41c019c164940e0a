"""Reading the fields of a form: each cleaned or refused with a sentence, and all refusals given at once."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any

from shared.errors import InvalidInput

INTEGER_MOST = 2**31 - 1
JSON_MOST = 20_000
JSON_DEEPEST = 20  # what is laid out over lines is written by recursion, and the database has a stack of its own
DIGITS_MOST = 20
NOT_STORABLE = "Remove NUL characters, NaN, Infinity and half surrogate pairs: they cannot be stored."
GROUPED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+")  # 10 000, as we print it and people copy it
JOINERS = "\u200c\u200d"  # part of words in Persian and Indic scripts, and of some emoji
TOO_DEEP = "The JSON is nested too deeply."
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # escaped as JSON text has it, and the escape not itself escaped


class Reading:
    """Values read so far and the sentences of those that could not be read."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.values: dict[str, Any] = dict(fields)
        self.problems: dict[str, str] = {}

    def take(self, name: str, read: Callable[[Any], Any]) -> None:
        """Read the field ``name`` with a function that returns the value or raises ValueError with a sentence."""
        try:
            self.values[name] = read(self.values.get(name))
        except ValueError as error:
            self.problems[name] = str(error)

    def finish(self) -> dict[str, Any]:
        """Return the values. Raises InvalidInput naming every field that could not be read."""
        if self.problems:
            raise InvalidInput(**self.problems)
        return self.values


def text_of(value: object, *, most: int, needed: str = "") -> str:
    """Return trimmed text of at most ``most`` characters; raise ValueError when it cannot be stored or is missing."""
    text = unicodedata.normalize("NFC", str(value or "")).strip()
    if needed and not text:
        raise ValueError(needed)
    if len(text) > most:
        raise ValueError(f"Use at most {most} characters; these are {len(text)}.")
    if any(unicodedata.category(symbol) in {"Cc", "Cs"} and symbol not in "\n\r\t" for symbol in text):
        raise ValueError("Remove the control characters.")
    return text


def name_of(value: object, *, most: int, needed: str = "") -> str:
    """Return text fit to name something on one line; raise ValueError with a sentence.

    Characters that are not seen or turn the direction of writing are refused: with them one name passes for another.
    """
    text = text_of(value, most=most, needed=needed)
    for symbol in text:
        category = unicodedata.category(symbol)
        if category in {"Cc", "Zl", "Zp"}:
            raise ValueError("Write the name on one line.")
        if category == "Cf" and symbol not in JOINERS:
            raise ValueError(
                f"Remove the invisible character U+{ord(symbol):04X}: with it one name passes for another."
            )
    return text


def whole(value: object, *, least: int = 1, most: int) -> int | None:
    """Return ``value`` as a whole number within bounds, None when blank; raise ValueError with a sentence."""
    if value is None or value == "":
        return None
    sentence = f"Use a whole number from {least} to {most}."
    text = str(value).strip()
    if GROUPED.fullmatch(text):
        text = re.sub(r"[^0-9]", "", text)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_MOST else least - 1
    if not least <= number <= most:
        raise ValueError(sentence)
    return number


def json_object(value: object) -> dict[str, Any]:
    """Return ``value``, an object or the JSON text of one; raise ValueError naming line and column of a mistake."""
    try:
        found = _parsed(value) if isinstance(value, str) else value
        if not isinstance(found, dict):
            raise ValueError('Write a JSON object, such as {"seats": 5}.')  # noqa: TRY004 - one kind of refusal for a form
        if _is_deeper(found, JSON_DEEPEST):
            raise ValueError(TOO_DEEP)
        _ensure_storable(found)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    return found


def _parsed(text: str) -> Any:
    if len(text) > JSON_MOST:
        raise ValueError(f"Use at most {JSON_MOST} characters of JSON; these are {len(text)}.")
    try:
        return json.loads(text.strip() or "{}", object_pairs_hook=_members, parse_int=_integer)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"The JSON is broken at {place}: {error.msg}.") from error


def _integer(digits: str) -> int:
    if len(digits) > DIGITS_MOST:
        raise ValueError(
            f"The JSON holds a number of {len(digits)} digits. Use at most {DIGITS_MOST}, or write a text."
        )
    return int(digits)


def _is_deeper(found: dict[str, Any], most: int) -> bool:
    """Tell whether more than ``most`` objects and arrays lie in each other, without recursion."""
    level: list[Any] = [found]
    for _ in range(most):
        level = [
            part
            for outer in level
            for part in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(part, dict | list)
        ]
    return bool(level)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of one object; a name given twice would silently lose a value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:40]!r} is written twice in one object. Keep one of them.")
    return found


def _ensure_storable(found: dict[str, Any]) -> None:
    try:
        text = json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:  # NaN or Infinity, half of a surrogate pair, a number without end
        raise ValueError(NOT_STORABLE) from error
    if NUL.search(text):
        raise ValueError(NOT_STORABLE)


def one_of(value: object, known: Collection[str]) -> str:
    """Return ``value`` when it is one of ``known``; raise ValueError naming them."""
    if value not in known:
        raise ValueError(f"Choose one of: {', '.join(known)}.")
    return str(value)
