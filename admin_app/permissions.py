"""Who may do what: the permissions, one table from role to permission, and how a view states the one it needs.

Deny by default: a route that states nothing and is not on the open list answers 403, and a rules test fails.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Permission(enum.Enum):
    """One thing a role may do; the value is how a refusal names it (SPEC S-1)."""

    READ = "read pages"
    SEE_KEYS = "see license keys in full"
    EXPORT = "export"
    ASSIGN = "assign and claim licenses"
    EDIT_CUSTOMERS = "edit customers"
    EDIT_PRODUCTS = "edit products"
    EDIT_GENERATORS = "edit generators"
    EDIT_CONTRACTS = "create and edit contracts"
    HANDLE_CONTRACT_KEYS = "reveal, rotate and revoke contract keys"
    GENERATE = "generate licenses"
    CREATE_LICENSES = "create licenses without a contract"
    CHANGE_LICENSES = "suspend, revoke, recall, import and purge licenses"
    STEER_JOBS = "cancel, retry and schedule jobs"
    HANDLE_WEBHOOKS = "edit, test and resend webhooks"
    HANDLE_API_KEYS = "handle admin API keys"
    DELETE_CONTRACTS = "delete contracts"
    EDIT_STAFF = "manage staff"
    EDIT_SETTINGS = "change settings"


_VIEWER = frozenset({Permission.READ})
_OPERATOR = _VIEWER | {Permission.SEE_KEYS, Permission.EXPORT, Permission.ASSIGN, Permission.EDIT_CUSTOMERS}
_SUPER_ADMIN = frozenset(Permission)
_ADMIN = _SUPER_ADMIN - {Permission.DELETE_CONTRACTS, Permission.EDIT_STAFF, Permission.EDIT_SETTINGS}

ROLES: dict[str, frozenset[Permission]] = {
    "super_admin": _SUPER_ADMIN,
    "admin": _ADMIN,
    "operator": _OPERATOR,
    "viewer": _VIEWER,
}

# Routes for people who are not signed in yet, and for machines next to us. Nothing else is open.
OPEN_ROUTES = frozenset(
    {
        "static",
        "auth.show_sign_in",
        "auth.sign_in",
        "second_step.show_code",
        "second_step.enter_code",
        "auth.show_link",
        "auth.spend_link",
        "health.alive",
        "health.ready",
    }
)


def needs(permission: Permission | str) -> Callable[[View], View]:
    """State the permission a view needs: itself, or the name of an attribute of the view's class that holds it."""

    def state(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return state


def permission_of(view: Callable[..., Any] | None) -> Permission | None:
    """Return the permission a view function states, or None when it states none."""
    stated = getattr(view, "permission", None)
    if isinstance(stated, str):
        stated = getattr(getattr(view, "__self__", None), stated, None)
    return stated if isinstance(stated, Permission) else None


def is_allowed(role: str, permission: Permission | None) -> bool:
    """Tell whether ``role`` has ``permission``; nobody has what was never decided."""
    return permission is not None and permission in ROLES.get(role, frozenset())
