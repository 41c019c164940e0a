"""A contract key in full: only as the answer to the POST that made or revealed it, never stored in the browser."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from admin_app.views.read_view import ReadView
from shared.crypto import mask_key
from shared.db import current_settings
from shared.models import Contract
from shared.services.keys import Keyring

REVEALED_SECONDS = 30


def keyring() -> Keyring:
    """Return the keyring of this process."""
    return Keyring.of(current_settings())


def endpoint_of(contract: Contract) -> str:
    """Return the address at which a contract generates."""
    return f"{current_settings().gateway_url}/api/v1/contracts/{contract.id}/generate"


def key_page(view: ReadView, contract: Contract, key: str, *, is_only_time: bool) -> ResponseReturnValue:
    """Return the page that shows a key, with the partner sheet beside it that holds everything but the key."""
    context: dict[str, Any] = {
        "page_title": f"Contract key of {contract.name}",
        "secret": key,
        "masked": mask_key(key),
        "what": "contract key",
        "is_only_time": is_only_time,
        "hide_after": 0 if is_only_time else REVEALED_SECONDS,
        "sheet": partner_sheet(contract),
        "done_url": view.details_url(contract.id),
    }
    return view.render("contracts/key_shown.html", **context)


def partner_sheet(contract: Contract) -> str:
    """Return what a partner needs to know, without the key (SPEC C-9)."""
    limits = [(contract.per_minute, "a minute"), (contract.per_hour, "an hour"), (contract.per_day, "a day")]
    calls = ", ".join(f"{limit} {window}" for limit, window in limits if limit) or "no limit"
    allowed = ", ".join(str(block) for block in contract.allow) or "every address"
    return "\n".join(
        (
            f"Contract:   {contract.name}",
            f"Product:    {contract.product.name}",
            f"Endpoint:   {endpoint_of(contract)}",
            f"Reference:  {current_settings().gateway_url}/docs",
            f"Calls:      {calls}",
            f"Allowed:    {allowed}",
            f"Licenses:   {contract.quota.quota}",
        )
    )


def curl_of(contract: Contract) -> str:
    """Return a call to copy; the key comes from a variable so that it stays out of the shell's history."""
    return (
        f"curl -X POST {endpoint_of(contract)} \\\n"
        '  -H "Authorization: Bearer $CONTRACT_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        """  -d '{"count": 1, "idempotency_key": "order-1001"}'"""
    )
