"""Forms of products and generators."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField

from admin_app.forms.base import NEEDED, OfficeForm

STATUS_CHOICES = {"active": "Active", "inactive": "Inactive: its contracts generate nothing"}


class ProductForm(OfficeForm):
    """What is licensed."""

    name = StringField("Name", NEEDED, description="As customers know it.")
    code = StringField("Code", NEEDED, description="A short name for your own systems, unique in this environment.")
    status = SelectField("Status", NEEDED, choices=STATUS_CHOICES)


class GeneratorForm(OfficeForm):
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
            "unambiguous": "Unambiguous: no 0 O 1 I",
            "alphanumeric": "Letters and digits",
            "hex": "Hexadecimal",
            "digits": "Digits",
        },
    )
    features = TextAreaField(
        "Features", default="{}", description='A JSON object, such as {"seats": 5, "support": true}.'
    )
    activation_limit = StringField("Activation limit", default="1", description="How often a license may be activated.")
    status = SelectField("Status", NEEDED, choices=STATUS_CHOICES)
