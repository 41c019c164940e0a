"""The second step of signing in: a code of the device or a recovery code, after the password (SPEC S-3)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_app import failures
from admin_app.entry import Admission, Half, destination, enter, find_half, forget, mark_of, open_session
from admin_app.forms.sign_in import CodeForm
from admin_app.limits import guard_address, guard_code
from admin_app.paths import local_path
from admin_app.refusals import TooManyTries
from admin_app.visit import actor_of
from shared import clock
from shared.db import current_settings, db
from shared.errors import InvalidInput, SignInRefused
from shared.models import Staff
from shared.services import second_factor
from shared.services.keys import Keyring
from shared.transaction import transaction

blueprint = Blueprint("second_step", __name__)


@blueprint.get("/sign-in/code")
def show_code() -> ResponseReturnValue:
    """Return the page that asks for a code, or the sign-in page when no password came before."""
    if find_half() is None:
        return _again()
    return _page(CodeForm(next=local_path(request.args.get("next"), "")))


@blueprint.post("/sign-in/code")
@guard_address
@guard_code
def enter_code() -> ResponseReturnValue:
    """Begin a session under a new token, or refuse the code and go on asking."""
    form, half = CodeForm(request.form), find_half()
    if half is None:
        return _again()
    try:
        token = _open_session(half, form.text("code"))
    except SignInRefused:
        forget()
        return _again()
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(form), failures.status_of(SignInRefused())
    return enter(Admission(token=token), destination(form.text("next")))


@blueprint.errorhandler(TooManyTries)
def _too_many(refusal: TooManyTries) -> ResponseReturnValue:
    wait = str(refusal.members["retry_after"])
    return _page(CodeForm(next=request.form.get("next")), str(refusal)), 429, {"Retry-After": wait}


def _open_session(half: Half, code: str) -> str:
    """Return the token of a new session. Raises SignInRefused when the password no longer holds."""
    box = Keyring.of(current_settings()).box
    with transaction():
        person = db.session.get(Staff, half.staff_id)
        if person is None or mark_of(person) != half.password or person.disabled_at:
            raise SignInRefused
        if not second_factor.is_enabled(staff_id=person.id):  # reset meanwhile: the password alone lets in
            return open_session(person)
        if not second_factor.use(staff_id=person.id, code=code, by=actor_of(person.id), at=clock.now(), box=box):
            raise InvalidInput(code=second_factor.WRONG)
        return open_session(person)


def _again() -> ResponseReturnValue:
    return redirect(url_for("auth.show_sign_in", next=local_path(request.values.get("next"), "") or None), 303)


def _page(form: CodeForm, wait_sentence: str = "") -> str:
    return render_template("sign_in.html", page_title="Enter your code", form=form, wait_sentence=wait_sentence)
