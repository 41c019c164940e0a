"""Signing in and out: the browser holds a token in a signed cookie, the database only the hash of it."""

from __future__ import annotations

import structlog
from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from admin_app import failures
from admin_app.edge import caller_address
from admin_app.entry import Admission, admit, destination, enter, forget
from admin_app.forms.sign_in import PasswordForm, SignInForm
from admin_app.limits import guard_account, guard_address
from admin_app.paths import local_path
from admin_app.permissions import Permission, needs
from admin_app.refusals import TooManyTries
from admin_app.visit import actor, find_visitor, stranger
from shared import clock
from shared.errors import InvalidInput, LinkSpent, SignInRefused
from shared.models import Staff
from shared.services import passwords, sessions, staff
from shared.transaction import transaction

log = structlog.get_logger()

blueprint = Blueprint("auth", __name__)

PASSWORD_RULES = (
    f"{passwords.PASSWORD_LEAST} characters or more. A few unrelated words are easy to remember and hard to guess."
)


@blueprint.get("/sign-in")
def show_sign_in() -> ResponseReturnValue:
    """Return the sign-in form, or go on when somebody is signed in already."""
    if find_visitor() is not None:
        return redirect(destination(request.args.get("next")))
    return _sign_in_page(SignInForm(next=local_path(request.args.get("next"), "")))


@blueprint.post("/sign-in")
@guard_address
@guard_account
def sign_in() -> ResponseReturnValue:
    """Begin a session, or refuse with the same words and in the same time whichever of the two is wrong."""
    form = SignInForm(request.form)
    email = form.text("email").strip()
    try:
        admission = _admit(email, form.text("password"))
    except SignInRefused as refusal:
        _note_failure(email)
        form.refuse(refusal)
        return _sign_in_page(form), failures.status_of(refusal)
    return enter(admission, destination(form.text("next")))


@blueprint.get("/link/<token>")
def show_link(token: str) -> ResponseReturnValue:
    """Return the form of a one-time link; looking uses nothing up, so a mail scanner does no harm (SPEC S-3)."""
    return _link_page(PasswordForm(), _link_owner(token))


@blueprint.post("/link/<token>")
@guard_address
def spend_link(token: str) -> ResponseReturnValue:
    """Use the link up: set the password and sign in."""
    form = PasswordForm(request.form)
    email = _link_owner(token)
    try:
        password_hash = _hashed(form)  # slow on purpose; no transaction is open
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _link_page(form, email), failures.status_of(refusal)
    at, address = clock.now(), caller_address()
    with transaction():
        person = staff.spend_link(
            token=token,
            password_hash=password_hash,
            at=at,
            by_address=str(address) if address else None,
            request_id=g.request_id,
        )
        admission = admit(person)
    return enter(admission, url_for("home.index_view"))


@blueprint.post("/sign-out")
@needs(Permission.READ)
def sign_out() -> ResponseReturnValue:
    """End the session here and in the database."""
    with transaction():
        sessions.end_session(token=session["token"], by=actor())
    forget()
    return redirect(url_for("auth.show_sign_in"), 303)


@blueprint.errorhandler(TooManyTries)
def _too_many(refusal: TooManyTries) -> ResponseReturnValue:
    if request.endpoint != "auth.sign_in":
        return failures.render(refusal)
    form = SignInForm(email=request.form.get("email"), next=request.form.get("next"))
    wait = str(refusal.members["retry_after"])
    return _sign_in_page(form, str(refusal)), failures.status_of(refusal), {"Retry-After": wait}


def _admit(email: str, password: str) -> Admission:
    """Check a password once, whoever is asked for: unknown, disabled and without a password take the same work."""
    stored = _stored_hash(email)
    if not passwords.is_password(stored, password):  # slow on purpose; no transaction is open
        raise SignInRefused
    with transaction():
        person = staff.find_by_email(email=email)
        if person is None or person.disabled_at or person.password_hash != stored:  # changed since the look
            raise SignInRefused
        return admit(person)


def _note_failure(email: str) -> None:
    """Keep who was tried when somebody is known by that e-mail; else a line of the log, which names nobody."""
    with transaction():
        person = staff.find_by_email(email=email) if staff.EMAIL.fullmatch(email) else None
        if person is not None:
            sessions.note_failure(staff_id=person.id, by=stranger())
            return
    log.info("sign_in.refused", address=stranger().address)


def _stored_hash(email: str) -> str | None:
    if not staff.EMAIL.fullmatch(email):
        return None
    with transaction():
        person = staff.find_by_email(email=email)
        return person.password_hash if person and not person.disabled_at else None


def _link_owner(token: str) -> str:
    with transaction():
        person: Staff | None = staff.find_link(token=token, at=clock.now())
        if person is None:
            raise LinkSpent
        return person.email


def _hashed(form: PasswordForm) -> str:
    if form.text("password") != form.text("repeated"):
        raise InvalidInput(repeated="The two passwords differ. Type the same one twice.")
    return passwords.hash_password(form.text("password"))


def _sign_in_page(form: SignInForm, wait_sentence: str = "") -> str:
    return render_template("sign_in.html", page_title="Sign in", form=form, wait_sentence=wait_sentence)


def _link_page(form: PasswordForm, email: str) -> Response:
    page = render_template(
        "set_password.html", page_title="Set your password", form=form, person_email=email, rules=PASSWORD_RULES
    )
    return make_response(page)
