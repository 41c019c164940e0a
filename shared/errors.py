"""Every refusal the product can give: one class, one stable code, one title and one sentence each."""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal with a reason and a way out; it changes nothing.

    ``str(error)`` is the sentence a person reads, ``members`` what a program reads beside it.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str] = "{detail}"

    def __init__(self, **members: Any) -> None:
        super().__init__(self.sentence.format(**members))
        self.members = members


# --- the door of the gateway (GATEWAY 2, rungs 2 to 6) ----------------------------------------------------


class TooManyAttempts(DomainError):
    """Too many failures in a short time; time alone opens the door again."""

    code, title = "too_many_attempts", "Too many attempts"
    sentence = "Too many failed attempts came from your address. Try again in {retry_after} s."


class InvalidKey(DomainError):
    """The key opens nothing; ``cause`` is for staff and the log, never for the caller."""

    code, title = "invalid_key", "Invalid key"
    sentence = "Send one header 'Authorization: Bearer <contract key>' with a key that is in force."

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class KeyNotForContract(DomainError):
    """The key is good, but for another contract."""

    code, title = "key_not_for_contract", "Key not for this contract"
    sentence = "This key does not open the contract in the address. Check the contract uuid you were given."


class ApiAccessDisabled(DomainError):
    """The contract's API access is switched off."""

    code, title = "api_access_disabled", "API access disabled"
    sentence = "API access is switched off for this contract. Ask your vendor to switch it on."


class AddressNotAllowed(DomainError):
    """The caller's address is not on the contract's allowlist, or cannot be told."""

    code, title = "ip_not_allowed", "Address not allowed"
    sentence = "Your request came from {address}, which this contract does not allow. Ask your vendor to add it."


class RateLimited(DomainError):
    """A window of the contract, or the fixed limit on reads, is full."""

    code, title = "rate_limited", "Rate limit reached"
    sentence = "The rate limit is reached. Call again in {retry_after} s."


# --- generation (GATEWAY 2, rungs 8 to 11) ----------------------------------------------------------------


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


# --- the back-office and the command line -----------------------------------------------------------------


class NotFound(DomainError):
    """Nothing of that name or id is here."""

    code, title = "not_found", "Not found"
    sentence = "{what} was found here. It may belong to another environment or be deleted."

    def __init__(self, what: str = "Nothing") -> None:
        super().__init__(what=what)


class InvalidInput(DomainError):
    """One or more fields cannot be saved; ``problems`` maps a field to its sentence."""

    code, title = "invalid_input", "Invalid input"

    def __init__(self, **problems: str) -> None:
        super().__init__(detail=" ".join(problems.values()))
        self.problems = problems


class Immutable(InvalidInput):
    """The field is fixed at creation (SPEC C-1)."""

    code, title = "immutable_field", "Field cannot change"

    def __init__(self, field: str) -> None:
        words = field.removesuffix("_id")
        super().__init__(**{field: f"The {words} of a contract is fixed when it is created. Make a new contract."})


class StaleVersion(DomainError):
    """Somebody else saved the same thing first."""

    code, title = "stale_version", "Changed by somebody else"
    sentence = "This was changed by somebody else while you were editing. Nothing of yours was saved."


class KeyInForce(DomainError):
    """A contract that has a current key is issued no second one (SPEC C-9, X-1)."""

    code, title = "key_in_force", "Key in force"
    sentence = "This contract has a key in force. Rotate it, or revoke it first."


class JobEnded(DomainError):
    """The job has ended and can no longer be changed that way."""

    code, title = "job_ended", "Job ended"
    sentence = "This job is {status}; there is nothing left to do for it."


class LinkSpent(DomainError):
    """A one-time link was used, has run out or never was (SPEC S-3)."""

    code, title = "link_spent", "Link no longer good"
    sentence = "This one-time link was used already or has run out. Ask for a new one."


class SignInRefused(DomainError):
    """E-mail and password do not match, whichever of the two is wrong (SPEC S-3)."""

    code, title = "sign_in_refused", "Sign-in refused"
    sentence = "E-mail or password is wrong."


class EnvironmentNotChosen(DomainError):
    """A scoped table was read with no environment set (SCHEMA 14): a fault of ours, never of the user."""

    code, title = "environment_not_chosen", "No environment chosen"
    sentence = "Choose an environment first."
