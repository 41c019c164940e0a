"""Webhooks: where a contract's events go, and the secret that signs them (SPEC 2, GATEWAY 9)."""

from __future__ import annotations

import ipaddress
import unicodedata
import uuid
from urllib.parse import SplitResult, urlsplit

from shared.crypto import SecretBox, new_webhook_secret
from shared.db import db
from shared.models import WebhookEndpoint, WebhookSecret
from shared.models.webhook import URL_MOST
from shared.net import Address, plain_address

PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")


def find_url(*, contract_id: uuid.UUID) -> str | None:
    """Return where the events of a contract go, or None."""
    found = db.session.get(WebhookEndpoint, contract_id)
    return found.url if found else None


def set_url(*, contract_id: uuid.UUID, url: str | None, box: SecretBox) -> None:
    """Send the events of a contract to ``url`` from now on, as ``url_of`` returned it; None ends that.

    The first address brings a signing secret with it; another address keeps the secret; with the address goes
    the secret too. The caller records who did it.
    """
    found = db.session.get(WebhookEndpoint, contract_id)
    if url is None:
        if found is not None:
            db.session.delete(found)  # its secrets go by the database
    elif found is None:
        _open(contract_id, url, box)
    else:
        found.url = url
    db.session.flush()


def url_of(value: object, *, http_allowed: bool) -> str | None:
    """Return the address of a receiver as it is stored, None when blank; raise ValueError with a sentence.

    The address really connected to is judged again at each delivery: a name can change where it leads.
    """
    text = str(value or "").strip()
    if not text:
        return None
    if len(text) > URL_MOST:
        raise ValueError(f"Use at most {URL_MOST} characters; these are {len(text)}.")
    parts = _split(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("Write the whole address, such as https://partner.example/hooks.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Leave user name and password out of the address: deliveries are signed instead.")
    if parts.fragment:
        raise ValueError("Leave out what follows the #: a server never sees it.")
    if not http_allowed:
        _ensure_public(parts)
    return text


def _split(text: str) -> SplitResult:
    if not text.isascii() or any(symbol.isspace() or unicodedata.category(symbol) == "Cc" for symbol in text):
        raise ValueError("Write the address in plain ASCII without spaces; encode other letters.")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError("This is no address; check the host and the port.") from error
    return parts


def _ensure_public(parts: SplitResult) -> None:
    if parts.scheme != "https":
        raise ValueError("Use https: what is delivered holds license keys.")
    host = (parts.hostname or "").rstrip(".")
    address = _address(host)
    is_public = address.is_global if address else "." in host and not host.endswith(PRIVATE_NAMES)
    if not is_public:
        raise ValueError("This address is inside a private network, and only public ones are delivered to.")


def _address(host: str) -> Address | None:
    try:
        return plain_address(ipaddress.ip_address(host))
    except ValueError:
        return None


def _open(contract_id: uuid.UUID, url: str, box: SecretBox) -> None:
    sealed = box.seal(new_webhook_secret(), row_id=str(contract_id))
    db.session.add(WebhookEndpoint(contract_id=contract_id, url=url))
    db.session.flush()
    db.session.add(
        WebhookSecret(contract_id=contract_id, role="current", ring_id=sealed.ring_id, ciphertext=sealed.ciphertext)
    )
