"""States, names and lengths of time in words, each written once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from admin_app.views.page import Badge, Tone
from admin_app.visit import time_zone
from shared.models import Contract, Job

TYPE_NAMES = {"standard": "Standard", "reseller": "Reseller", "enterprise": "Enterprise", "pool": "Pool"}
ROLE_NAMES = {"super_admin": "Super admin", "admin": "Admin", "operator": "Operator", "viewer": "Viewer"}
METHOD_NAMES = {"manual": "manual", "api": "API", "scheduled": "scheduled"}
_TONES: dict[str, Tone] = {
    "active": "success", "completed": "success", "available": "success", "open": "primary", "running": "primary",
    "assigned": "primary", "queued": "neutral", "failed": "danger", "refused": "danger", "revoked": "danger",
    "suspended": "warning", "retired": "warning",
    "stalled": "warning", "cancelled": "neutral", "inactive": "neutral", "expired": "warning",
    "invited": "primary", "disabled": "neutral", "on": "success", "off": "neutral",
}  # fmt: skip
# Longer than the sweeper needs to notice a silent worker and send another hint.
STALLED_AFTER = timedelta(seconds=30)


def gate(status: str) -> Badge:
    """Return any state whose word is its own name."""
    return Badge(status, _TONES.get(status, "neutral"))


def contract_status(contract: Contract, at: datetime) -> Badge:
    """Return the state of a contract; a passed date shows whatever the gate says (SPEC C-4)."""
    if contract.is_expired(at):
        return Badge("inactive – expired", "warning")  # noqa: RUF001 - a dash of prose
    if contract.status == "active" and (cause := stopped_by(contract)):
        return Badge(f"active – {cause}", "warning")  # noqa: RUF001
    if contract.status == "active" and contract.quota.remaining == 0:
        return Badge("active – quota used up", "warning")  # noqa: RUF001
    return gate(contract.status)


def stopped_by(contract: Contract) -> str:
    """Return what stops an open contract from outside, such as “generator retired”, or nothing (SPEC C-4)."""
    if contract.product.status != "active":
        return f"product {contract.product.status}"
    return "" if contract.generator.status == "active" else f"generator {contract.generator.status}"


def job_status(job: Job, at: datetime) -> Badge:
    """Return the state of a job; one that nobody works on is stalled (SPEC J-2)."""
    return gate("stalled" if stalled_since(job, at) else job.status)


def stalled_since(job: Job, at: datetime) -> datetime | None:
    """Return since when nobody works on a job that waits for somebody, or None."""
    if job.is_ended:
        return None
    since = job.lease_until or job.not_before
    return since if since < at - STALLED_AFTER else None


def masked_license_key(key: str) -> str:
    """Return a license key as those see it who may not: only its last four symbols."""
    return f"••••{key[-4:]}"


def number(value: int) -> str:
    """Return a whole number in groups of three, parted by narrow no-break spaces."""
    return f"{value:,}".replace(",", "\u202f")


def counted(count: int, singular: str, plural: str) -> str:
    """Return a number with its noun."""
    return f"{number(count)} {singular if count == 1 else plural}"


def length(seconds: float) -> str:
    """Return a length of time in its two largest units, such as “2 min 5 s”."""
    rest, parts = round(seconds), []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if rest >= size:
            parts.append(f"{rest // size} {unit}")
            rest %= size
    return " ".join(parts[:2]) or "under 1 s"


def day(moment: datetime) -> str:
    """Return the day and time of a moment in the time zone of the person who reads (UX 11)."""
    return moment.astimezone(time_zone()).strftime("%-d %b %Y, %H:%M %Z")


def value(found: Any) -> str:
    """Return a value of a JSON document or of the audit trail as one line of text."""
    if found is None or found == "":
        return "–"  # noqa: RUF001
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def device(user_agent: str) -> str:
    """Return browser and system in a few words, such as “Firefox on Linux”; what is unknown is said to be."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system or "Unknown device"
