"""Forms of people who are about to be signed in."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField

from admin_app.forms.base import NEEDED, OfficeForm


class SignInForm(OfficeForm):
    """E-mail and password; ``next`` is where the person wanted to go."""

    email = StringField("E-mail", NEEDED)
    password = PasswordField("Password", NEEDED)
    next = HiddenField()


class CodeForm(OfficeForm):
    """A code of the second factor; ``next`` is where the person wanted to go."""

    code = StringField("Code", NEEDED, description="Of your authenticator app, or one of your recovery codes.")
    next = HiddenField()


class PasswordForm(OfficeForm):
    """A new password, twice."""

    password = PasswordField("New password", NEEDED)
    repeated = PasswordField("The same again", NEEDED)
