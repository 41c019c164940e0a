"""What a partner may send: the members of a generate request, each with its rule (GATEWAY 1, 4)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from gateway_app.strict_json import RealNumber

LONGEST_REFERENCE = 200
IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")
KEY_SENTENCE = "This must be 1 to 255 visible ASCII characters, without spaces."
MOST_ERRORS = 20  # more would only echo the body
# A typo is worth naming; what is long enough to be a contract key gone astray is not said back.
ECHOED_NAME = re.compile(r"[ -~]{1,32}")


@dataclass(frozen=True, kw_only=True)
class GenerateRequest:
    """One valid generate request; ``count`` licenses, of which the quota knows nothing when ``test``."""

    count: int
    idempotency_key: str | None = None
    test: bool = False
    reference: str | None = None


class InvalidParametersError(ValueError):
    """A request does not fit its schema; ``errors`` has a JSON pointer (RFC 6901) and a sentence each."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("The request has parameters that cannot be used.")
        self.errors = errors


class StrictInteger(fields.Integer):
    """An integer as JSON Schema means it: ``5`` and ``5.0``, but no ``true``, ``"5"``, ``1.5`` or ``1e3``."""

    def _deserialize(self, value: Any, *_where: Any, **_options: Any) -> int:
        number = value.as_integer() if isinstance(value, RealNumber) else value
        if isinstance(number, bool) or not isinstance(number, int):
            raise self.make_error("invalid", input=value)
        return number


class StrictBoolean(fields.Boolean):
    """``true`` or ``false``, none of the words and numbers that might mean them."""

    def _deserialize(self, value: Any, *_where: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def is_idempotency_key(text: str) -> bool:
    """Tell whether ``text``, from the body or the ``Idempotency-Key`` header, can be an idempotency key."""
    return IDEMPOTENCY_KEY.fullmatch(text) is not None


def _validate_idempotency_key(text: str) -> None:
    if not is_idempotency_key(text):
        raise ValidationError(KEY_SENTENCE)


def _messages(sentence: str) -> dict[str, Any]:
    return dict.fromkeys(("required", "null", "invalid", "invalid_utf8"), sentence)


class GenerateRequestSchema(Schema):
    """The members of a generate request; unknown ones are refused, lest a typo switches idempotency off."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "This member is not known."}  # noqa: RUF012 - marshmallow reads it from the class

    count = StrictInteger(required=True)
    idempotency_key = fields.String(
        validate=_validate_idempotency_key,
        error_messages=_messages(KEY_SENTENCE),
        metadata={"pattern": f"^{IDEMPOTENCY_KEY.pattern}$"},  # for the docs; Python's $ lets a line end by
    )
    test = StrictBoolean(load_default=False, error_messages=_messages("This must be true or false."))
    reference = fields.String(
        validate=validate.Length(max=LONGEST_REFERENCE, error="This has more than {max} characters."),
        error_messages=_messages("This must be a text; leave it out when there is none."),
    )

    def __init__(self, *, max_count: int) -> None:
        super().__init__()
        sentence = f"This must be an integer from 1 to {max_count}."
        count = self.fields["count"]
        count.error_messages = {**count.error_messages, **_messages(sentence)}
        count.validators = [validate.Range(1, max_count, error=sentence)]

    @post_load
    def make(self, members: dict[str, Any], **_options: Any) -> GenerateRequest:
        return GenerateRequest(**members)


def read_generate_request(document: Mapping[str, object], schema: GenerateRequestSchema) -> GenerateRequest:
    """Check a parsed body against ``schema``.

    Raises:
        InvalidParametersError: with at most 20 errors, each with its pointer.

    """
    try:
        request: GenerateRequest = schema.load(document)
    except ValidationError as refusal:
        errors = [_error(name, sentences[0]) for name, sentences in sorted(refusal.messages_dict.items())]
        raise InvalidParametersError(errors[:MOST_ERRORS]) from None
    return request


def may_be_echoed(name: str) -> bool:
    """Tell whether the ``name`` of a member or parameter may be said back; it might be a key gone astray."""
    return ECHOED_NAME.fullmatch(name) is not None


def _error(name: str, sentence: str) -> dict[str, str]:
    """Return one error; a long or odd name points at the whole document instead of being echoed."""
    if not may_be_echoed(name):
        return {"pointer": "", "detail": "A member of this object is not known."}
    return {"pointer": "/" + name.replace("~", "~0").replace("/", "~1"), "detail": sentence}
