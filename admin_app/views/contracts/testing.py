"""Trying a contract out: the test window, the test licenses there are, and their purge (SPEC C-11)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app.permissions import Permission, needs
from admin_app.views import words
from admin_app.views.base import ServiceModelView
from admin_app.views.page import Action, Badge
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.errors import InvalidInput
from shared.models import Contract
from shared.models.contract import TEST_LICENSES_MOST
from shared.services import test_licenses

LENGTHS = {
    "1h": ("1 hour", timedelta(hours=1)),
    "24h": ("24 hours", timedelta(hours=24)),
    "3d": ("3 days", timedelta(days=3)),
    "7d": ("7 days", timedelta(days=7)),
}


class TestPages(ServiceModelView):
    """What can be done about the test licenses of a contract."""

    __test__ = False  # not a pytest class
    purging = Permission.CHANGE_LICENSES

    @expose("/<uuid:row_id>/test-window/")
    @needs("writing")
    def ask_test_window(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Ask how long the partner may make test licenses although the contract is inactive."""
        return self._test_window_page(row_id)

    @expose("/<uuid:row_id>/test-window/", methods=("POST",))
    @needs("writing")
    def open_test_window(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Open the window, or move its end; a length that is none of the choices is refused."""
        _, length = LENGTHS.get(request.form.get("length", ""), ("", timedelta()))
        try:
            with scoped():
                test_licenses.open_window(contract_id=row_id, length=length, by=actor(), at=clock.now())
        except InvalidInput as refusal:
            return self._test_window_page(row_id, str(refusal)), 422
        flash("The test window is open: the partner may make test licenses.", "success")
        return redirect(self.details_url(row_id), 303)

    @expose("/<uuid:row_id>/test-window/close/", methods=("POST",))
    @needs("writing")
    def close_test_window(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """End the window now."""
        with scoped():
            test_licenses.close_window(contract_id=row_id, by=actor(), at=clock.now())
        flash("The test window is closed.", "success")
        return redirect(self.details_url(row_id), 303)

    @expose("/<uuid:row_id>/test-licenses/purge/")
    @needs("purging")
    def ask_purge(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say what a purge takes before it is done."""
        with scoped():
            contract = self.get_one(row_id)
            count = contract.quota.test_live
        return self.render(
            "confirm.html",
            page_title="Purge the test licenses",
            sentence=f"{words.counted(count, 'test license', 'test licenses')} of {contract.name} will be deleted.",
            consequences=[
                ("Goes", ["The test licenses and their keys, for good"]),
                ("Stays", ["Real licenses, the quota, the history of generations", "The audit trail"]),
            ],
            action_url=url_for("contracts.purge_test_licenses", row_id=row_id),
            action_label="Purge test licenses",
            is_danger=True,
            cancel_url=self.details_url(row_id),
            breadcrumbs=[*self.crumbs(), self.link_of(contract)],
        )

    @expose("/<uuid:row_id>/test-licenses/purge/", methods=("POST",))
    @needs("purging")
    def purge_test_licenses(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Delete the test licenses; a second time there are none and nothing happens."""
        with scoped():
            count = test_licenses.purge(contract_id=row_id, by=actor())
        flash(f"{words.counted(count, 'test license', 'test licenses')} purged.", "success")
        return redirect(self.details_url(row_id), 303)

    def _test_window_page(self, row_id: uuid.UUID, error: str = "") -> str:
        with scoped():
            contract = self.get_one(row_id)
        return self.render(
            "confirm.html",
            page_title="Open a test window",
            sentence="While it is open the partner may make up to 5 test licenses a call, although the contract is "
            f"inactive. They use no quota and expire in 7 days at most. {error}".rstrip(),
            choice={
                "name": "length",
                "label": "Open for",
                "options": [(name, label) for name, (label, _) in LENGTHS.items()],
                "selected": "24h",
            },
            action_url=url_for("contracts.open_test_window", row_id=row_id),
            action_label="Open test window",
            cancel_url=self.details_url(row_id),
            breadcrumbs=[*self.crumbs(), self.link_of(contract)],
        )


def testing_of(contract: Contract, at: datetime) -> dict[str, Any]:
    """Return what the contract page says about trying the contract out."""
    is_window_open = contract.test_until is not None and at < contract.test_until
    badge, sentence = _state(contract, is_open=is_window_open)
    return {
        "badge": badge,
        "sentence": sentence,
        "until": contract.test_until if is_window_open else None,
        "count": contract.quota.test_live,
        "most": TEST_LICENSES_MOST,
        "url": url_for("licenses.index_view", contract=contract.id, test="yes"),
        "actions": _actions(contract, is_open=is_window_open),
    }


def _state(contract: Contract, *, is_open: bool) -> tuple[Badge, str]:
    if contract.status == "active":
        return Badge("open", "success"), "Staff and the partner may make test licenses: the contract is active."
    if contract.activated_at is None:
        return Badge("open", "success"), "Staff and the partner may make test licenses until the first activation."
    if is_open:
        return Badge("window open", "primary"), "The partner may make test licenses until the window ends."
    return Badge("staff only"), "The contract is inactive: open a window to let the partner try it."


def _actions(contract: Contract, *, is_open: bool) -> list[Action]:
    def url(name: str, **values: Any) -> str:
        return url_for(f"contracts.{name}", row_id=contract.id, **values)

    found = []
    if visitor().may(Permission.GENERATE):
        found.append(Action(label="Make test licenses", url=url("ask_generate", test=1)))
    if visitor().may(Permission.EDIT_CONTRACTS) and is_open:
        found.append(Action(label="Close the window", url=url("close_test_window"), post=True))
    elif visitor().may(Permission.EDIT_CONTRACTS) and contract.status != "active" and contract.activated_at:
        found.append(Action(label="Open a test window", url=url("ask_test_window"), dialog=True))
    if visitor().may(Permission.CHANGE_LICENSES) and contract.quota.test_live:
        found.append(Action(label="Purge", url=url("ask_purge"), dialog=True))
    return found
