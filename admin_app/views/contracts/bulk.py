"""Many contracts at once: ticked ones or all that match, confirmed with their exact number (UX 12, 13)."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.permissions import needs
from admin_app.views import words
from admin_app.views.base import ServiceModelView
from admin_app.views.filters import Query
from admin_app.views.listing import ListState, parse
from admin_app.views.page import Bulk, Option
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.errors import InvalidInput, SelectionChanged
from shared.models import Contract
from shared.services import contract_bulk
from shared.services.contract_bulk import Selection


class _Change(NamedTuple):
    verb: str
    done: str
    accepting: bool
    effect: str


CHANGES = {
    "activate": _Change("Activate", "activated", True, "They may generate licenses from now on."),  # noqa: FBT003
    "deactivate": _Change(
        "Deactivate", "deactivated", False, "They generate nothing until they are activated again; licenses stay."  # noqa: FBT003
    ),
}  # fmt: skip
DIGITS_MOST = 20  # of a fingerprint, with its sign


class BulkPages(ServiceModelView):
    """Activate and deactivate from the list."""

    def bulk_of(self, state: ListState, total: int) -> Bulk | None:
        if not visitor().may(self.writing):
            return None
        actions = [Option(name, change.verb) for name, change in CHANGES.items()]
        return Bulk(url=state.url(url_for("contracts.ask_bulk")), actions=actions, matching=total)

    @expose("/bulk/", methods=("POST",))
    @needs("writing")
    def ask_bulk(self) -> ResponseReturnValue:
        """Say exactly how many contracts will change, before any does."""
        return self._asking()

    @expose("/bulk/apply/", methods=("POST",))
    @needs("writing")
    def apply_bulk(self) -> ResponseReturnValue:
        """Change what was confirmed, or nothing and ask again with the new number."""
        state, change = parse(request.args, self.spec), _change()
        confirmed = Selection(_number("count"), _number("fingerprint"))
        try:
            with scoped():
                changed = contract_bulk.set_gates(
                    chosen=self._chosen(state), confirmed=confirmed, accepting=change.accepting, by=actor(),
                    at=clock.now(),
                )  # fmt: skip
        except SelectionChanged as refusal:
            return self._asking(str(refusal)), failures.status_of(refusal)
        same = confirmed.count - changed
        rest = f" {words.number(same)} stayed as before." if same else ""
        flash(f"{words.counted(changed, *self.noun)} {change.done}.{rest}", "success")
        return redirect(state.url(self.list_url()), 303)

    def _asking(self, problem: str = "") -> str:
        state, change = parse(request.args, self.spec), _change()
        with scoped():
            found = contract_bulk.survey(chosen=self._chosen(state))
        number = words.counted(found.count, *self.noun)
        return self.render(
            "confirm.html",
            page_title=f"{change.verb} {number}",
            sentence=f"{problem} {number} will be {change.done}.".lstrip(),
            consequences=[("What it means", [change.effect, f"Those {change.done} before stay as they are."])],
            hidden=_sent_again(found),
            action_url=state.url(url_for("contracts.apply_bulk")),
            action_label=f"{change.verb} {number}",
            is_danger=not change.accepting,
            cancel_url=state.url(self.list_url()),
            breadcrumbs=self.crumbs(),
        )

    def _chosen(self, state: ListState) -> Query:
        if _is_all():
            return self.selection(state)
        ids = _ticked()
        if not ids:
            raise InvalidInput(ids="Tick at least one contract, or choose all that match.")
        return self.base_query().where(Contract.id.in_(ids))


def _change() -> _Change:
    found = CHANGES.get(request.form.get("change", ""))
    if found is None:
        raise InvalidInput(change="Choose what to do with the contracts.")
    return found


def _is_all() -> bool:
    return request.form.get("all_matching") == "1"


def _ticked() -> list[uuid.UUID]:
    """Return the ids of the form once each; what is no uuid is no contract."""
    found = {}
    for text in request.form.getlist("ids"):
        try:
            found[uuid.UUID(text)] = True
        except ValueError:
            continue
    return list(found)


def _number(name: str) -> int:
    """Return a whole number of the form; what is none was confirmed by nobody."""
    text = request.form.get(name, "")[: DIGITS_MOST + 1]
    digits = text.removeprefix("-")
    if len(text) > DIGITS_MOST or not (digits.isascii() and digits.isdigit()):
        return -1
    return int(text)


def _sent_again(found: Selection) -> list[tuple[str, Any]]:
    chosen = [("all_matching", "1")] if _is_all() else [("ids", str(row_id)) for row_id in _ticked()]
    facts = [("change", request.form["change"]), ("count", found.count), ("fingerprint", found.fingerprint)]
    return [*facts, *chosen]
