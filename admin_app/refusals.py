"""Refusals that only the edge of the back-office gives; those of the product are in ``shared.errors``."""

from __future__ import annotations

from shared.errors import DomainError


class HttpsRequired(DomainError):
    """In production nothing is answered over plain HTTP."""

    code, title = "https_required", "HTTPS required"
    sentence = "This page answers over HTTPS only. Check the address."


class SignInNeeded(DomainError):
    """Nobody is signed in, and the request is not one that can wait for it."""

    code, title = "sign_in_needed", "Sign in first"
    sentence = "You are not signed in any more, so nothing was changed. Sign in and try again."


class NotAllowed(DomainError):
    """The role of the person may not do this (SPEC S-2)."""

    code, title = "not_allowed", "Not allowed"
    sentence = "Your role may not {action}. Nothing was changed. Ask an administrator if you need to."


class ForeignForm(DomainError):
    """The form was sent from another site, or its token is missing or old."""

    code, title = "foreign_form", "Form not accepted"
    sentence = "This form is too old or came from another site. Nothing was changed: open the page again and resend it."


class KeyChanged(DomainError):
    """The contract key is not the one the page asked about: rotated, revoked or issued meanwhile."""

    code, title = "key_changed", "The key has changed"
    sentence = "The contract's key is not the one you saw any more, so nothing was done. Open the contract again."


class RouteNotFound(DomainError):
    """There is no such page."""

    code, title = "page_not_found", "Page not found"
    sentence = "There is no page at this address."


class MethodNotAllowed(DomainError):
    """The page exists, but not for this method."""

    code, title = "method_not_allowed", "Method not allowed"
    sentence = "This address cannot be used that way. Open the page it belongs to."


class FormTooLarge(DomainError):
    """More was sent than any form of ours holds."""

    code, title = "form_too_large", "Too much data"
    sentence = "More was sent than a form may hold. Shorten it and send it again."


class TooManyTries(DomainError):
    """A limit on signing in or on passwords is reached; time alone opens it again."""

    code, title = "too_many_tries", "Too many tries"
    sentence = "There were too many tries. Wait {retry_after} s, then try again."


class UnreadableRequest(DomainError):
    """The request cannot be read as HTTP form data."""

    code, title = "unreadable_request", "Request not understood"
    sentence = "The request could not be read. Open the page again."


class InternalError(DomainError):
    """A fault of ours; the log knows more under the request id."""

    code, title = "internal_error", "Something went wrong"
    sentence = "This is a fault of ours and has been logged. Try again; if it stays, tell us the request id below."
