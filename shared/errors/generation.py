"""Refusals of a generation (GATEWAY 2, rungs 8 to 11)."""

from __future__ import annotations

from shared.errors.base import DomainError


class ContractInactive(DomainError):
    """The contract may not generate (SPEC C-3)."""

    code, title = "contract_inactive", "Contract inactive"
    sentence = "This contract is inactive and generates no licenses until it is activated."


class IdempotencyInProgress(DomainError):
    """The first request with this key has not finished (GATEWAY 6)."""

    code, title = "idempotency_in_progress", "Request in progress"
    sentence = "A request with this idempotency key is still being worked on. Send it again in a second."


class IdempotencyKeyReused(DomainError):
    """The key was used for another request (GATEWAY 6)."""

    code, title = "idempotency_key_reused", "Idempotency key reused"
    sentence = "This idempotency key belongs to another request. Send the same request, or a new key."


class LicensesPurged(DomainError):
    """The test licenses of this generation were purged (SCHEMA 6)."""

    code, title = "licenses_purged", "Licenses purged"
    sentence = "The test licenses of this generation were purged. Use a new idempotency key."


class ContractExpired(DomainError):
    """The fixed expiry date of the contract has passed (SPEC C-4)."""

    code, title = "contract_expired", "Contract expired"
    sentence = "Licenses of this contract were good through {date}, which has passed. Change its expiry first."


class ProductInactive(DomainError):
    """The product of the contract is inactive (SPEC C-4)."""

    code, title = "product_inactive", "Product inactive"
    sentence = "The product of this contract is inactive. Activate the product first."


class GeneratorUnavailable(DomainError):
    """The generator of the contract is inactive or retired (SPEC C-4)."""

    code, title = "generator_unavailable", "Generator unavailable"
    sentence = "The key generator of this contract is inactive or retired. Give the contract another one."


class QuotaExceeded(DomainError):
    """More was asked for than remains (SPEC C-5)."""

    code, title = "quota_exceeded", "Quota exceeded"
    sentence = (
        "{requested} licenses were asked for and {quota_remaining} of {quota_total} remain. "
        "Ask for fewer, or have the quota raised."
    )


class TestLimitReached(DomainError):
    """A contract holds at most 50 test licenses at a time (SPEC C-11)."""

    __test__ = False  # not a pytest class
    code, title = "test_limit_reached", "Test limit reached"
    sentence = (
        "{requested} test licenses were asked for; this contract holds {test_licenses} and may hold 50. "
        "Purge the old ones first."
    )


class CountOutOfRange(DomainError):
    """The number of licenses asked for is not one a generation can have."""

    code, title = "count_out_of_range", "Count out of range"
    sentence = "Ask for a whole number of licenses from {least} to {most}."


class KeySpaceTooSmall(DomainError):
    """The generator could not hold the quota comfortably (SPEC K-2)."""

    code, title = "key_space_too_small", "Key space too small"
    sentence = "The key generator has too few possible keys for this quota. Use a longer pattern."


class KeysCollided(DomainError):
    """New keys met existing ones three times in a row (SCHEMA 4)."""

    code, title = "keys_collided", "Keys collided"
    sentence = "The key generator keeps making keys that exist already, so nothing was made. Use a longer pattern."


class Busy(DomainError):
    """The database could not answer in time; nothing was changed unless a stored answer says so."""

    code, title = "unavailable", "Temporarily unavailable"
    sentence = (
        "The service is busy or restarting. Send the request again in a few seconds; "
        "with the same idempotency key the answer tells what happened."
    )
