"""License keys: unguessable, unbiased, unique in any spelling, and no endless search for a free one (K-1, K-2)."""

from __future__ import annotations

import math
import os
import re
import uuid
from collections import Counter
from collections.abc import Iterable

import pytest

from shared import db
from shared.errors import InvalidInput, KeysCollided, KeySpaceTooSmall
from shared.models import Generator
from shared.models.contract import QUOTA_MOST
from shared.models.generator import ALPHABETS
from shared.services.license_keys import (
    KeyFormat,
    canonical_of,
    ensure_roomy,
    ensure_strong,
    make_batch,
    strength_bits,
)
from shared.transaction import transaction
from tests.world import World, one

MANY = 20_000
WEAK = "This pattern holds {} bits of chance and could be guessed; 64 are needed. With this alphabet use at least {} "
FILL = """
INSERT INTO license (id, key, canonical, environment_id, product_id, activation_limit)
SELECT gen_random_uuid(), key, key, 1, %(product)s, 1
  FROM (SELECT 'T' || upper(lpad(to_hex(n), 4, '0')) AS key FROM generate_series(0, 65535) n) AS every"""


@pytest.mark.parametrize(
    ("stars", "alphabet", "bits", "needed"),
    [
        (0, "unambiguous", 0, 13),
        (12, "unambiguous", 59, 13),
        (12, "alphanumeric", 62, 13),
        (15, "hex", 60, 16),
        (19, "digits", 63, 20),
    ],
)
def test_a_pattern_that_could_be_guessed_is_refused_with_what_it_needs(
    stars: int, alphabet: str, bits: int, needed: int
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ensure_strong(KeyFormat("pattern", "AB-" + "*" * stars, alphabet))
    assert str(refusal.value).startswith(WEAK.format(bits, needed))
    ensure_strong(KeyFormat("pattern", "*" * needed, alphabet))


@pytest.mark.parametrize("pattern", ["\u00e9" + "*" * 20, "\n" + "*" * 20, "*" * 101, "\x7f" + "*" * 20])
def test_a_pattern_with_other_than_printable_ascii_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="Use up to 100 printable ASCII characters"):
        ensure_strong(KeyFormat("pattern", pattern, "hex"))


def test_a_key_space_is_roomy_for_one_license_in_65536_keys_and_no_more() -> None:
    shape = KeyFormat("pattern", "*" * 16, "hex")
    ensure_roomy(shape, quota=2**48)
    with pytest.raises(KeySpaceTooSmall):
        ensure_roomy(shape, quota=2**48 + 2**10)
    ensure_roomy(KeyFormat("uuid", None, "hex"), quota=QUOTA_MOST)


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("abcd-efgh", "ABCDEFGH"),
        (" AB CD--EF ", "ABCDEF"),
        ("TST_1.2", "TST_1.2"),
        ("0192f0c4-7b1e-4a5f-8d3c-2b1a09876543", "0192F0C47B1E4A5F8D3C2B1A09876543"),
    ],
)
def test_a_key_is_the_same_whatever_its_case_spaces_and_dashes(key: str, canonical: str) -> None:
    assert canonical_of(key) == canonical


@pytest.mark.parametrize(
    "shape",
    [
        KeyFormat("pattern", "TST-*****-*****-*****-*****", "unambiguous"),
        KeyFormat("uuid", None, "unambiguous"),
    ],
)
def test_a_batch_has_as_many_different_keys_in_order_each_with_its_canonical_spelling(shape: KeyFormat) -> None:
    batch = make_batch(shape, MANY)
    assert (len(set(batch.ids)), len(set(batch.keys)), len(set(batch.canonical))) == (MANY, MANY, MANY)
    assert batch.keys == sorted(batch.keys)
    assert batch.canonical == [canonical_of(key) for key in batch.keys]


def test_no_keys_are_a_batch_too() -> None:
    assert make_batch(KeyFormat("pattern", "***", "hex"), 0) == ([], [], [])


def test_a_key_follows_its_pattern_and_a_uuid_is_version_4() -> None:
    [key] = make_batch(KeyFormat("pattern", "v1 **/***", "digits"), 1).keys
    assert re.fullmatch("v1 [0-9]{2}/[0-9]{3}", key)
    [identifier] = make_batch(KeyFormat("uuid", None, "hex"), 1).keys
    assert uuid.UUID(identifier).version == 4


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_every_symbol_is_as_likely_as_every_other_in_every_place(alphabet: str) -> None:
    symbols = ALPHABETS[alphabet]
    keys = make_batch(KeyFormat("pattern", "*" * 8, alphabet), MANY).keys
    assert all(is_even(column, symbols) for column in zip(*keys, strict=True))


@pytest.mark.parametrize("alphabet", ["unambiguous", "alphanumeric", "digits"])
def test_symbols_taken_by_remainder_would_be_found_uneven(alphabet: str) -> None:
    """The negative control: 256 is no multiple of these alphabets."""
    symbols = ALPHABETS[alphabet]
    assert not is_even((symbols[byte % len(symbols)] for byte in os.urandom(MANY * 32)), symbols)


def is_even(found: Iterable[str], symbols: str) -> bool:
    """Tell whether a chi-square of ``found`` lies within six deviations; a false alarm is one in some 10^7."""
    counts = Counter(found)
    expected, free = counts.total() / len(symbols), len(symbols) - 1
    chi = sum((counts[symbol] - expected) ** 2 / expected for symbol in symbols)
    return set(counts) <= set(symbols) and chi < free + 6 * math.sqrt(2 * free) + 12


def test_the_strength_is_counted_in_random_symbols_only() -> None:
    assert strength_bits(KeyFormat("pattern", "AAAA-****", "hex")) == 16
    assert strength_bits(KeyFormat("uuid", None, "hex")) == 122


def test_a_weak_generator_is_refused_when_it_is_saved(world: World) -> None:
    with pytest.raises(InvalidInput, match="could be guessed"):
        world.generator(pattern="*" * 4)


def tiny(world: World) -> Generator:
    """Return a generator of 65 536 keys, put past the service that would refuse it."""
    generator = world.generator()
    with transaction():
        db.run("UPDATE generator SET pattern = 'T****', alphabet = 'hex' WHERE id = %(id)s", id=generator.id)
    return generator


def test_a_full_key_space_is_a_clean_refusal_and_a_crowded_one_is_searched_three_times(world: World) -> None:
    generator = tiny(world)
    contract = world.contract(generator=generator, quota=1)
    with transaction():
        db.run(FILL, product=generator.product_id)
    with pytest.raises(KeysCollided, match="nothing was made"):
        world.generate(contract, 1)
    assert one("SELECT count(*) AS n FROM generation").n == 0
    with transaction():
        db.run("DELETE FROM license WHERE mod(('x' || right(key, 4))::bit(16)::int, 10) >= 3")
    # Three in ten keys are taken: one try in three would fail, three tries in a row fail 27 in 1 000 times.
    refused = sum(not made(world, contract) for _ in range(50))
    assert refused <= 8
    assert one("SELECT count(*) AS n FROM license WHERE test").n == 50 - refused


def made(world: World, contract: object) -> bool:
    try:
        return len(world.generate(contract, 1, test=True).licenses) == 1  # type: ignore[arg-type]
    except KeysCollided:
        return False
