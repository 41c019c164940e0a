"""Flask-Admin's model view with every door closed that leads past our permissions, services and transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask.typing import ResponseReturnValue
from flask_admin.contrib.sqla.view import ModelView

from admin_app.permissions import Permission
from admin_app.refusals import NotAllowed
from admin_app.visit import find_visitor


class ClosedModelView(ModelView):
    """A model view without exports, look-ups, editing in place and actions, which refuses with 403.

    Nothing of Flask-Admin's own writing is left: it commits by itself and goes past any service.
    """

    reading: ClassVar[Permission] = Permission.READ
    writing: ClassVar[Permission | None] = None

    model: Any
    column_list = ["id"]  # noqa: RUF012 - the type Flask-Admin states
    column_details_list = ["id"]  # noqa: RUF012 - the same
    can_export = False
    # Without a function behind them these routes of Flask-Admin do not exist.
    create_view = None
    edit_view = None
    delete_view = None
    action_view = None
    export = None
    ajax_lookup = None
    ajax_update = None

    def is_accessible(self) -> bool:
        person = find_visitor()
        return person is not None and person.may(self.reading)

    def inaccessible_callback(self, name: str, **_kwargs: Any) -> ResponseReturnValue:
        del name
        raise NotAllowed(action="use this page")

    def is_action_allowed(self, name: str) -> bool:
        del name
        return False

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin calls the view again with other arguments when it raises a TypeError, and hides the fault.
        return fn(self, *args, **kwargs)

    def create_model(self, form: Any) -> Any:
        """Refuse: a view that creates calls its service."""
        del form
        raise NotAllowed(action="use this page")

    def update_model(self, form: Any, model: Any) -> Any:
        """Refuse: a view that changes calls its service."""
        del form, model
        raise NotAllowed(action="use this page")

    def delete_model(self, model: Any) -> Any:
        """Refuse: what may be deleted is deleted by its service."""
        del model
        raise NotAllowed(action="use this page")
