"""The form that asks for licenses."""

from __future__ import annotations

from wtforms import BooleanField, StringField

from admin_app.forms.base import NEEDED, OfficeForm
from shared.errors import CountOutOfRange, InvalidInput
from shared.models.contract import QUOTA_MOST
from shared.services.fields import text_of, whole


class GenerateForm(OfficeForm):
    """How many, and what for."""

    count = StringField("Licenses", NEEDED, default="1")
    reference = StringField("Reference", description="An order or ticket number; it stays with these licenses.")
    is_test = BooleanField("Test licenses", description="Up to 5 that use no quota and stop working in 7 days at most.")

    def wanted(self) -> int:
        """Return the number asked for. Raises InvalidInput, naming the field."""
        try:
            found = whole(self.text("count").strip(), most=QUOTA_MOST)
        except ValueError:
            found = None
        if found is None:
            raise InvalidInput(count=str(CountOutOfRange(least=1, most=QUOTA_MOST)))
        return found

    def purpose(self) -> str | None:
        """Return the reference, or None. Raises InvalidInput, naming the field."""
        try:
            return text_of(self.reference.data, most=200) or None
        except ValueError as error:
            raise InvalidInput(reference=str(error)) from error
