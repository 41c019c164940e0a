"""Refusals of the back-office and the command line."""

from __future__ import annotations

from shared.errors.base import DomainError


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


class RevealSwitchedOff(DomainError):
    """The installation shows no key a second time (SPEC X-2, reveal policy)."""

    code, title = "reveal_switched_off", "Revealing is switched off"
    sentence = (
        "No key is shown again here: a super admin switched that off in Settings. Rotate the key to get a new one."
    )


class TooManyForWorkbook(DomainError):
    """The list has more rows than a workbook is made for (SPEC R-2)."""

    code, title = "too_many_for_workbook", "Too many rows for XLSX"
    sentence = "This list has more than {most:,} rows, the most an XLSX file is made for. Export it as CSV instead."


class TooManyChosen(DomainError):
    """More rows were chosen than one bulk action changes in its transaction (UX 12)."""

    code, title = "too_many_chosen", "Too many at once"
    sentence = "{count:,} contracts are chosen and at most {most:,} can be changed at once. Narrow the list first."


class SelectionChanged(DomainError):
    """The rows that a bulk action would change are not those that were confirmed (UX 12)."""

    code, title = "selection_changed", "The selection changed"
    sentence = "The selection changed since you confirmed it, so nothing was done."


class JobEnded(DomainError):
    """The job has ended and can no longer be changed that way."""

    code, title = "job_ended", "Job ended"
    sentence = "This job is {status}; there is nothing left to do for it."


class ContractStillActive(DomainError):
    """An active contract is not deleted (SPEC C-13)."""

    code, title = "contract_still_active", "Contract still active"
    sentence = "This contract is active. Deactivate it first; then it can be deleted."


class JobUnderWay(DomainError):
    """A contract with a job that has not ended is not deleted (SPEC C-13)."""

    code, title = "job_under_way", "Job under way"
    sentence = (
        "Job {job_id} of this contract is {status}, {done} of {total} done. "
        "Wait until it has ended, or cancel it, and then delete the contract."
    )


class InUse(DomainError):
    """Something that others stand on is not deleted; ``uses`` says how many of what."""

    code, title = "in_use", "Still in use"
    sentence = "{name} is in use by {uses}, so it cannot be deleted."


class Retired(DomainError):
    """A retired generator neither changes nor comes back."""

    code, title = "generator_retired", "Generator retired"
    sentence = "This generator is retired for good. Make a new one and choose it in the contracts."


class Deleted(DomainError):
    """The thing is a tombstone: its page says when it was deleted, and nothing can be done with it."""

    code, title = "deleted", "Deleted"
    sentence = "{what} was deleted and nothing can be done with it any more."


class LinkSpent(DomainError):
    """A one-time link was used, has run out or never was (SPEC S-3)."""

    code, title = "link_spent", "Link no longer good"
    sentence = "This one-time link was used already or has run out. Ask for a new one."


class LastSuperAdmin(DomainError):
    """The only super admin who can sign in would lose the role or the account (SPEC S-1)."""

    code, title = "last_super_admin", "The last super admin"
    sentence = (
        "This is the last active super admin: without one nobody could manage staff or settings."
        " Give somebody else that role first; it counts once they have set a password."
    )


class OwnAccount(DomainError):
    """A person would shut themselves out."""

    code, title = "own_account", "Your own account"
    sentence = "You cannot disable your own account. Ask another super admin to do it."


class StaffDisabled(DomainError):
    """A one-time link was asked for somebody whom it would not let in."""

    code, title = "staff_disabled", "Account disabled"
    sentence = "This account is disabled, so a link would let nobody in. Enable the account first."


class SignInRefused(DomainError):
    """E-mail and password do not match, whichever of the two is wrong (SPEC S-3)."""

    code, title = "sign_in_refused", "Sign-in refused"
    sentence = "E-mail or password is wrong."


class EnvironmentNotChosen(DomainError):
    """A scoped table was read with no environment set (SCHEMA 14): a fault of ours, never of the user."""

    code, title = "environment_not_chosen", "No environment chosen"
    sentence = "Choose an environment first."
