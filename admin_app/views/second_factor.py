"""The second factor of one's own account: set up, turned off, recovery codes made anew (SPEC S-3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import segno
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.forms.profile import DisableForm, EnableForm
from admin_app.limits import guard_account, guard_address, guard_code
from admin_app.permissions import Permission, needs
from admin_app.views.page import Link
from admin_app.views.plain import PlainView
from admin_app.views.profile import ensure_own_password
from admin_app.visit import actor, visitor
from shared import clock
from shared.crypto import SecretBox
from shared.db import current_settings
from shared.errors import InvalidInput
from shared.services import second_factor
from shared.services.keys import Keyring
from shared.transaction import transaction


class SecondFactorPage(PlainView):
    """What a person does with their own second factor."""

    reading = Permission.READ

    def is_visible(self) -> bool:
        """Tell that it has no place in the menu at the side: the profile leads here."""
        return False

    @expose("/")
    @needs("reading")
    def index_view(self) -> ResponseReturnValue:
        """Return how it stands, and what comes next: begin, type the first code, or turn it off."""
        return self._page()

    @expose("/begin", methods=("POST",))
    @needs("reading")
    def begin(self) -> ResponseReturnValue:
        """Set a fresh secret aside and show it; nothing counts until a right code was typed."""
        try:
            with transaction():
                second_factor.begin(staff_id=visitor().id, box=_box())
        except InvalidInput:
            flash("A second factor is on already.", "warning")
        return redirect(_here(), 303)

    @expose("/enable", methods=("POST",))
    @needs("reading")
    @guard_address
    @guard_code
    def enable(self) -> ResponseReturnValue:
        """Turn it on with a right code, and show ten recovery codes this once."""
        form = EnableForm(request.form)
        try:
            with transaction():
                codes = second_factor.enable(
                    staff_id=visitor().id, code=form.text("code"), by=actor(), at=clock.now(), box=_box()
                )
        except InvalidInput as refusal:
            form.refuse(refusal)
            return self._page(enable_form=form), failures.status_of(refusal)
        return self._codes(codes)

    @expose("/disable", methods=("POST",))
    @needs("reading")
    @guard_address
    @guard_account
    @guard_code
    def disable(self) -> ResponseReturnValue:
        """Turn it off with password and code."""
        return self._with_both(self._disable)

    @expose("/codes", methods=("POST",))
    @needs("reading")
    @guard_address
    @guard_account
    @guard_code
    def renew_codes(self) -> ResponseReturnValue:
        """Make ten new recovery codes with password and code, and show them this once; those before end."""
        return self._with_both(self._renew)

    def _with_both(self, act: Any) -> ResponseReturnValue:
        form = DisableForm(request.form)
        try:
            # First, so that a wrong password uses no code up; slow on purpose, and no transaction is open.
            ensure_own_password(form.text("password"), field="password")
            found: ResponseReturnValue = act(form.text("code"))
        except InvalidInput as refusal:
            form.refuse(refusal)
            return self._page(disable_form=form), failures.status_of(refusal)
        return found

    def _disable(self, code: str) -> ResponseReturnValue:
        with transaction():
            _use(code)
            second_factor.disable(staff_id=visitor().id, by=actor())
        flash("The second factor is off. Your password alone lets you in now.", "success")
        return redirect(_here(), 303)

    def _renew(self, code: str) -> ResponseReturnValue:
        with transaction():
            _use(code)
            codes = second_factor.renew_codes(staff_id=visitor().id, by=actor())
        return self._codes(codes)

    def _codes(self, codes: list[str]) -> str:
        return self.render("recovery_codes.html", page_title="Recovery codes", codes=codes, done_url=_here())

    def _page(self, *, enable_form: EnableForm | None = None, disable_form: DisableForm | None = None) -> str:
        with transaction():
            is_on = second_factor.is_enabled(staff_id=visitor().id)
            left = second_factor.codes_left(staff_id=visitor().id)
            address = second_factor.pending_address(staff_id=visitor().id, box=_box())
        return self.render(
            "second_factor.html",
            page_title="Second factor",
            breadcrumbs=[Link(label="Your profile", url=url_for("profile.index_view"))],
            is_on=is_on,
            codes_left=left,
            secret=parse_qs(urlsplit(address).query)["secret"][0] if address else "",
            picture=segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff") if address else "",
            enable_form=enable_form or EnableForm(),
            disable_form=disable_form or DisableForm(),
        )


def _use(code: str) -> None:
    if not second_factor.use(staff_id=visitor().id, code=code, by=actor(), at=clock.now(), box=_box()):
        raise InvalidInput(code=second_factor.WRONG)


def _box() -> SecretBox:
    return Keyring.of(current_settings()).box


def _here() -> str:
    return url_for("second_factor.index_view").rstrip("/")
