"""License keys in bulk: made from the operating system's randomness, a whole chunk at a time (SPEC K-1, K-2)."""

from __future__ import annotations

import math
import os
import uuid
from dataclasses import dataclass
from typing import NamedTuple

import uuid_utils

from shared.errors import InvalidInput, KeySpaceTooSmall
from shared.models.generator import ALPHABETS

RANDOM_SYMBOL = "*"
PATTERN_MOST = 100
STRENGTH_LEAST_BITS = 64
UUID_STRENGTH_BITS = 122
# A quota may fill at most one in this many of the possible keys, so that collisions stay rare and guessing futile.
SPACE_PER_LICENSE = 2**16
_IGNORED = str.maketrans("", "", " -")


@dataclass(frozen=True)
class KeyFormat:
    """How the keys of a generator look."""

    format: str
    pattern: str | None
    alphabet: str


class Batch(NamedTuple):
    """Ids, keys and canonical spellings of new licenses, as three columns in the same order."""

    ids: list[str]
    keys: list[str]
    canonical: list[str]


def canonical_of(key: str) -> str:
    """Return the spelling that decides uniqueness: upper case without spaces and dashes (SCHEMA 4)."""
    return key.translate(_IGNORED).upper()


def strength_bits(shape: KeyFormat) -> float:
    """Return how many bits of chance one key holds."""
    if shape.format == "uuid":
        return UUID_STRENGTH_BITS
    return (shape.pattern or "").count(RANDOM_SYMBOL) * math.log2(len(ALPHABETS[shape.alphabet]))


def ensure_strong(shape: KeyFormat) -> None:
    """Refuse a format whose keys could be guessed.

    Raises:
        InvalidInput: naming the field ``pattern`` and how many random symbols are needed.

    """
    if shape.format == "uuid":
        return
    pattern = shape.pattern or ""
    if not pattern.isascii() or not pattern.isprintable() or len(pattern) > PATTERN_MOST:
        raise InvalidInput(
            pattern=f"Use up to {PATTERN_MOST} printable ASCII characters; {RANDOM_SYMBOL} stands for a random symbol."
        )
    bits = strength_bits(shape)
    if bits < STRENGTH_LEAST_BITS:
        needed = math.ceil(STRENGTH_LEAST_BITS / math.log2(len(ALPHABETS[shape.alphabet])))
        raise InvalidInput(
            pattern=f"This pattern holds {bits:.0f} bits of chance and could be guessed; "
            f"{STRENGTH_LEAST_BITS} are needed. With this alphabet use at least {needed} random symbols "
            f"({RANDOM_SYMBOL})."
        )


def ensure_roomy(shape: KeyFormat, *, quota: int) -> None:
    """Refuse a generation when the key space could not hold ``quota`` comfortably.

    Raises:
        KeySpaceTooSmall: the space is under 65 536 keys for each license of the quota.

    """
    if math.log2(quota) + math.log2(SPACE_PER_LICENSE) > strength_bits(shape):
        raise KeySpaceTooSmall


def make_batch(shape: KeyFormat, count: int) -> Batch:
    """Return ``count`` new licenses' ids and keys.

    The keys are sorted inside the batch: neighbours in the unique index are then inserted together.
    """
    keys = sorted(_uuids(count) if shape.format == "uuid" else _patterned(shape, count))
    return Batch([str(uuid_utils.uuid7()) for _ in range(count)], keys, _canonical_column(keys))


def _uuids(count: int) -> list[str]:
    raw = os.urandom(16 * count)
    return [str(uuid.UUID(bytes=raw[i : i + 16], version=4)) for i in range(0, 16 * count, 16)]


def _patterned(shape: KeyFormat, count: int) -> list[str]:
    """Write the random symbols column by column: one slice assignment serves the whole batch."""
    pattern = (shape.pattern or "").encode()
    places = [i for i, symbol in enumerate(pattern) if symbol == ord(RANDOM_SYMBOL)]
    symbols = _symbols(ALPHABETS[shape.alphabet], count * len(places))
    text = bytearray(pattern * count)
    for n, place in enumerate(places):
        text[place :: len(pattern)] = symbols[n * count : (n + 1) * count]
    whole, width = text.decode(), len(pattern)
    return [whole[i : i + width] for i in range(0, width * count, width)]


def _symbols(alphabet: str, count: int) -> bytes:
    """Return ``count`` unbiased symbols: bytes past the last whole multiple of the alphabet are thrown away."""
    usable = 256 - 256 % len(alphabet)
    table = bytes(ord(alphabet[i % len(alphabet)]) for i in range(256))
    biased = bytes(range(usable, 256))
    found = bytearray()
    while len(found) < count:
        missing = count - len(found)
        found += os.urandom(missing + missing * (256 - usable) // usable + 16).translate(table, biased)
    return bytes(found[:count])


def _canonical_column(keys: list[str]) -> list[str]:
    """Apply ``canonical_of`` to all keys in one pass over one text; no key holds a line break."""
    return canonical_of("\n".join(keys)).split("\n") if keys else []
