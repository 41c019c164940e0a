"""The cards of a generator's page, and what is asked before it is deleted or retired."""

from __future__ import annotations

from typing import Any

from flask import url_for

from admin_app.views import use, words
from admin_app.views.key_preview import quotas_of, room_of, shape_of
from admin_app.views.page import Action, Card, Fact, Link
from shared.errors import Retired
from shared.models import Contract, Generator
from shared.services import usage
from shared.services.license_keys import STRENGTH_LEAST_BITS, strength_bits
from shared.services.usage import Usage

FORMAT_NAMES = {"pattern": "Pattern", "uuid": "UUID"}
MEANINGS = {
    "active": "Contracts may have it and generate.",
    "inactive": "Its contracts generate nothing until it is active again, or until they are given another generator.",
    "retired": "For good. Its contracts generate nothing until they are given another generator.",
}


def overview(generator: Generator) -> Card:
    """Return what it is and since when."""
    product_url = url_for("products.details_view", row_id=generator.product_id)
    return Card(
        title="Generator",
        facts=(
            Fact(label="Generator uuid", value=str(generator.id), kind="mono"),
            Fact(label="Product", value=Link(label=generator.product.name, url=product_url), kind="link"),
            Fact(label="Status", value=words.gate(generator.status), kind="badge", note=MEANINGS[generator.status]),
            Fact(label="Created", value=generator.created_at, kind="time"),
            Fact(label="Last updated", value=generator.updated_at, kind="time"),
        ),
    )


def keys(generator: Generator) -> Card:
    """Return the format, its strength, and its room beside the largest quota that has to fit (SPEC K-2)."""
    shape = shape_of(generator)
    largest = next(iter(quotas_of(generator)), None)
    least = f"{STRENGTH_LEAST_BITS} bits are the least."
    return Card(
        title="Keys",
        facts=(
            Fact(label="Format", value=FORMAT_NAMES[generator.format]),
            Fact(label="Pattern", value=generator.pattern, kind="mono"),
            Fact(label="Alphabet", value=generator.alphabet if generator.pattern else None),
            Fact(label="Strength", value=f"{strength_bits(shape):.0f} bits", note=least),
            Fact(label="Room", value=room_of(shape), kind="number", note="The largest quota it holds comfortably."),
            Fact(label="Largest quota", value=largest, kind="number", note="Among its contracts." if largest else ""),
        ),
    )


def terms(generator: Generator) -> Card:
    """Return what its licenses start from."""
    return Card(
        title="License terms",
        facts=(
            Fact(label="Activation limit", value=generator.activation_limit, kind="number"),
            *(Fact(label=name, value=words.value(found)) for name, found in generator.features.items()),
        ),
    )


def notice(generator: Generator, active: int) -> str:
    """Return what is wrong while active contracts stand on a generator that cannot be used, or nothing."""
    if generator.status == "active" or not active:
        return ""
    contracts = words.counted(active, "active contract generates", "active contracts generate")
    out = "Give them another generator." if generator.status == "retired" else "Activate it, or give them another one."
    return f"It is {generator.status}: {contracts} nothing. {out}"


def question(generator: Generator, uses: Usage) -> dict[str, Any]:
    """Return what is asked: delete what was never used, retire what was; nothing when it is retired."""
    if generator.status == "retired":
        return {"page_title": f"{generator.name} is retired", "sentence": str(Retired()), "action_url": ""}
    asked = _retire(generator, uses) if usage.was_ever_used(generator) else _delete(generator)
    return {**asked, "action_url": url_for("generators.delete_view", row_id=generator.id), "is_danger": True}


def _delete(generator: Generator) -> dict[str, Any]:
    return {
        "page_title": f"Delete {generator.name}",
        "sentence": "No contract ever had it and no license was made by it, so it goes for good.",
        "action_label": "Delete generator",
        "hidden": [("how", "delete")],
    }


def _retire(generator: Generator, uses: Usage) -> dict[str, Any]:
    contracts: list[Link] = use.named_contracts(Contract.generator_id, generator.id)
    if more := uses.contracts - len(contracts):
        url = url_for("contracts.index_view", generator=generator.id)
        contracts.append(Link(label=f"and {words.number(more)} more", url=url))
    off = Action(label="Deactivate it instead", url=url_for("generators.ask_deactivate", row_id=generator.id))
    return {
        "page_title": f"Retire {generator.name}",
        "sentence": "It has been used, so it is retired for good instead of deleted. Its contracts answer "
        "“generator_unavailable” from the next call on, until you give them another generator. "
        "Licenses already made stay as they are.",
        "consequences": [(words.counted(uses.contracts, "contract has it", "contracts have it"), contracts)],
        "instead": off if generator.status == "active" else None,
        "action_label": "Retire generator",
        "hidden": [("how", "retire")],
    }
