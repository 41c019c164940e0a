"""One-time submit tokens: a signed uuid set aside when a form is shown, so that the form sent twice acts once."""

from __future__ import annotations

import uuid

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from uuid_utils.compat import uuid7

from admin_app.forms.base import uuid_of
from admin_app.refusals import ForeignForm

LIFE_SECONDS = 7 * 24 * 3600  # as long as a session


def new() -> str:
    """Return a token for one showing of a form."""
    return str(_signer().dumps(str(uuid7())))


def read(token: str | None) -> uuid.UUID:
    """Return the uuid set aside for a form.

    Raises:
        ForeignForm: the token is not one of ours, or too old.

    """
    try:
        found = uuid_of(_signer().loads(token or "", max_age=LIFE_SECONDS))
    except BadSignature:
        found = None
    if found is None:
        raise ForeignForm
    return found


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="submit-once")
