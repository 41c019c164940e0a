"""Deleting a contract: the question that names what goes and what stays, and the deed (SPEC C-13)."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.permissions import Permission, needs
from admin_app.views import words
from admin_app.views.base import ServiceModelView
from admin_app.views.page import Action
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.db import current_settings
from shared.errors import ContractStillActive, DomainError, InvalidInput, JobUnderWay
from shared.models import Contract
from shared.queue import circuit_of
from shared.rates.windows import RateWindows, connect
from shared.services import contract_deletion
from shared.services.contract_deletion import Holdings


class DeletingPages(ServiceModelView):
    """Ask, and delete."""

    deleting = Permission.DELETE_CONTRACTS

    @expose("/<uuid:row_id>/delete/")
    @needs("deleting")
    def ask_delete(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the question: what goes, what stays, or what has to end before."""
        return self._delete_page(row_id)

    @expose("/<uuid:row_id>/delete/", methods=("POST",))
    @needs("deleting")
    def delete_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Delete the contract when its exact name was typed; the page it leaves is shown next."""
        try:
            with scoped():
                self.get_one(row_id)  # 410 when somebody was faster
                typed = request.form.get("typed_name", "")
                gone = contract_deletion.delete(contract_id=row_id, typed_name=typed, by=actor(), at=clock.now())
        except (InvalidInput, ContractStillActive, JobUnderWay) as refusal:
            return self._delete_page(row_id, refusal), failures.status_of(refusal)
        self.forget_calls(row_id)
        flash(f"{gone.name} is deleted. Its name is free again.", "success")
        return redirect(self.details_url(row_id), 303)

    def forget_calls(self, row_id: uuid.UUID) -> None:
        """Drop the counters of the contract's rate windows; without Redis they run out by themselves in a day."""
        redis = connect(current_settings().redis_url)
        windows = RateWindows(redis, log=structlog.get_logger(), circuit=circuit_of(current_app))
        windows.forget(str(row_id))
        redis.close()

    def delete_actions(self, row_id: uuid.UUID) -> list[Action]:
        """Return the button that leads to the question, for those who may delete."""
        if not visitor().may(self.deleting):
            return []
        url = url_for("contracts.ask_delete", row_id=row_id)
        return [Action(label="Delete", url=url, icon="trash", tone="danger", dialog=True)]

    def row_actions(self, row_id: uuid.UUID) -> list[Action]:
        """Return what a row of the list leads to (SPEC L-1)."""
        return [*super().row_actions(row_id), *self.delete_actions(row_id)]

    def _delete_page(self, row_id: uuid.UUID, refusal: DomainError | None = None) -> str:
        with scoped():
            contract = self.get_one(row_id)
            context = self._question(contract)
            breadcrumbs = [*self.crumbs(), self.link_of(contract)]
        if refusal and "type_name" in context:
            context["error"] = str(refusal)
        cancel_url = self.details_url(row_id)
        return self.render("confirm.html", cancel_url=cancel_url, breadcrumbs=breadcrumbs, **context)

    def _question(self, contract: Contract) -> dict[str, Any]:
        try:
            contract_deletion.ensure_deletable(contract)
        except ContractStillActive:
            return _close_first(contract)
        except JobUnderWay as refusal:
            return _end_job_first(contract, refusal)
        return {
            "page_title": f"Delete {contract.name}",
            "sentence": "Deleting is permanent: nobody can bring this contract or its keys back.",
            "consequences": _consequences(contract, contract_deletion.holdings_of(contract)),
            "instead": Action(label="Keep it inactive", url=self.details_url(contract.id)),
            "action_url": url_for("contracts.delete_view", row_id=contract.id),
            "action_label": "Delete for good",
            "is_danger": True,
            "type_name": contract.name,
        }


def _close_first(contract: Contract) -> dict[str, Any]:
    return {
        "page_title": f"{contract.name} is active",
        "sentence": f"{ContractStillActive()} Inactive, it generates nothing and keeps everything it has.",
        "action_url": url_for("contracts.deactivate_view", row_id=contract.id),
        "action_label": "Deactivate",
    }


def _end_job_first(contract: Contract, refusal: JobUnderWay) -> dict[str, Any]:
    job_url = url_for("jobs.details_view", row_id=refusal.members["job_id"])
    return {
        "page_title": f"{contract.name} has a job under way",
        "sentence": str(refusal),
        "instead": Action(label="Show the job", url=job_url),
        "action_url": "",
    }


def _consequences(contract: Contract, held: Holdings) -> list[tuple[str, list[str]]]:
    keys = words.counted(held.keys, "contract key stops", "contract keys stop")
    states = ", ".join(f"{words.number(count)} {state}" for state, count in sorted(held.licenses.items()))
    licenses = words.counted(sum(held.licenses.values()), "license", "licenses")
    return [
        (
            "Goes",
            [
                f"The contract and the {words.number(contract.quota.remaining)} licenses left of its quota",
                f"{keys} working with the next call" if held.keys else "No contract key: none was issued",
                "The counts of its calls, per minute, hour and day",
                "The webhook with its signing secret" if held.webhooks else "No webhook: none was set",
            ],
        ),
        (
            "Stays",
            [
                f"{licenses}: {states}" if states else "No license was made",
                "Customers, with what they hold",
                f"{words.counted(held.generations, 'generation', 'generations')} as history",
                f"{words.counted(held.entries, 'entry', 'entries')} of the audit trail, and one for the deletion",
            ],
        ),
    ]
