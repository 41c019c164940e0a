"""Contract keys, tokens and sealed secrets: what is refused first."""

import hashlib
import hmac
import random
import string
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto import (
    BASE62,
    UNAMBIGUOUS,
    ContractKey,
    KeyFormatError,
    Sealed,
    SecretBox,
    Tag,
    UnreadableSecretError,
    digest,
    hash_token,
    is_same,
    mask_key,
    new_key,
    new_token,
    read_key,
    ring_id,
)

KEY = new_key("live").text
OLD, NEW, FOREIGN = (bytes([n]) * 32 for n in (1, 2, 3))

NOT_KEYS = [
    "",
    " ",
    "alk_live_",
    KEY[:-1],
    KEY[1:],
    KEY + "0",
    KEY + "\n",
    " " + KEY,
    KEY * 200,
    KEY.upper(),
    KEY.replace("live", "prod"),
    KEY.replace("live", "test"),
    KEY.replace("alk_", "alk-"),
    KEY[:9] + "0" * 12 + KEY[21:],
    KEY[:-1] + "é",
    KEY[:-1] + "\uff11",
    KEY[:-1] + "\x00",
    KEY[:-1] + "\ud800",
    "x" * len(KEY),
    "x" * 10_000,
]


@pytest.mark.parametrize("text", NOT_KEYS, ids=range(len(NOT_KEYS)))
def test_what_is_no_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(KeyFormatError) as refusal:
        read_key(text)
    assert not text.strip() or text not in str(refusal.value)


def test_every_single_wrong_symbol_is_noticed() -> None:
    for place in range(len("alk_live_"), len(KEY)):
        for symbol in set(BASE62) - {KEY[place]}:
            with pytest.raises(KeyFormatError):
                read_key(KEY[:place] + symbol + KEY[place + 1 :])


def test_every_swap_of_neighbours_is_noticed() -> None:
    for place in range(len("alk_live_"), len(KEY) - 1):
        swapped = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]
        if swapped != KEY:
            with pytest.raises(KeyFormatError):
                read_key(swapped)


@given(text=st.text(max_size=90))
def test_any_text_is_refused_and_never_fails_otherwise(text: str) -> None:
    with pytest.raises(KeyFormatError):
        read_key(text)


@pytest.mark.parametrize("tag", get_args(Tag))
def test_a_new_key_reads_back_as_itself(tag: Tag) -> None:
    for _ in range(200):
        key = new_key(tag)
        assert read_key(key.text) == key
        assert len(key.text) == len("alk_live_") + 12 + 43 + 6
        assert key.text.startswith(f"alk_{tag}_{key.public_id}{key.secret}")
        assert set(key.public_id) <= set(UNAMBIGUOUS)


def test_keys_do_not_repeat_and_use_the_whole_secret() -> None:
    keys = [new_key("live") for _ in range(2_000)]
    assert len({key.public_id for key in keys}) == len({key.secret for key in keys}) == 2_000
    numbers = [sum(BASE62.index(s) * 62**n for n, s in enumerate(reversed(key.secret))) for key in keys]
    assert max(numbers) < 2**256
    for bit in range(256):
        assert 800 < sum(number >> bit & 1 for number in numbers) < 1_200


def test_the_alphabets_have_the_sizes_the_strength_rests_on() -> None:
    assert len(set(BASE62)) == 62
    assert set(BASE62) == set(string.ascii_letters + string.digits)
    assert len(set(UNAMBIGUOUS)) == len(UNAMBIGUOUS) == 58


def test_a_printed_key_shows_no_secret() -> None:
    key = new_key("test")
    assert key.secret not in repr(key)
    assert key.public_id in repr(key)


def test_a_masked_key_shows_eight_symbols() -> None:
    key = new_key("test")
    assert mask_key(key.text) == f"alk_test_{key.public_id[:4]}…{key.text[-4:]}"
    with pytest.raises(KeyFormatError):
        mask_key("hunter2")


def test_the_digest_is_hmac_sha256_and_depends_on_the_pepper() -> None:
    assert digest(KEY, OLD) == hmac.new(OLD, KEY.encode(), hashlib.sha256).digest()
    assert not is_same(digest(KEY, OLD), digest(KEY, NEW))
    assert is_same(digest(KEY, OLD), digest(KEY, OLD))
    assert not is_same(b"", digest(KEY, OLD))


def test_tokens_are_long_url_safe_and_stored_hashed() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    for token in tokens:
        assert len(token) == 43
        assert set(token) <= set(BASE62 + "-_")
    assert hash_token("abc") == hashlib.sha256(b"abc").digest()


def test_a_secret_opens_only_for_its_row() -> None:
    box = SecretBox((NEW,))
    sealed = box.seal(KEY, row_id="row 1")
    assert box.unseal(sealed, row_id="row 1") == KEY
    with pytest.raises(UnreadableSecretError):
        box.unseal(sealed, row_id="row 2")


def test_a_changed_ciphertext_never_opens() -> None:
    box, dice = SecretBox((NEW,)), random.Random(7)  # noqa: S311
    sealed = box.seal(KEY, row_id="row")
    for _ in range(500):
        broken = bytearray(sealed.ciphertext)
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        with pytest.raises(UnreadableSecretError):
            box.unseal(Sealed(sealed.ring_id, bytes(broken)), row_id="row")


@pytest.mark.parametrize("length", range(29))
def test_a_short_ciphertext_never_opens(length: int) -> None:
    box = SecretBox((NEW,))
    with pytest.raises(UnreadableSecretError):
        box.unseal(Sealed(box.sealing_id, b"x" * length), row_id="row")


def test_the_first_key_seals_and_all_open() -> None:
    old, both = SecretBox((OLD,)), SecretBox((NEW, OLD))
    before, after = old.seal("whsec_1", row_id="r"), both.seal("whsec_1", row_id="r")
    assert (before.ring_id, after.ring_id) == (ring_id(OLD), ring_id(NEW))
    assert both.unseal(before, row_id="r") == both.unseal(after, row_id="r") == "whsec_1"
    assert both.needs_resealing(before)
    assert not both.needs_resealing(after)
    with pytest.raises(UnreadableSecretError):
        old.unseal(after, row_id="r")
    with pytest.raises(UnreadableSecretError):
        SecretBox((FOREIGN,)).unseal(before, row_id="r")


def test_a_ring_id_cannot_be_forged_to_another_key() -> None:
    both = SecretBox((NEW, OLD))
    sealed = both.seal("secret", row_id="r")
    with pytest.raises(UnreadableSecretError):
        both.unseal(Sealed(ring_id(OLD), sealed.ciphertext), row_id="r")


def test_equal_secrets_look_different_when_sealed() -> None:
    box = SecretBox((NEW,))
    assert len({box.seal("same", row_id="r").ciphertext for _ in range(100)}) == 100


@pytest.mark.parametrize("ring", [(), (b"short",), (NEW, b"")])
def test_a_ring_of_unusable_keys_is_refused(ring: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SecretBox(ring)


def test_a_contract_key_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ContractKey("live", "a", "b", "c").tag = "test"  # type: ignore[misc]
