"""A person's own profile: password, sessions and preferences (SPEC S-3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app import failures
from admin_app.forms.base import uuid_of
from admin_app.forms.profile import OwnPasswordForm, PreferencesForm
from admin_app.limits import guard_account, guard_address
from admin_app.permissions import Permission, needs
from admin_app.views import words
from admin_app.views.plain import PlainView
from admin_app.visit import actor, visitor
from shared import clock
from shared.crypto import hash_token, is_same
from shared.db import db
from shared.errors import InvalidInput, NotFound
from shared.models import Staff
from shared.services import passwords, second_factor, sessions
from shared.transaction import transaction


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One session as the profile lists it."""

    device: str
    address: str
    signed_in: datetime
    seen: datetime
    is_this: bool
    id: uuid.UUID


class Profile(PlainView):
    """What every person may change, whatever the role: their own account."""

    reading = Permission.READ

    def is_visible(self) -> bool:
        """Tell that it has no place in the menu at the side: the menu of the person leads here."""
        return False

    @expose("/")
    @needs("reading")
    def index_view(self) -> ResponseReturnValue:
        """Return the profile."""
        return self._page(OwnPasswordForm())

    @expose("/password", methods=("POST",))
    @needs("reading")
    @guard_address
    @guard_account
    def change_password(self) -> ResponseReturnValue:
        """Change the password, when the one that holds now was typed too; every other session ends."""
        form = OwnPasswordForm(request.form)
        try:
            password_hash = _ensure_changeable(form)
        except InvalidInput as refusal:
            form.refuse(refusal)
            return self._page(form), failures.status_of(refusal)
        with transaction():
            passwords.change(
                staff_id=visitor().id,
                password_hash=password_hash,
                keep_token=session["token"],
                by=actor(),
                at=clock.now(),
            )
        flash("Password changed. Every other session of yours has ended.", "success")
        return _back()

    @expose("/sessions/end", methods=("POST",))
    @needs("reading")
    def end_session(self) -> ResponseReturnValue:
        """End one session of the person's own."""
        session_id = uuid_of(request.form.get("session"))
        if session_id is None:
            raise NotFound("No such session")
        with transaction():
            sessions.end_one(staff_id=visitor().id, session_id=session_id, by=actor())
        flash("The session has ended.", "success")
        return _back()

    @expose("/sessions/end-others", methods=("POST",))
    @needs("reading")
    def end_other_sessions(self) -> ResponseReturnValue:
        """End every session but the one that asks."""
        with transaction():
            ended = sessions.end_others(staff_id=visitor().id, keep_token=session["token"], by=actor())
        flash(f"{words.counted(ended, 'other session has', 'other sessions have')} ended.", "success")
        return _back()

    def _page(self, form: OwnPasswordForm) -> str:
        person = visitor()
        with transaction():
            browsers = _browsers(person.id)
            is_on = second_factor.is_enabled(staff_id=person.id)
        return self.render(
            "profile.html",
            page_title="Your profile",
            form=form,
            preferences_form=PreferencesForm(
                theme=person.theme,
                density=person.density,
                time_zone=person.time_zone,
                hotkeys="on" if person.hotkeys else "off",
            ),
            browsers=browsers,
            has_second_factor=is_on,
        )


def own_hash() -> str | None:
    """Return the stored hash of the person's own password."""
    with transaction():
        return db.session.get_one(Staff, visitor().id).password_hash


def ensure_own_password(password: str, *, field: str) -> None:
    """Raise InvalidInput at ``field`` unless ``password`` is the person's own; slow on purpose (RFC 9106)."""
    if not passwords.is_password(own_hash(), password):
        raise InvalidInput(**{field: "This is not your password."})


def _ensure_changeable(form: OwnPasswordForm) -> str:
    """Return the hash of the new password; slow on purpose, and no transaction is open."""
    ensure_own_password(form.text("current"), field="current")
    if form.text("password") != form.text("repeated"):
        raise InvalidInput(repeated="The two passwords differ. Type the same one twice.")
    return passwords.hash_password(form.text("password"))


def _browsers(staff_id: uuid.UUID) -> Sequence[Browser]:
    this = hash_token(session["token"])
    return [
        Browser(
            device=words.device(row.user_agent),
            address=str(row.address or "unknown"),
            signed_in=row.created_at,
            seen=row.seen_at,
            is_this=is_same(row.token_hash, this),
            id=row.id,
        )
        for row in sessions.list_of(staff_id=staff_id, at=clock.now())
    ]


def _back() -> ResponseReturnValue:
    return redirect(url_for("profile.index_view").rstrip("/"), 303)
