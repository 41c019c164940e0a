"""Secrets: contract keys, one-time tokens, and what is stored of them."""

import base64
import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Tag = Literal["live", "test"]

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
UNAMBIGUOUS = "".join(symbol for symbol in BASE62 if symbol not in "0OIl")  # 58 symbols
ID_SYMBOLS = 12  # 58¹² is 70 bits: ids do not collide, and say nothing about how many there are
SECRET_BYTES = 32
SECRET_SYMBOLS = 43  # the shortest base62 that holds 256 bits
CHECKSUM_SYMBOLS = 6  # the same for 32 bits
NONCE_BYTES = 12  # the length AES-GCM is specified for (NIST SP 800-38D)
KEY_FORM = re.compile(
    rf"alk_(live|test)_([{UNAMBIGUOUS}]{{{ID_SYMBOLS}}})"
    rf"([{BASE62}]{{{SECRET_SYMBOLS}}})([{BASE62}]{{{CHECKSUM_SYMBOLS}}})",
)


class KeyFormatError(ValueError):
    """A text cannot be a contract key, whatever the database holds; the message never quotes it."""


class UnreadableSecretError(Exception):
    """A stored secret was sealed under a key the ring lacks, for another row, or has been changed."""


@dataclass(frozen=True)
class ContractKey:
    """A contract key and its parts; only ``tag`` and ``public_id`` may be shown or logged (GATEWAY 3)."""

    tag: Tag
    public_id: str
    text: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Sealed:
    """An encrypted secret as it is stored: the id of the key that sealed it, and nonce with ciphertext."""

    ring_id: str
    ciphertext: bytes


def new_key(tag: Tag) -> ContractKey:
    """Return a fresh contract key with a 256-bit secret; ``live`` means production, ``test`` the rest."""
    public_id = "".join(secrets.choice(UNAMBIGUOUS) for _ in range(ID_SYMBOLS))
    secret = _base62(secrets.randbits(SECRET_BYTES * 8), SECRET_SYMBOLS)
    body = f"alk_{tag}_{public_id}{secret}"
    return ContractKey(tag, public_id, body + _checksum(body), secret)


def read_key(text: str) -> ContractKey:
    """Take a contract key apart without asking the database (GATEWAY 3).

    Raises:
        KeyFormatError: not the form of a key, or its checksum is wrong: a typo, a truncation, another secret.

    """
    match = KEY_FORM.fullmatch(text)
    if match is None:
        raise KeyFormatError("This does not have the form of a contract key.")
    if not is_same(_checksum(text[:-CHECKSUM_SYMBOLS]).encode(), match[4].encode()):
        raise KeyFormatError("The checksum of this contract key is wrong: it is mistyped or cut short.")
    return ContractKey("live" if match[1] == "live" else "test", match[2], text, match[3])


def mask_key(text: str) -> str:
    """Return how a contract key is shown to those who may not see it: tag, four symbols, the last four."""
    key = read_key(text)
    return f"alk_{key.tag}_{key.public_id[:4]}…{text[-4:]}"


def digest(text: str, pepper: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA-256 (RFC 2104) under which a contract key is looked up (GATEWAY 3)."""
    return hmac.digest(pepper, text.encode(), "sha256")


def is_same(left: bytes, right: bytes) -> bool:
    """Compare in time that depends on the lengths alone."""
    return hmac.compare_digest(left, right)


def new_token() -> str:
    """Return 256 random bits in 43 characters fit for a URL, for a session or a one-time link."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_webhook_secret() -> str:
    """Return a fresh signing secret of 256 bits in the spelling of Standard Webhooks (GATEWAY 9)."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def hash_token(token: str) -> bytes:
    """Return the 32-byte SHA-256 stored of a token; 256 random bits need neither salt nor slowness."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def ring_id(key: bytes) -> str:
    """Return eight hexadecimal digits that name a key of a ring without revealing it."""
    return hmac.digest(key, b"ring id", "sha256")[:4].hex()


class SecretBox:
    """Seals secrets for storage with AES-256-GCM under a ring of keys: the first seals, every one opens."""

    def __init__(self, ring: tuple[bytes, ...]) -> None:
        if not ring or any(len(key) != SECRET_BYTES for key in ring):
            raise ValueError(f"A ring needs at least one key, each of {SECRET_BYTES} bytes.")
        self.sealing_id = ring_id(ring[0])
        self._ciphers = {ring_id(key): AESGCM(key) for key in ring}

    def seal(self, secret: str, *, row_id: str) -> Sealed:
        """Encrypt ``secret`` so that it opens only for ``row_id``: moved to another row it is useless."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        ciphertext = self._ciphers[self.sealing_id].encrypt(nonce, secret.encode(), row_id.encode())
        return Sealed(self.sealing_id, nonce + ciphertext)

    def unseal(self, sealed: Sealed, *, row_id: str) -> str:
        """Decrypt what was sealed for ``row_id`` under any key of the ring.

        Raises:
            UnreadableSecretError: the key is not in the ring, or the row or the ciphertext is another.

        """
        cipher = self._ciphers.get(sealed.ring_id)
        if cipher is None:
            raise UnreadableSecretError(f"No key of the ring has the id {sealed.ring_id!r}.")
        nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, row_id.encode()).decode()
        except (InvalidTag, ValueError):
            raise UnreadableSecretError("A stored secret belongs to another row or was changed.") from None

    def needs_resealing(self, sealed: Sealed) -> bool:
        """Tell whether a rotation of the ring has left ``sealed`` under an older key."""
        return sealed.ring_id != self.sealing_id


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECKSUM_SYMBOLS)


def _base62(number: int, symbols: int) -> str:
    digits = []
    for _ in range(symbols):
        number, remainder = divmod(number, len(BASE62))
        digits.append(BASE62[remainder])
    return "".join(reversed(digits))
