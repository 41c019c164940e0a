"""The one view class under every list, form and details page; each write is one service call in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from wtforms.fields.core import UnboundField

from admin_app import failures
from admin_app.forms.base import OfficeForm
from admin_app.permissions import needs
from admin_app.views.page import Action, Section
from admin_app.views.read_view import ReadView
from admin_app.visit import scoped, visitor
from shared.errors import GeneratorUnavailable, InvalidInput, ProductInactive, StaleVersion

# What a form says at its fields or above them; any other refusal has a page of its own.
FORM_REFUSALS = (InvalidInput, ProductInactive, GeneratorUnavailable)


class ServiceModelView(ReadView):
    """A list, a page per row and forms over one model."""

    form_sections: ClassVar[Sequence[Section]] = ()

    form = OfficeForm
    create_template = "admin/model/create.html"
    edit_template = "admin/model/edit.html"

    def prepare(self, form: Any, model: Any = None) -> None:
        """Give ``form`` the choices of the environment; ``model`` is None for a new row."""

    def typed(self, model: Any) -> Mapping[str, Any]:
        """Return a row as somebody would type it into the form."""
        names = [name for name in dir(self.form) if isinstance(getattr(self.form, name), UnboundField)]
        return {name: getattr(model, name, None) for name in names}

    def make(self, form: Any) -> Any:
        """Create a row from ``form`` by one service call and return it."""
        raise NotImplementedError

    def amend(self, form: Any, row_id: uuid.UUID) -> Any:
        """Change a row from ``form`` by one service call and return it."""
        raise NotImplementedError

    def form_context(self, model: Any = None) -> Mapping[str, Any]:
        """Return what the form page takes beside the form."""
        del model
        return {}

    @expose("/new/", methods=("GET", "POST"))
    @needs("writing")
    def create_view(self) -> ResponseReturnValue:
        """Return the form of a new row, or make it."""
        form = self.form(request.form or None, data=self._given())
        with scoped():
            self.prepare(form)
        if self._is_sent():
            try:
                return self.created(self.create_model(form))
            except FORM_REFUSALS as refusal:
                form.refuse(refusal)
        return self.form_page(self.create_template, form, page_title=f"Create {self.noun[0]}")

    @expose("/<uuid:row_id>/edit/", methods=("GET", "POST"))
    @needs("writing")
    def edit_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the form of a row, or change it."""
        with scoped():
            model = self.get_one(row_id)
            form = self.form(request.form or None, data=self.typed(model))
            self.prepare(form, model)
        if self._is_sent():
            try:
                self.update_model(form, model)
            except StaleVersion as refusal:
                return self.conflict_page(form, row_id), failures.status_of(refusal)
            except FORM_REFUSALS as refusal:
                form.refuse(refusal)
            else:
                flash(f"{self.noun[0].capitalize()} saved.", "success")
                return redirect(self.details_url(row_id), 303)
        return self.form_page(self.edit_template, form, model, page_title=f"Edit {model}")

    def create_action(self) -> Action | None:
        """Return the button that leads to the form of a new row, for those who may use it."""
        if self.writing is None or not visitor().may(self.writing):
            return None
        url = url_for(f"{self.endpoint}.create_view")
        return Action(label=f"Create {self.noun[0]}", url=url, icon="plus", tone="primary", hotkey="c")

    def edit_actions(self, row_id: uuid.UUID) -> list[Action]:
        """Return the button that leads to the form of a row, for those who may use it."""
        if not visitor().may(self.writing):
            return []
        return [
            Action(label="Edit", url=url_for(f"{self.endpoint}.edit_view", row_id=row_id), icon="pencil", hotkey="e")
        ]

    def conflict_page(self, form: Any, row_id: uuid.UUID) -> str:
        """Return what somebody else saved meanwhile beside ``form``; only versioned rows have such a page."""
        raise NotImplementedError

    def create_model(self, form: Any) -> Any:
        with scoped():
            return self.make(form)

    def update_model(self, form: Any, model: Any) -> Any:
        with scoped():
            return self.amend(form, model.id)

    def created(self, model: Any) -> ResponseReturnValue:
        """Return the answer after a row was made."""
        flash(f"{self.noun[0].capitalize()} created.", "success")
        return redirect(self.details_url(model.id), 303)

    def form_page(self, template: str, form: OfficeForm, model: Any = None, **context: Any) -> ResponseReturnValue:
        """Return the page of a form: 422 when something in it was refused."""
        page = {
            "form": form,
            "form_opts": {},
            "sections": self.form_sections,
            "return_url": self.details_url(model.id) if model is not None else self.list_url(),
            "breadcrumbs": self.crumbs(),
            **context,
            **self.form_context(model),
        }
        status = failures.status_of(InvalidInput()) if form.errors else 200
        return self.render(template, **page), status

    def _is_sent(self) -> bool:
        """Tell whether the form is to be saved, and not only looked at as it was typed."""
        return request.method == "POST" and "preview" not in request.form

    def _given(self) -> dict[str, str]:
        """Return values for a new row that the link to its form brought along."""
        return {
            name: value
            for name, value in request.args.items()
            if isinstance(getattr(self.form, name, None), UnboundField)
        }
