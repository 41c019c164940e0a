"""Refusals at the door of the gateway (GATEWAY 2, rungs 2 to 6)."""

from __future__ import annotations

from shared.errors.base import DomainError


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
