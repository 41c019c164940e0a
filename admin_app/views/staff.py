"""Staff: who may sign in, with which role, and what is known of their sessions (SPEC S-1, S-3)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa

from admin_app.forms.staff import InviteForm
from admin_app.views import words
from admin_app.views.filters import Condition, Expression, Query, contains, fixed
from admin_app.views.page import Action, Card, Column, EmptyState, Fact, Link, Option, Row, Section
from admin_app.views.staff_steps import StaffSteps
from admin_app.visit import actor, visitor
from shared import clock
from shared.models import SecondFactor, Staff, StaffSession
from shared.models.staff import STATES
from shared.services import second_factor, sessions, staff, staff_roles

_STATE = sa.case(
    (Staff.disabled_at.is_not(None), "disabled"), (Staff.password_hash.is_(None), "invited"), else_="active"
)
_IS_LAST = "The last active super admin can be neither disabled nor given another role."


class People(StaffSteps):
    """List, invite and show people of the staff."""

    noun = ("person", "people")
    form = InviteForm
    form_sections = (Section(title="Who and what for", fields=("email", "role")),)
    columns = (
        Column(key="email", label="E-mail", kind="link", sort="email"),
        Column(key="role", label="Role"),
        Column(key="state", label="State", kind="badge"),
        Column(key="factor", label="Second factor", kind="badge"),
        Column(key="seen", label="Last seen", kind="time"),
        Column(key="sessions", label="Sessions", kind="number"),
        Column(key="created", label="Invited", kind="time", sort="created"),
    )
    sorts: ClassVar[Mapping[str, Expression]] = {"email": sa.func.lower(Staff.email), "created": Staff.id}
    sort_options = (
        Option("email", "E-mail, A to Z"),
        Option("-email", "E-mail, Z to A"),
        Option("-created", "Newest first"),
        Option("created", "Oldest first"),
    )
    list_filters = (
        fixed("role", "Role", Staff.role, words.ROLE_NAMES),
        fixed("state", "State", _STATE, {state: state.capitalize() for state in STATES}),
    )
    search_label = "Search e-mail"

    def base_query(self) -> Query:
        """Return everybody, whatever the environment: staff belong to the installation."""
        theirs = StaffSession.staff_id == Staff.id
        return sa.select(
            Staff,
            sa.exists().where(SecondFactor.staff_id == Staff.id, SecondFactor.enabled_at.is_not(None)),
            sa.select(sa.func.max(StaffSession.seen_at)).where(theirs).scalar_subquery(),
            sa.select(sa.func.count()).where(theirs, sessions.is_good(clock.now())).scalar_subquery(),
        )

    def first_use(self) -> EmptyState:
        return EmptyState(
            title="Nobody yet", text="Invite the first person.", icon="users", action=self.create_action()
        )

    def search_condition(self, term: str) -> Condition:
        return contains(term, Staff.email)

    def row(self, *result: Any) -> Row:
        person, has_factor, seen_at, count = result
        return Row(
            id=str(person.id),
            label=person.email,
            cells={
                "email": Link(
                    label=person.email, url=self.details_url(person.id), note="you" if _is_self(person) else ""
                ),
                "role": words.ROLE_NAMES[person.role],
                "state": words.gate(person.state),
                "factor": words.gate("on" if has_factor else "off"),
                "seen": seen_at,
                "sessions": count,
                "created": person.created_at,
            },
            actions=[Action(label="View details", url=self.details_url(person.id), icon="eye")],
        )

    def details(self, model: Staff) -> Mapping[str, Any]:
        open_sessions = sessions.list_of(staff_id=model.id, at=clock.now())
        has_factor = second_factor.is_enabled(staff_id=model.id)
        is_last = staff_roles.is_last_super_admin(staff_id=model.id)
        facts = [
            Fact(label="E-mail", value=model.email),
            Fact(label="Role", value=words.ROLE_NAMES[model.role], note=_IS_LAST if is_last else ""),
            Fact(label="Second factor", value=words.gate("on" if has_factor else "off"), kind="badge"),
            Fact(label="Invited", value=model.created_at, kind="time"),
            Fact(label="Staff uuid", value=str(model.id), kind="mono"),
        ]
        if model.disabled_at:
            facts.append(Fact(label="Disabled", value=model.disabled_at, kind="time"))
        return {
            "page_title": model.email,
            "status": words.gate(model.state),
            "breadcrumbs": self.crumbs(),
            "cards": [
                Card(title="Account", facts=facts),
                Card(title="Sessions, with their last use", facts=_sessions(open_sessions)),
            ],
            "page_actions": self.steps(
                model,
                is_last=is_last,
                is_self=_is_self(model),
                has_factor=has_factor,
                has_sessions=bool(open_sessions),
            ),
        }

    def make(self, form: Any) -> tuple[uuid.UUID, str]:
        return staff.add(email=form.text("email").strip(), role=form.text("role"), by=actor(), at=clock.now())


def _is_self(person: Staff) -> bool:
    return person.id == visitor().id


def _sessions(found: Any) -> list[Fact]:
    if not found:
        return [Fact(label="Signed in", value="nowhere")]
    return [
        Fact(label=str(session.address or "Unknown address"), value=session.seen_at, kind="time",
             note=session.user_agent)
        for session in found
    ]  # fmt: skip
