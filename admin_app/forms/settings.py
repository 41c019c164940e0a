"""The form of the settings of the installation."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, StringField

from admin_app.forms.base import NEEDED, OfficeForm


class SettingsForm(OfficeForm):
    """Every setting with the sentence that says what it does; ``seen`` tells a stale edit."""

    seen = HiddenField()
    reveal_policy = RadioField(
        "Showing a contract key again",
        NEEDED,
        choices={
            "audited": "Allowed: it asks for the password and is recorded",
            "off": "Never: a key is shown once, when it is made",
        },
        description="Who may handle contract keys can look at one again, unless you close that here.",
    )
    key_rotation_days = StringField(
        "Days until a contract key is due for rotation",
        NEEDED,
        description="An older key goes on working; its contract and Home remind you to rotate it.",
        render_kw={"type": "number", "min": "1", "max": "3650", "inputmode": "numeric"},
    )
