"""Reading the fields of a form: each cleaned or refused with a sentence, and all refusals given at once."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any

from shared.errors import InvalidInput

INTEGER_MOST = 2**31 - 1
DIGITS_MOST = 20
NOT_STORABLE = "Remove NUL characters, NaN, Infinity and half surrogate pairs: they cannot be stored."
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


def whole(value: object, *, least: int = 1, most: int) -> int | None:
    """Return ``value`` as a whole number within bounds, None when blank; raise ValueError with a sentence."""
    if value is None or value == "":
        return None
    sentence = f"Use a whole number from {least} to {most}."
    text = str(value).strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_MOST else least - 1
    if not least <= number <= most:
        raise ValueError(sentence)
    return number


def json_object(value: object) -> dict[str, Any]:
    """Return ``value``, an object or the JSON text of one; raise ValueError naming line and column of a mistake."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except RecursionError as error:
            raise ValueError("The JSON is nested too deeply.") from error
        except json.JSONDecodeError as error:
            raise ValueError(
                f"The JSON is broken at line {error.lineno}, column {error.colno}: {error.msg}."
            ) from error
    if not isinstance(value, dict):
        raise ValueError('Write a JSON object, such as {"seats": 5}.')  # noqa: TRY004 - one kind of refusal for a form
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:  # NaN or Infinity, or half of a surrogate pair
        raise ValueError(NOT_STORABLE) from error
    if NUL.search(text):
        raise ValueError(NOT_STORABLE)
    return value


def one_of(value: object, known: Collection[str]) -> str:
    """Return ``value`` when it is one of ``known``; raise ValueError naming them."""
    if value not in known:
        raise ValueError(f"Choose one of: {', '.join(known)}.")
    return str(value)
