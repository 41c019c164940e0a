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
from shared.models.contract import QUOTA_MOST
from shared.services import webhooks
from shared.services.fields import INTEGER_MOST, whole

# Calls per minute, hour and day (SPEC C-10).
RATE_PRESETS = {"small": (10, 100, 500), "large": (50, 500, 5000), "self_service": (5, 20, 100)}
PRESET_NAMES = {
    "": "As written below",
    "small": "Small reseller: 10 a minute, 100 an hour, 500 a day",
    "large": "Large reseller: 50 a minute, 500 an hour, 5 000 a day",
    "self_service": "Self-service: 5 a minute, 20 an hour, 100 a day",
}
RATES = ("per_minute", "per_hour", "per_day")
QUOTA_LARGE = 10_000
LARGE_QUOTA = "More than 10\u202f000 licenses: check the number. It can grow later, but never shrink once one was made."
PLAIN = (
    "name", "partner", "reference", "notes", "overrides", "activation_limit", "expiry_kind", "expiry_n", "expiry_unit",
    "api_access", "allow", "low_stock", *RATES,
)  # fmt: skip


class ContractForm(OfficeForm):
    """Everything about a contract that staff type; the same fields to create and to edit."""

    name = StringField("Name", NEEDED)
    type = SelectField("Type", NEEDED, choices=TYPE_NAMES, description="Fixed once the contract is made.")
    product_id = SelectField("Product", NEEDED, description="Fixed once the contract is made.")
    generator_id = SelectField(
        "Generator", NEEDED, description="Of the same product. Another one is for new licenses only."
    )
    partner = StringField("Partner", description="Adds up several contracts of one reseller in filters and reports.")
    reference = StringField("External reference", description="A number or link in your CRM or billing.")
    notes = TextAreaField("Notes", description="For staff only.")
    active = BooleanField("Active: may generate at once", default=True)

    quota = StringField("Quota", NEEDED, description="How many licenses it may ever make.")
    low_stock = StringField(
        "Low-stock threshold", default="100", description="Pools: when fewer are available you are told."
    )

    overrides = TextAreaField(
        "Feature overrides as JSON",
        default="{}",
        description="One object, laid over the generator's features key by key. This is what is saved.",
    )
    activation_limit = StringField("Activation limit", description="Blank: the generator's.")
    expiry_kind = RadioField(
        "Licenses expire",
        NEEDED,
        default="never",
        choices={"never": "Never", "duration": "After a time from generation", "date": "On a fixed date"},
    )
    expiry_n = StringField("How long", NEEDED, description="From the moment of generation, by the calendar, UTC.")
    expiry_unit = SelectField("Unit", NEEDED, choices={"days": "Days", "months": "Months", "years": "Years"})
    expiry_date = StringField(
        "Last good day",
        NEEDED,
        description="Licenses are good through the end of that day, UTC. After it nothing is generated.",
        render_kw={"type": "date"},
    )

    api_access = BooleanField("API access: the reseller generates with a contract key")
    rate_preset = SelectField(
        "Rate limits",
        choices=PRESET_NAMES,
        render_kw={"data-presets": json.dumps(RATE_PRESETS)},
        description="Choosing one replaces the three numbers below.",
    )
    preset_shown = HiddenField()
    per_minute = StringField("Calls per minute", description="Blank: no limit.")
    per_hour = StringField("Calls per hour", description="Blank: no limit.")
    per_day = StringField("Calls per day", description="Blank: no limit.")
    allow = TextAreaField(
        "IP allowlist",
        description="Addresses or blocks such as 192.0.2.0/24, one per line; # starts a comment. Blank: every address.",
    )
    webhook_url = StringField(
        "Webhook URL",
        description="Where events of this contract go, signed, once deliveries begin. Works without API access too.",
        render_kw={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"},
    )
    version = HiddenField()

    def fields(self) -> dict[str, Any]:
        """Return what the service takes; what cannot be read is left as it was typed, for the service to refuse."""
        values = {name: self._fields[name].data for name in PLAIN}
        return {
            **values,
            "webhook_url": self.text("webhook_url"),
            "low_stock": values["low_stock"] or 0,
            "generator_id": uuid_of(self.generator_id.data),
            "expiry_date": _date_of(self.text("expiry_date")),
        }

    def settle_preset(self) -> None:
        """Write the numbers of a freshly chosen preset into their fields, and show the preset the numbers belong to."""
        chosen = self.rate_preset.data
        if chosen in RATE_PRESETS and chosen != self.preset_shown.data:
            for name, number in zip(RATES, RATE_PRESETS[chosen], strict=True):
                self._fields[name].data = str(number)
        numbers = tuple(self.text(name).strip() for name in RATES)
        presets = {tuple(map(str, preset)): name for name, preset in RATE_PRESETS.items()}
        self.rate_preset.data = self.preset_shown.data = presets.get(numbers, "")

    def refuse_past(self, *, today: date, kept: date | None = None) -> None:
        """Mark a fixed date before ``today`` (UTC), unless it is the one that was kept."""
        last = _date_of(self.text("expiry_date"))
        if self.expiry_kind.data == "date" and last and last < today and last != kept:
            sentence = f"{last:%-d %b %Y} is over. Choose today, {today:%-d %b %Y} in UTC, or a later day."
            self.expiry_date.errors = [*self.expiry_date.errors, sentence]

    def is_quota_large(self) -> bool:
        """Return whether the quota is a number worth a second look (SPEC 2)."""
        try:
            return (whole(self.quota.data, most=QUOTA_MOST) or 0) > QUOTA_LARGE
        except ValueError:
            return False

    def opened_version(self) -> int:
        """Return the version the form was opened at, or 0, which no contract has; what was not sent counts as none."""
        try:
            return whole((self.version.raw_data or [""])[0], most=INTEGER_MOST) or 0
        except ValueError:
            return 0

    def fixed_fields(self) -> dict[str, Any]:
        """Return what is fixed at creation, as far as it was sent."""
        sent = {name: self._fields[name] for name in ("type", "product_id") if self._fields[name].raw_data}
        return {name: uuid_of(field.data) if name == "product_id" else field.data for name, field in sent.items()}


def typed(contract: Contract) -> Mapping[str, Any]:
    """Return a contract as somebody would type it into the form, read in the transaction that is open."""
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
        "webhook_url": webhooks.find_url(contract_id=contract.id) or "",
        "version": str(contract.version),
    }


def _date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
