"""The contract key: reveal, rotate, revoke, issue anew; each asks first and is audited before anything is shown."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.limits import guard_account, guard_address
from admin_app.permissions import Permission, needs
from admin_app.refusals import KeyChanged
from admin_app.views.base import ServiceModelView
from admin_app.views.contracts.shown import key_page, keyring
from admin_app.views.profile import own_hash
from admin_app.visit import actor, scoped
from shared.errors import SignInRefused
from shared.models import Contract
from shared.services import contracts, installation, keys, passwords

# How long the old key goes on working (SPEC X-1).
OVERLAPS = {
    "now": ("Stops now", timedelta()),
    "1h": ("Works for 1 more hour", timedelta(hours=1)),
    "24h": ("Works for 24 more hours", timedelta(hours=24)),
    "7d": ("Works for 7 more days", timedelta(days=7)),
}


class KeyPages(ServiceModelView):
    """What can be done with the key of a contract."""

    handling = Permission.HANDLE_CONTRACT_KEYS

    @expose("/<uuid:row_id>/key/reveal/")
    @needs("handling")
    def ask_reveal(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Ask for the password before the key is shown."""
        with scoped():
            installation.ensure_revealing()
        return self._reveal_page(row_id)

    @expose("/<uuid:row_id>/key/reveal/", methods=("POST",))
    @needs("handling")
    @guard_address
    @guard_account
    def reveal_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Show the key for half a minute, once the password is right and the audit entry is committed."""
        with scoped():
            installation.ensure_revealing()
        if not passwords.is_password(own_hash(), request.form.get("password", "")):  # no transaction is open
            return self._reveal_page(row_id, "This is not your password."), failures.status_of(SignInRefused())
        with scoped():
            contract = contracts.get(contract_id=row_id)
            key = keys.reveal(contract=contract, by=actor(), keyring=keyring())
        return key_page(self, contract, key, is_only_time=False)

    @expose("/<uuid:row_id>/key/rotate/")
    @needs("handling")
    def ask_rotate(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Ask how long the old key goes on working."""
        return self._ask(
            row_id,
            page_title="Rotate the contract key",
            sentence="A new key is made and shown once. Counters, quota and limits go on unchanged.",
            choice={
                "name": "overlap",
                "label": "The old key",
                "options": [(name, label) for name, (label, _) in OVERLAPS.items()],
                "selected": "24h",
            },
            action_url=url_for("contracts.rotate_view", row_id=row_id),
            action_label="Rotate key",
        )

    @expose("/<uuid:row_id>/key/rotate/", methods=("POST",))
    @needs("handling")
    def rotate_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Make a new key and show it once; the same form again is refused, or it would end the old key early."""
        overlap = OVERLAPS.get(request.form.get("overlap", ""), OVERLAPS["now"])[1]
        with scoped():
            contract = contracts.get_locked(contract_id=row_id)
            _ensure_unchanged(contract)
            issued = keys.rotate(contract=contract, overlap=overlap, by=actor(), keyring=keyring())
        return key_page(self, contract, issued.text, is_only_time=True)

    @expose("/<uuid:row_id>/key/revoke/")
    @needs("handling")
    def ask_revoke(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say what revoking means before it is done."""
        return self._ask(
            row_id,
            page_title="Revoke the contract key",
            sentence="Revoking is final. The key, and an old one in its overlap, stop working with the next call.",
            consequences=[("Stays", ["The contract, its quota and licenses", "API access: a new key can be issued"])],
            action_url=url_for("contracts.revoke_view", row_id=row_id),
            action_label="Revoke key",
            is_danger=True,
        )

    @expose("/<uuid:row_id>/key/revoke/", methods=("POST",))
    @needs("handling")
    def revoke_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """End every key of the contract."""
        with scoped():
            contract = contracts.get_locked(contract_id=row_id)
            _ensure_unchanged(contract)
            keys.revoke(contract=contract, by=actor())
        flash("The contract key is revoked. Issue a new one when the reseller should generate again.", "success")
        return redirect(self.details_url(row_id), 303)

    @expose("/<uuid:row_id>/key/issue/", methods=("POST",))
    @needs("handling")
    def issue_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Make a key for a contract that has none in force, and show it once."""
        with scoped():
            contract = contracts.get_locked(contract_id=row_id)
            if keys.find_current(contract_id=row_id) or not contract.api_access:
                raise KeyChanged
            issued = keys.issue(contract=contract, by=actor(), keyring=keyring())
        return key_page(self, contract, issued.text, is_only_time=True)

    def _reveal_page(self, row_id: uuid.UUID, error: str = "") -> str:
        return self._ask(
            row_id,
            page_title="Reveal the contract key",
            sentence="The key is shown for 30 seconds. Who looked, and when, is recorded.",
            action_url=url_for("contracts.reveal_view", row_id=row_id),
            action_label="Show the key",
            ask_password=True,
            error=error,
        )

    def _ask(self, row_id: uuid.UUID, **context: Any) -> str:
        with scoped():
            contract = self.get_one(row_id)
            key = keys.find_current(contract_id=row_id)
        return self.render(
            "confirm.html",
            **context,
            cancel_url=self.details_url(row_id),
            breadcrumbs=[*self.crumbs(), self.link_of(contract)],
            hidden=[("key_id", str(key.id) if key else "")],
        )


def _ensure_unchanged(contract: Contract) -> None:
    """Refuse when the key is not the one the page asked about."""
    key = keys.find_current(contract_id=contract.id)
    if key is None or str(key.id) != request.form.get("key_id"):
        raise KeyChanged
