"""What keys of a format look like and what they are good for, while somebody still types it (SPEC K-2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from admin_app.views import words
from admin_app.visit import visitor
from shared.db import db
from shared.errors import InvalidInput
from shared.models import Contract, ContractQuota, Generator
from shared.models.contract import QUOTA_MOST
from shared.models.generator import ALPHABETS, FORMATS
from shared.services.license_keys import (
    SPACE_PER_LICENSE,
    STRENGTH_LEAST_BITS,
    KeyFormat,
    ensure_strong,
    make_batch,
    strength_bits,
)

SAMPLES = 3


def shape_of(generator: Generator) -> KeyFormat:
    """Return how the keys of ``generator`` look."""
    return KeyFormat(generator.format, generator.pattern, generator.alphabet)


def typed_shape(format_: str, pattern: str, alphabet: str) -> KeyFormat | None:
    """Return what was typed as a format, or None when it cannot be one."""
    if format_ not in FORMATS or alphabet not in ALPHABETS:
        return None
    return KeyFormat(format_, pattern.strip() if format_ == "pattern" else None, alphabet)


def preview_of(shape: KeyFormat | None, *, of: Generator | None = None) -> dict[str, Any]:
    """Return what the preview shows: samples, strength, room; ``of`` is the generator that is being edited.

    Samples are made for the page only and are kept nowhere.
    """
    if shape is None:
        return {"samples": [], "problem": "Choose a key format and an alphabet.", "warnings": []}
    try:
        ensure_strong(shape)
    except InvalidInput as refusal:
        samples = make_batch(shape, SAMPLES).keys if _is_printable(shape) else []
        return {**_strength(shape), "samples": samples, "problem": str(refusal), "warnings": []}
    return {
        **_strength(shape),
        "samples": make_batch(shape, SAMPLES).keys,
        "problem": "",
        "room": f"Good for quotas up to {words.number(room_of(shape))}.",
        "warnings": _warnings(shape, of),
    }


def room_of(shape: KeyFormat) -> int:
    """Return the largest quota that the keys hold comfortably."""
    spare = strength_bits(shape) - math.log2(SPACE_PER_LICENSE)
    return QUOTA_MOST if spare >= QUOTA_MOST.bit_length() else int(2**spare)


def quotas_of(generator: Generator) -> Sequence[int]:
    """Return the quotas of the live contracts of a generator, the largest first."""
    query = (
        sa.select(ContractQuota.quota)
        .join(Contract, Contract.id == ContractQuota.contract_id)
        .where(
            Contract.environment_id == visitor().environment_id, Contract.generator_id == generator.id,
            Contract.deleted_at.is_(None),
        )
        .order_by(ContractQuota.quota.desc())
    )  # fmt: skip
    return db.session.scalars(query).all()


def _strength(shape: KeyFormat) -> dict[str, Any]:
    bits = strength_bits(shape)
    return {"bits": round(bits), "bits_least": STRENGTH_LEAST_BITS, "bits_shown": min(round(bits), 128)}


def _is_printable(shape: KeyFormat) -> bool:
    pattern = shape.pattern or ""
    return pattern.isascii() and pattern.isprintable() and 0 < len(pattern) <= 100  # noqa: PLR2004 - as ensure_strong


def _warnings(shape: KeyFormat, generator: Generator | None) -> list[str]:
    if generator is None:
        return []
    quotas, found = quotas_of(generator), []
    if quotas and shape != shape_of(generator):
        found.append(
            f"{words.counted(len(quotas), 'contract makes', 'contracts make')} keys like these once this is saved. "
            "Licenses already made keep theirs."
        )
    tight = sum(quota > room_of(shape) for quota in quotas)
    if tight:
        found.append(
            f"Too few keys for the quota of {words.counted(tight, 'contract', 'contracts')}, which then "
            "generate nothing. Use more random symbols."
        )
    return found
