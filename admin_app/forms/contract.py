"""The form of a contract, and what it sends to the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from admin_app.forms.base import NEEDED, OfficeForm, uuid_of
from admin_app.views.words import TYPE_NAMES
from shared.models import Contract
from shared.services.fields import INTEGER_MOST, whole

# Calls per minute, hour and day (SPEC C-10).
RATE_PRESETS = {"small": (10, 100, 500), "large": (50, 500, 5000), "self_service": (5, 20, 100)}
RATES = ("per_minute", "per_hour", "per_day")
LARGE_QUOTA = "Above 10 000 check twice: a quota can grow later, but never shrink once it was used."
PLAIN = (
    "name", "partner", "reference", "notes", "overrides", "activation_limit", "expiry_kind", "expiry_n", "expiry_unit",
    "api_access", "allow", "low_stock", *RATES,
)  # fmt: skip


class ContractForm(OfficeForm):
    """Everything about a contract that staff type; the same fields to create and to edit."""

    name = StringField("Name", NEEDED)
    type = SelectField("Type", NEEDED, choices=TYPE_NAMES, description="Fixed once the contract is made.")
    product_id = SelectField("Product", NEEDED, description="Fixed once the contract is made.")
    generator_id = SelectField("Generator", NEEDED, description="Of the product above.")
    partner = StringField("Partner", description="Adds up several contracts of one reseller in filters and reports.")
    reference = StringField("External reference", description="A number or link in your CRM or billing.")
    notes = TextAreaField("Notes", description="For staff only.")
    active = BooleanField("Active: may generate at once", default=True)

    quota = StringField("Quota", NEEDED, description=f"How many licenses it may ever make. {LARGE_QUOTA}")
    low_stock = StringField(
        "Low-stock threshold", default="100", description="Pools: when fewer are available you are told."
    )

    overrides = TextAreaField(
        "Feature overrides", default="{}", description="A JSON object laid over the generator's features, key by key."
    )
    activation_limit = StringField("Activation limit", description="Blank: the generator's.")
    expiry_kind = RadioField(
        "Licenses expire",
        NEEDED,
        default="never",
        choices={"never": "Never", "duration": "After a time from generation", "date": "On a fixed date"},
    )
    expiry_n = StringField("How long", description="With “after a time”.")
    expiry_unit = SelectField("Unit", choices={"days": "Days", "months": "Months", "years": "Years"})
    expiry_date = StringField(
        "Last good day",
        description="With “on a fixed date”: licenses are good through the end of that day, UTC.",
        render_kw={"type": "date"},
    )

    api_access = BooleanField("API access: the reseller generates with a contract key")
    rate_preset = SelectField(
        "Rate limits",
        choices={
            "": "As written below",
            "small": "Small reseller: 10 a minute, 100 an hour, 500 a day",
            "large": "Large reseller: 50 a minute, 500 an hour, 5 000 a day",
            "self_service": "Self-service: 5 a minute, 20 an hour, 100 a day",
        },
        description="A choice here replaces the three numbers below.",
    )
    per_minute = StringField("Calls per minute", description="Blank: no limit.")
    per_hour = StringField("Calls per hour", description="Blank: no limit.")
    per_day = StringField("Calls per day", description="Blank: no limit.")
    allow = TextAreaField(
        "IP allowlist",
        description="Addresses or blocks such as 192.0.2.0/24, one per line; # starts a comment. Blank: every address.",
    )
    version = HiddenField()

    def fields(self) -> dict[str, Any]:
        """Return what the service takes; what cannot be read is left as it was typed, for the service to refuse."""
        values = {name: self._fields[name].data for name in PLAIN}
        if self.rate_preset.data in RATE_PRESETS:
            values.update(zip(RATES, RATE_PRESETS[self.rate_preset.data], strict=True))
        return {
            **values,
            "low_stock": values["low_stock"] or 0,
            "generator_id": uuid_of(self.generator_id.data),
            "expiry_date": _date_of(self.text("expiry_date")),
        }

    def opened_version(self) -> int:
        """Return the version the form was opened at, or 0, which no contract has."""
        try:
            return whole(self.version.data, most=INTEGER_MOST) or 0
        except ValueError:
            return 0

    def fixed_fields(self) -> dict[str, Any]:
        """Return what is fixed at creation, as far as it was sent."""
        sent = {name: self._fields[name] for name in ("type", "product_id") if self._fields[name].raw_data}
        return {name: uuid_of(field.data) if name == "product_id" else field.data for name, field in sent.items()}


def typed(contract: Contract) -> Mapping[str, Any]:
    """Return a contract as somebody would type it into the form."""
    values = {name: getattr(contract, name) for name in PLAIN}
    return {
        **{name: "" if value is None else value for name, value in values.items()},
        "type": contract.type,
        "product_id": str(contract.product_id),
        "generator_id": str(contract.generator_id),
        "quota": str(contract.quota.quota),
        "overrides": json.dumps(contract.overrides, indent=2, ensure_ascii=False),
        "expiry_unit": contract.expiry_unit or "months",
        "expiry_date": contract.expiry_date.isoformat() if contract.expiry_date else "",
        "allow": "\n".join(str(block) for block in contract.allow),
        "version": str(contract.version),
    }


def _date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
