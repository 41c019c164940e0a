"""Every refusal the product can give: one class, one stable code, one title and one sentence each."""

from __future__ import annotations

from shared.errors.base import (
    DomainError,
)
from shared.errors.door import (
    AddressNotAllowed,
    ApiAccessDisabled,
    InvalidKey,
    KeyNotForContract,
    RateLimited,
    TooManyAttempts,
)
from shared.errors.generation import (
    Busy,
    ContractExpired,
    ContractInactive,
    CountOutOfRange,
    GeneratorUnavailable,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    KeysCollided,
    KeySpaceTooSmall,
    LicensesPurged,
    ProductInactive,
    QuotaExceeded,
    TestLimitReached,
)
from shared.errors.office import (
    EnvironmentNotChosen,
    Immutable,
    InvalidInput,
    JobEnded,
    KeyInForce,
    LinkSpent,
    NotFound,
    RevealSwitchedOff,
    SignInRefused,
    StaleVersion,
    TooManyForWorkbook,
)

__all__ = [
    "AddressNotAllowed",
    "ApiAccessDisabled",
    "Busy",
    "ContractExpired",
    "ContractInactive",
    "CountOutOfRange",
    "DomainError",
    "EnvironmentNotChosen",
    "GeneratorUnavailable",
    "IdempotencyInProgress",
    "IdempotencyKeyReused",
    "Immutable",
    "InvalidInput",
    "InvalidKey",
    "JobEnded",
    "KeyInForce",
    "KeyNotForContract",
    "KeySpaceTooSmall",
    "KeysCollided",
    "LicensesPurged",
    "LinkSpent",
    "NotFound",
    "ProductInactive",
    "QuotaExceeded",
    "RateLimited",
    "RevealSwitchedOff",
    "SignInRefused",
    "StaleVersion",
    "TestLimitReached",
    "TooManyAttempts",
    "TooManyForWorkbook",
]
