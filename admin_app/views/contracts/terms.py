"""What one license of a contract will allow, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from admin_app.views import words
from shared.models import Contract
from shared.services.license_keys import KeyFormat, make_batch


def features_of(features: Mapping[str, Any], overridden: Collection[str]) -> list[dict[str, Any]]:
    """Return the features in the order of names, each with whether the contract overrides it."""
    return [
        {"name": name, "value": words.value(features[name]), "is_overridden": name in overridden}
        for name in sorted(features)
    ]


def expiry_in_words(contract: Contract) -> str:
    """Return when licenses of the contract stop being good."""
    if contract.expiry_kind == "date" and contract.expiry_date:
        return f"through {contract.expiry_date:%-d %b %Y}, UTC"
    if contract.expiry_kind == "duration" and contract.expiry_unit:
        unit = contract.expiry_unit.removesuffix("s") if contract.expiry_n == 1 else contract.expiry_unit
        return f"{contract.expiry_n} {unit} after generation"
    return "never"


def terms_of(contract: Contract, at: datetime) -> dict[str, Any]:
    """Return the effective terms for new licenses (SPEC D-1)."""
    note = "Its date has passed: nothing is generated" if contract.is_expired(at) else "For new licenses"
    return {
        "features": features_of(contract.effective_features, contract.overrides),
        "activation_limit": contract.effective_activation_limit,
        "expiry": expiry_in_words(contract),
        "note": note,
    }


def sample_of(contract: Contract, at: datetime) -> dict[str, Any]:
    """Return what one license will look like; its key is made up for the page and kept nowhere (SPEC D-9)."""
    generator = contract.generator
    shape = KeyFormat(generator.format, generator.pattern, generator.alphabet)
    return {**terms_of(contract, at), "key": make_batch(shape, 1).keys[0]}
