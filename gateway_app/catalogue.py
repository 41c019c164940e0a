"""Every code the gateway refuses with: when it happens, what a partner does about it, and an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway_app import refusals
from gateway_app.problems import RETRY_AFTER_SECONDS, STATUS
from shared import errors
from shared.errors import DomainError

EXAMPLE_REQUEST_ID = "req_4f1c9a7be2d05836a1c4e9f0"


@dataclass(frozen=True)
class Entry:
    """One code of the catalogue; ``example`` is a refusal as it is raised, with the members it brings."""

    example: DomainError
    when: str
    act: str

    @property
    def code(self) -> str:
        """Return the stable code, which is also the anchor on ``/docs/errors``."""
        return self.example.code

    @property
    def title(self) -> str:
        """Return the title of the problem document."""
        return self.example.title

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return STATUS[type(self.example)]

    @property
    def schema(self) -> str:
        """Return the name of this problem's schema in the OpenAPI document."""
        return type(self.example).__name__

    @property
    def members(self) -> list[str]:
        """Return the names of the members this problem has beside the common ones."""
        return [name for name in self.example.members if name != "detail"]

    @property
    def has_retry_after(self) -> bool:
        """Tell whether the answer carries a ``Retry-After`` header."""
        return "retry_after" in self.example.members or type(self.example) in RETRY_AFTER_SECONDS

    def problem(self, *, host_url: str, instance: str) -> dict[str, Any]:
        """Return an example of the problem document (RFC 9457), as ``problems.render`` would write it."""
        return {
            "type": f"{host_url}docs/errors#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": str(self.example),
            "instance": instance,
            "code": self.code,
            "request_id": EXAMPLE_REQUEST_ID,
            "success": False,
            **self.example.members,
        }


_QUOTA = {"quota_total": 500, "quota_used": 460, "quota_reserved": 0, "quota_remaining": 40}
_UNUSABLE_COUNT = {"pointer": "/count", "detail": "This must be an integer from 1 to 100000."}

# In the order of the checks.
_ENTRIES = (
    Entry(
        refusals.HttpsRequired(),
        "The call came over plain HTTP.",
        "Use the https:// address. The key has travelled in the clear, so ask your vendor to rotate it.",
    ),
    Entry(
        refusals.RouteNotFound(),
        "Nothing is at this path, or the job or generation was not asked for with a key of this contract.",
        "Compare the path with the reference, down to a trailing slash, and use ids from your own answers.",
    ),
    Entry(
        refusals.MethodNotAllowed(),
        "The path exists, but not for this method.",
        "Use a method that the Allow header of the answer names.",
    ),
    Entry(
        refusals.UnsupportedMediaType(),
        "The body of a generate call is not plain JSON in UTF-8, or it is compressed.",
        "Send Content-Type: application/json and no Content-Encoding.",
    ),
    Entry(
        refusals.BodyTooLarge(),
        "The body is larger than 16 KiB.",
        "Send only the four members the reference names; none of them needs that much room.",
    ),
    Entry(
        errors.TooManyAttempts(retry_after=41),
        "Many calls in the last minute came from your address with keys that open nothing. "
        "A valid key still passes, so a neighbour behind the same address does not stop you.",
        "Stop the program that uses the wrong key, wait for Retry-After, and try again with the right one.",
    ),
    Entry(
        errors.InvalidKey("unknown"),
        "The Authorization header is missing, doubled or no Bearer header, or its key is mistyped, unknown, "
        "replaced, revoked, or of a deleted contract. Which of these it is, the answer does not say.",
        "Copy the key again, whole. If it was rotated, use the new one; else ask your vendor for its state.",
    ),
    Entry(
        errors.KeyNotForContract(),
        "The key is good, but the contract uuid in the path is not the one it was issued for.",
        "Use the uuid that came with this key; the ping call tells it.",
    ),
    Entry(
        errors.ApiAccessDisabled(),
        "API access of the contract is switched off. The key is kept and works again once access is back on.",
        "Ask your vendor. Trying again does not help before that.",
    ),
    Entry(
        errors.AddressNotAllowed(address="203.0.113.7"),
        "The contract has a list of allowed addresses, and yours is not on it. The member address is the one seen.",
        "Call from a listed address, or ask your vendor to add the one in the answer.",
    ),
    Entry(
        errors.RateLimited(retry_after=12),
        "A rate limit of the contract is reached, or the fixed limit on reads of your key.",
        "Wait as many seconds as Retry-After says, then send the same request again.",
    ),
    Entry(
        refusals.MalformedRequest(detail="The body is not valid JSON (line 1, column 12)."),
        "The request is broken as HTTP, its body is not one JSON object that every parser reads the same way, "
        "or body and header carry different idempotency keys. The detail says which.",
        "Correct the request. Sent again unchanged it is refused again.",
    ),
    Entry(
        refusals.InvalidParameter(errors=[_UNUSABLE_COUNT]),
        "A member or query parameter is unknown, missing, of the wrong type or out of its limits.",
        "Correct each item of errors: pointer names a member of the body, parameter one of the query, "
        "header a request header.",
    ),
    Entry(
        errors.CountOutOfRange(least=1, most=5),
        "A test generation asks for more licenses than one may make. least and most name the range.",
        "Ask for a count inside the range.",
    ),
    Entry(
        errors.ContractInactive(),
        "The contract is inactive. Licenses that exist are untouched.",
        "Ask your vendor. A test generation may still be possible, see test licenses in the guide.",
    ),
    Entry(
        errors.IdempotencyInProgress(),
        "A request with the same idempotency key is being worked on at this moment.",
        "Send the same request again after Retry-After; you then get the answer to the first one.",
    ),
    Entry(
        errors.IdempotencyKeyReused(),
        "The idempotency key was used before with another count, test or reference.",
        "Send the first request unchanged to read its answer again, or use a new key for a new order.",
    ),
    Entry(
        errors.LicensesPurged(),
        "The idempotency key belongs to a test generation whose licenses your vendor has purged since.",
        "Use a new idempotency key for new test licenses.",
    ),
    Entry(
        errors.ContractExpired(date="2026-12-31"),
        "Licenses of this contract are good through a fixed date, and that date has passed.",
        "Ask your vendor for a new date or a new contract.",
    ),
    Entry(
        errors.ProductInactive(),
        "The product of the contract is inactive.",
        "Ask your vendor when it will be sold again.",
    ),
    Entry(
        errors.GeneratorUnavailable(),
        "The key generator of the contract is inactive or retired.",
        "Ask your vendor to give the contract another generator.",
    ),
    Entry(
        errors.KeySpaceTooSmall(),
        "The key generator of the contract has too few possible keys for its quota.",
        "Ask your vendor to give the contract a generator with longer keys.",
    ),
    Entry(
        errors.QuotaExceeded(requested=50, **_QUOTA),
        "The call asks for more licenses than the quota has left. Nothing was made: a call makes all or none.",
        "Ask for at most quota_remaining, or have your vendor raise the quota. The same idempotency key stays usable.",
    ),
    Entry(
        errors.TestLimitReached(requested=5, test_licenses=48),
        "The contract would hold more than 50 test licenses.",
        "Ask your vendor to purge the old ones.",
    ),
    Entry(
        errors.KeysCollided(),
        "New keys met existing ones several times in a row, so nothing was made.",
        "Ask your vendor to give the contract a generator with longer keys.",
    ),
    Entry(
        errors.Busy(),
        "The database is restarting or too busy to answer in time.",
        "Send the same request again after Retry-After. With an idempotency key nothing is made twice.",
    ),
    Entry(
        refusals.InternalError(),
        "Something broke on our side. It is logged under the request id.",
        "Send the same request again with the same idempotency key; it tells what happened. "
        "If it goes on, give your vendor the request_id.",
    ),
)

CATALOGUE: Mapping[str, Entry] = {entry.code: entry for entry in _ENTRIES}
