"""Forms of products and generators; their status is changed on their pages, not here."""

from __future__ import annotations

from wtforms import HiddenField, SelectField, StringField, TextAreaField

from admin_app.forms.base import NEEDED, OfficeForm
from shared.services.fields import INTEGER_MOST, whole


class VersionedForm(OfficeForm):
    """A form that knows which version of the row it was opened at."""

    version = HiddenField()

    def opened_version(self) -> int:
        """Return the version the form was opened at, or 0, which no row has."""
        try:
            return whole(self.version.data, most=INTEGER_MOST) or 0
        except ValueError:
            return 0

    def fields(self) -> dict[str, object]:
        """Return what the service takes."""
        return {name: value for name, value in self.data.items() if name not in {"version", "product_id"}}


class ProductForm(VersionedForm):
    """What is licensed."""

    name = StringField("Name", NEEDED, description="As customers know it.")
    code = StringField("Code", NEEDED, description="A short name for your own systems, unique in this environment.")


class GeneratorForm(VersionedForm):
    """How keys look, and the terms their licenses start from."""

    product_id = SelectField("Product", NEEDED)
    name = StringField("Name", NEEDED)
    format = SelectField("Key format", NEEDED, choices={"pattern": "Pattern", "uuid": "UUID"})
    pattern = StringField(
        "Pattern",
        default="*****-*****-*****-*****-*****",
        description="Each * becomes a random symbol, everything else stays as it is. Not used for UUID keys.",
    )
    alphabet = SelectField(
        "Alphabet",
        choices={
            "unambiguous": "Unambiguous: no 0 O 1 I L",
            "alphanumeric": "Letters and digits",
            "hex": "Hexadecimal",
            "digits": "Digits",
        },
    )
    features = TextAreaField(
        "Features", default="{}", description='A JSON object, such as {"seats": 5, "support": true}.'
    )
    activation_limit = StringField("Activation limit", default="1", description="How often a license may be activated.")
