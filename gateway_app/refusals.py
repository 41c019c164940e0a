"""Refusals that only HTTP knows: the class and its sentence; ``problems`` gives each its status."""

from __future__ import annotations

from shared.errors import DomainError


class HttpsRequired(DomainError):
    """The call came over plain HTTP (GATEWAY 2, rung 1)."""

    code, title = "https_required", "HTTPS required"
    sentence = "Call this gateway over HTTPS. Replace a key that was sent in the clear."


class RouteNotFound(DomainError):
    """No such path, or nothing of this key there."""

    code, title = "not_found", "Not found"
    sentence = "There is nothing at this address for this key. Compare it with /docs; a trailing slash matters."


class MethodNotAllowed(DomainError):
    """The path knows other methods; ``Allow`` names them."""

    code, title = "method_not_allowed", "Method not allowed"
    sentence = "This address does not know that method. The Allow header names those it knows."


class UnsupportedMediaType(DomainError):
    """The body is not plain ``application/json``."""

    code, title = "unsupported_media_type", "Unsupported media type"
    sentence = "Send the body as 'Content-Type: application/json', in UTF-8 and without Content-Encoding."


class BodyTooLarge(DomainError):
    """The body is larger than 16 KiB."""

    code, title = "body_too_large", "Body too large"
    sentence = "The body may have at most 16 KiB."


class MalformedRequest(DomainError):
    """The request cannot be read (GATEWAY 2, rung 7)."""

    code, title = "malformed_request", "Malformed request"


class InvalidParameter(DomainError):
    """The request is JSON and does not fit the schema; ``errors`` has one pointer each."""

    code, title = "invalid_parameter", "Invalid parameter"
    sentence = "The request has parameters that cannot be used. 'errors' names each with the reason."


class InternalError(DomainError):
    """A fault of ours."""

    code, title = "internal_error", "Internal error"
    sentence = (
        "Something broke on our side and was logged under this request id. "
        "Send the request again with the same idempotency key; it will tell what happened."
    )
