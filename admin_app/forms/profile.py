"""Forms of a person's own profile."""

from __future__ import annotations

from wtforms import PasswordField, RadioField, SelectField, StringField

from admin_app.forms.base import NEEDED, OfficeForm
from shared.services.passwords import PASSWORD_LEAST
from shared.services.preferences import time_zones


class OwnPasswordForm(OfficeForm):
    """The password that holds now, and a new one twice."""

    current = PasswordField("Password now", NEEDED)
    password = PasswordField(
        "New password", NEEDED, description=f"{PASSWORD_LEAST} characters or more; a few unrelated words are good."
    )
    repeated = PasswordField("The new one again", NEEDED)


class PreferencesForm(OfficeForm):
    """How the pages look and answer to keys."""

    theme = RadioField("Theme", NEEDED, choices={"system": "As the system", "light": "Light", "dark": "Dark"})
    density = RadioField("Row height of lists", NEEDED, choices={"comfortable": "Comfortable", "compact": "Compact"})
    time_zone = SelectField(
        "Time zone",
        NEEDED,
        choices=lambda: [(name, name.replace("_", " ")) for name in time_zones()],
        description="For times on pages. Exports stay in UTC.",
    )
    hotkeys = RadioField(
        "Single-key shortcuts",
        NEEDED,
        choices={"on": "On", "off": "Off"},
        description="Such as “c” for create. Combinations with Ctrl or Cmd always work.",
    )


class EnableForm(OfficeForm):
    """The first code of a device."""

    code = StringField("Code", NEEDED)


class DisableForm(OfficeForm):
    """What is asked before a second factor is changed."""

    password = PasswordField("Your password", NEEDED)
    code = StringField("Code", NEEDED, description="Of your authenticator app, or a recovery code.")
