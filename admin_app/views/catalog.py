"""What the pages of products and generators share: switch off and on, delete, and two people who edit one row."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.permissions import needs
from admin_app.views import people, words
from admin_app.views.base import ServiceModelView
from admin_app.views.page import Action, Link
from admin_app.visit import scoped, visitor
from shared.db import db
from shared.errors import DomainError, InUse
from shared.models import AuditEntry
from shared.services.usage import Usage


class CatalogView(ServiceModelView):
    """A list, forms and a page per row over something that contracts stand on."""

    def uses(self, model: Any) -> Usage:
        """Return what stands on a row."""
        raise NotImplementedError

    def contract_states(self, model: Any) -> dict[str, int]:
        """Return how many live contracts of a row are active and inactive."""
        raise NotImplementedError

    def set_status(self, row_id: uuid.UUID, status: str) -> Any:
        """Change the status of a row by one service call and return it."""
        raise NotImplementedError

    def remove(self, row_id: uuid.UUID) -> str:
        """Delete a row, or what comes instead, by one service call; return what happened as a sentence."""
        raise NotImplementedError

    def question(self, model: Any) -> dict[str, Any]:
        """Return what the page asks before a row is deleted, or why it cannot be."""
        raise NotImplementedError

    @expose("/<uuid:row_id>/deactivate/")
    @needs("writing")
    def ask_deactivate(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say how many contracts stop before they do."""
        with scoped():
            model = self.get_one(row_id)
            stopping = self.contract_states(model)["active"]
            context = self._around(model)
        contracts = words.counted(stopping, "active contract generates", "active contracts generate")
        what = f"{contracts} nothing from the next call on" if stopping else "No active contract stands on it now"
        return self.render(
            "confirm.html",
            page_title=f"Deactivate {model.name}",
            sentence=f"{what}. It can be activated again at any time; licenses already made stay as they are.",
            action_url=url_for(f"{self.endpoint}.deactivate_view", row_id=row_id),
            action_label="Deactivate",
            **context,
        )

    @expose("/<uuid:row_id>/deactivate/", methods=("POST",))
    @needs("writing")
    def deactivate_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Switch a row off: contracts that stand on it generate nothing (SPEC C-4)."""
        return self._switched(row_id, "inactive")

    @expose("/<uuid:row_id>/activate/", methods=("POST",))
    @needs("writing")
    def activate_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Switch a row on again."""
        return self._switched(row_id, "active")

    @expose("/<uuid:row_id>/delete/")
    @needs("writing")
    def ask_delete(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the question, or what stands on the row."""
        return self._delete_page(row_id)

    @expose("/<uuid:row_id>/delete/", methods=("POST",))
    @needs("writing")
    def delete_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Delete a row that nothing stands on; else say what does."""
        try:
            with scoped():
                self.get_one(row_id)  # 410 when somebody was faster
                sentence = self.remove(row_id)
        except InUse as refusal:
            return self._delete_page(row_id), failures.status_of(refusal)
        flash(sentence, "success")
        with scoped():
            is_left = not isinstance(self.find_missing(row_id), DomainError)
        return redirect(self.details_url(row_id) if is_left else self.list_url(), 303)

    def find_missing(self, row_id: uuid.UUID) -> DomainError | None:
        """Return why there is no page of a row any more, or None while there is."""
        try:
            self.get_one(row_id)
        except DomainError as refusal:
            return refusal
        return None

    def page_actions(self, model: Any) -> list[Action]:
        """Return the buttons of a row's page, for those who may use them."""
        if not visitor().may(self.writing) or model.status == "retired":
            return []

        def url(name: str) -> str:
            return url_for(f"{self.endpoint}.{name}", row_id=model.id)

        switch = (
            Action(label="Deactivate", url=url("ask_deactivate"), icon="player-pause", dialog=True)
            if model.status == "active"
            else Action(label="Activate", url=url("activate_view"), icon="player-play", post=True)
        )
        delete = Action(label="Delete", url=url("ask_delete"), icon="trash", tone="danger", dialog=True)
        return [*self.edit_actions(model.id), switch, delete]

    def row_actions(self, row_id: uuid.UUID) -> list[Action]:
        """Return what a row of the list leads to."""
        if not visitor().may(self.writing):
            return super().row_actions(row_id)
        url = url_for(f"{self.endpoint}.ask_delete", row_id=row_id)
        return [*super().row_actions(row_id), Action(label="Delete", url=url, icon="trash", tone="danger")]

    def conflict_page(self, form: Any, row_id: uuid.UUID) -> str:
        """Return what differs between a form and what somebody else saved meanwhile."""
        with scoped():
            model = self.get_one(row_id)
            theirs = self.typed(model)
            changed_by, changed_at = self.last_change(model)
            breadcrumbs = [*self.crumbs(), self.link_of(model)]
        fields = [(name, field) for name, field in form._fields.items() if name not in {"version", "product_id"}]
        edit_url = url_for(f"{self.endpoint}.edit_view", row_id=row_id)
        return self.render(
            "admin/model/conflict.html",
            page_title="Somebody else saved first",
            breadcrumbs=breadcrumbs,
            changed_by=changed_by,
            changed_at=changed_at,
            differences=[
                {"label": field.label.text, "before": "–", "theirs": theirs[name], "yours": field.data}  # noqa: RUF001
                for name, field in fields
                if str(field.data or "") != str(theirs[name] or "")
            ],
            resubmit=[*((name, str(field.data or "")) for name, field in fields), ("version", str(model.version))],
            edit_url=edit_url,
            save_url=edit_url,
        )

    def last_change(self, model: Any) -> tuple[str, datetime]:
        """Return who changed a row last, and when."""
        subject = f"{self.noun[0]}:{model.id}"
        here = sa.select(AuditEntry).filter_by(environment_id=model.environment_id, subject=subject)
        entry = db.session.scalar(here.order_by(AuditEntry.id.desc()).limit(1))
        return (people.names_of([entry.actor])[entry.actor], entry.at) if entry else ("Somebody", model.updated_at)

    def _switched(self, row_id: uuid.UUID, status: str) -> ResponseReturnValue:
        with scoped():
            model = self.set_status(row_id, status)
        flash(f"{model.name} is {status}.", "success")
        return redirect(self.details_url(row_id), 303)

    def _delete_page(self, row_id: uuid.UUID) -> str:
        with scoped():
            model = self.get_one(row_id)
            context = {**self._around(model), **self.question(model)}
        return self.render("confirm.html", **context)

    def _around(self, model: Any) -> dict[str, Any]:
        crumbs: list[Link] = [*self.crumbs(), self.link_of(model)]
        return {"cancel_url": self.details_url(model.id), "breadcrumbs": crumbs}
