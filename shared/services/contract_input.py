"""What a contract may be made of: every field cleaned or refused with a sentence, all of them at once (SPEC 2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from shared.errors import InvalidInput
from shared.models.contract import EXPIRY_KINDS, EXPIRY_UNITS, QUOTA_MOST, TYPES
from shared.net import parse_allowlist
from shared.services.fields import INTEGER_MOST, Reading, json_object, name_of, one_of, text_of, whole
from shared.services.webhooks import url_of

FIXED = frozenset({"type", "product_id", "environment_id", "id"})
DEFAULTS: dict[str, Any] = {
    "partner": None, "reference": None, "notes": None, "overrides": {}, "activation_limit": None,
    "expiry_kind": "never", "expiry_n": None, "expiry_unit": None, "expiry_date": None, "api_access": False,
    "per_minute": None, "per_hour": None, "per_day": None, "allow": [], "low_stock": 100,
}  # fmt: skip
KNOWN = frozenset({"name", "type", "product_id", "generator_id", "quota", "webhook_url", *DEFAULTS})
RATE_MOST = 100_000
LAST_DAY = date(9999, 12, 30)  # the end of a later one is no date any more
ALLOW_MOST = 500
ALLOW_TEXT_MOST = 50_000
EXPIRY_MOST = {"days": 365_000, "months": 12_000, "years": 1_000}


def cleaned(fields: Mapping[str, Any], *, http_webhooks: bool = False) -> dict[str, Any]:
    """Return the values to store; quota and webhook address only when they were given.

    Raises:
        InvalidInput: naming every field that cannot be saved, each with its sentence.
        TypeError: a field is none that can be given, such as the environment or a counter.

    """
    if not fields.keys() <= KNOWN:
        raise TypeError(f"A contract cannot be given {', '.join(sorted(fields.keys() - KNOWN))}.")
    reading = Reading({**DEFAULTS, "type": "standard", **fields})
    reading.take("name", lambda value: name_of(value, most=200, needed="A contract needs a name."))
    reading.take("partner", lambda value: name_of(value, most=200) or None)
    for name, most in (("reference", 500), ("notes", 5000)):
        reading.take(name, partial(_optional_text, most=most))
    reading.take("type", lambda value: one_of(value, TYPES))
    reading.take("product_id", lambda value: _chosen(value, "product"))
    reading.take("generator_id", lambda value: _chosen(value, "generator"))
    reading.take("overrides", json_object)
    reading.take("activation_limit", lambda value: whole(value, most=INTEGER_MOST))
    for name in ("per_minute", "per_hour", "per_day"):
        reading.take(name, lambda value: whole(value, most=RATE_MOST))
    reading.take("low_stock", lambda value: whole(value, least=0, most=INTEGER_MOST) or 0)
    reading.take("api_access", bool)
    reading.take("allow", _blocks)
    _read_expiry(reading)
    if "quota" in reading.values:
        reading.take("quota", _quota)
    if "webhook_url" in reading.values:
        reading.take("webhook_url", partial(url_of, http_allowed=http_webhooks))
    return reading.finish()


def cleaned_quota(value: object) -> int:
    """Return ``value`` as a quota.

    Raises:
        InvalidInput: it is not a whole number from 1 to 2**63 - 1.

    """
    try:
        return _quota(value)
    except ValueError as error:
        raise InvalidInput(quota=str(error)) from error


def _quota(value: object) -> int:
    quota = whole(value, most=QUOTA_MOST)
    if quota is None:
        raise ValueError("A contract needs a quota.")
    return quota


def _optional_text(value: object, *, most: int) -> str | None:
    return text_of(value, most=most) or None


def _chosen(value: object, what: str) -> object:
    if not value:
        raise ValueError(f"Choose a {what}.")
    return value


def _blocks(value: Any) -> list[str]:
    """Return the blocks of an allowlist, given as blocks or as the text staff wrote, which may be refused by line."""
    if isinstance(value, str) and len(value) > ALLOW_TEXT_MOST:
        raise ValueError(f"Use at most {ALLOW_TEXT_MOST} characters; these are {len(value)}.")
    found = parse_allowlist(value) if isinstance(value, str) else value or []
    blocks = list(dict.fromkeys(str(block) for block in found))
    if len(blocks) > ALLOW_MOST:
        raise ValueError(f"Use at most {ALLOW_MOST} blocks; these are {len(blocks)}. Join them to larger ones.")
    return blocks


def _read_expiry(reading: Reading) -> None:
    """Keep only what belongs to the chosen kind, so that exactly one expiry is stored."""
    reading.take("expiry_kind", lambda value: one_of(value, EXPIRY_KINDS))
    kind = reading.values["expiry_kind"]
    if kind != "duration":
        reading.values.update(expiry_n=None, expiry_unit=None)
    if kind != "date":
        reading.values["expiry_date"] = None
    if kind == "date":
        reading.take("expiry_date", _last_day)
    if kind == "duration":
        reading.take("expiry_unit", lambda value: one_of(value, EXPIRY_UNITS))
        most = EXPIRY_MOST.get(reading.values["expiry_unit"], 1)
        reading.take("expiry_n", lambda value: _length(value, most))


def _last_day(value: object) -> date:
    if not isinstance(value, date):
        raise ValueError("Choose the last day on which licenses are good.")  # noqa: TRY004 - one kind of refusal
    if value > LAST_DAY:
        raise ValueError(f"Choose a day up to {LAST_DAY}, or let licenses never expire.")
    return value


def _length(value: object, most: int) -> int:
    number = whole(value, most=most)
    if number is None:
        raise ValueError("Say how many days, months or years a license is good.")
    return number
