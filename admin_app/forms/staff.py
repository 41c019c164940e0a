"""The form that invites somebody to the staff."""

from __future__ import annotations

from wtforms import RadioField, StringField

from admin_app.forms.base import NEEDED, OfficeForm

ROLE_CHOICES = {
    "viewer": "Viewer: reads every page, sees no license key in full",
    "operator": "Operator: also sees keys, assigns licenses, edits customers, exports",
    "admin": "Admin: also creates and edits contracts, generates, handles keys and jobs",
    "super_admin": "Super admin: also deletes contracts, manages staff and settings",
}


class InviteForm(OfficeForm):
    """Who, and what they may do."""

    email = StringField(
        "E-mail",
        NEEDED,
        description="They sign in with it. Nothing is sent there: the next page shows a link for you to hand over.",
        render_kw={"type": "email", "autocomplete": "off", "maxlength": "254", "spellcheck": "false"},
    )
    role = RadioField("Role", NEEDED, choices=ROLE_CHOICES, default="viewer")
