"""Settings of the installation: a sentence for each, changed all together (SPEC X-2)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.forms.settings import SettingsForm
from admin_app.permissions import Permission, needs
from admin_app.views.page import Section
from admin_app.views.plain import PlainView
from admin_app.visit import actor
from shared import clock
from shared.errors import InvalidInput
from shared.services import installation
from shared.services.installation import Installation
from shared.transaction import transaction

SECTIONS = (
    Section(
        title="Contract keys",
        fields=("reveal_policy", "key_rotation_days"),
        help="For every contract, in every environment.",
    ),
)


class SettingsPage(PlainView):
    """Show and change what holds for the whole installation."""

    reading = Permission.EDIT_SETTINGS

    @expose("/")
    @needs("reading")
    def index_view(self) -> ResponseReturnValue:
        """Return the settings as a form."""
        with transaction():
            now = installation.read()
        return self._page(SettingsForm(data=_typed(now)))

    @expose("/", methods=("POST",))
    @needs("reading")
    def save_view(self) -> ResponseReturnValue:
        """Change what differs; nothing when one value cannot be used."""
        form = SettingsForm(request.form)
        values = {name: form.text(name) for section in SECTIONS for name in section.fields}
        try:
            with transaction():
                installation.change(values=values, seen=form.text("seen"), by=actor(), at=clock.now())
        except InvalidInput as refusal:
            form.refuse(refusal)
            return self._page(form), failures.status_of(refusal)
        flash("Settings saved. They hold from the next request on.", "success")
        return redirect(url_for("settings.index_view").rstrip("/"), 303)

    def _page(self, form: SettingsForm) -> str:
        return self.render(
            "admin/model/edit.html",
            page_title="Settings",
            form=form,
            form_opts={},
            sections=SECTIONS,
            save_label="Save settings",
            return_url=url_for("home.index_view"),
        )


def _typed(now: Installation) -> dict[str, Any]:
    return {**asdict(now), "seen": now.fingerprint}
