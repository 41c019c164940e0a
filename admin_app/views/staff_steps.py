"""What can be done with a person of the staff; each step asks first, is one service call and is audited."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app.permissions import Permission, is_allowed, needs
from admin_app.views import words
from admin_app.views.base import ServiceModelView
from admin_app.views.page import Action
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.db import current_settings
from shared.models import Staff
from shared.services import second_factor, sessions, staff, staff_roles


class StaffSteps(ServiceModelView):
    """Invite, another role, a new link, disable and enable, end sessions, reset the second factor."""

    reading = Permission.EDIT_STAFF
    writing = Permission.EDIT_STAFF
    edit_view = None  # an e-mail stays; each other change is a step that asks

    def create_action(self) -> Action:
        """Return the button that leads to the invitation; nobody else reads this page."""
        url = url_for("staff.create_view")
        return Action(label="Invite somebody", url=url, icon="plus", tone="primary", hotkey="c")

    def form_context(self, model: Any = None) -> dict[str, Any]:
        del model
        return {"page_title": "Invite somebody", "save_label": "Make the link"}

    def created(self, model: tuple[uuid.UUID, str]) -> ResponseReturnValue:
        """Show the link of a new person, this once."""
        return self._link_page(*model)

    def steps(
        self, person: Staff, *, is_last: bool, is_self: bool, has_factor: bool, has_sessions: bool
    ) -> list[Action]:
        """Return what can be done with ``person`` now; what would be refused is not offered."""
        is_disabled = person.disabled_at is not None
        known = (
            (not is_last, "Change role", "staff.ask_role", "pencil", "default"),
            (not is_disabled, "New link", "staff.ask_link", "send", "default"),
            (has_sessions, "End sessions", "staff.ask_end_sessions", "logout", "default"),
            (has_factor, "Reset second factor", "staff.ask_reset", "shield-lock", "default"),
            (not is_disabled and not is_last and not is_self, "Disable", "staff.ask_disable", "ban", "danger"),
        )
        steps = [
            Action(label=label, url=url_for(endpoint, row_id=person.id), icon=icon, tone=tone, dialog=True)  # type: ignore[arg-type]
            for is_offered, label, endpoint, icon, tone in known
            if is_offered
        ]
        if is_disabled:
            url = url_for("staff.enable_view", row_id=person.id)
            steps.append(Action(label="Enable", url=url, icon="player-play", post=True))
        return steps

    @expose("/<uuid:row_id>/role/")
    @needs("writing")
    def ask_role(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Ask which role the person shall have."""
        return self._ask(
            row_id,
            page_title="Change the role",
            sentence="The new role holds from their next click on, also where they are signed in now.",
            choice={"name": "role", "label": "Role", "options": list(words.ROLE_NAMES.items())},
            action_label="Change role",
        )

    @expose("/<uuid:row_id>/role/", methods=("POST",))
    @needs("writing")
    def role_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Give the person that role; who takes it from themselves has no way back to this page."""
        with scoped():
            person = staff_roles.change_role(staff_id=row_id, role=request.form.get("role", ""), by=actor())
            name = words.ROLE_NAMES[person.role]
            may_stay = row_id != visitor().id or is_allowed(person.role, self.reading)
        flash(f"The role is {name} from the next request on.", "success")
        return redirect(self.details_url(row_id) if may_stay else url_for("home.index_view"), 303)

    @expose("/<uuid:row_id>/link/")
    @needs("writing")
    def ask_link(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say what a new link does before it is made."""
        return self._ask(
            row_id,
            page_title="Make a new one-time link",
            sentence="With it they set a password, also one that was forgotten. Links made before stop working.",
            action_label="Make the link",
        )

    @expose("/<uuid:row_id>/link/", methods=("POST",))
    @needs("writing")
    def link_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Make a link and show it once."""
        with scoped():
            token = staff.renew_link(staff_id=row_id, by=actor(), at=clock.now())
        return self._link_page(row_id, token)

    @expose("/<uuid:row_id>/disable/")
    @needs("writing")
    def ask_disable(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say what disabling means before it is done."""
        return self._ask(
            row_id,
            page_title="Disable this account",
            sentence="They are signed out everywhere at once and cannot sign in until the account is enabled again.",
            consequences=[("Stays", ["What they did, under their name", "Password, role and second factor"])],
            action_label="Disable account",
            is_danger=True,
        )

    @expose("/<uuid:row_id>/disable/", methods=("POST",))
    @needs("writing")
    def disable_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Shut the person out."""
        with scoped():
            staff_roles.disable(staff_id=row_id, by=actor(), at=clock.now())
        return self._done(row_id, "The account is disabled. Whoever uses it is out with the next click.")

    @expose("/<uuid:row_id>/enable/", methods=("POST",))
    @needs("writing")
    def enable_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Let the person in again."""
        with scoped():
            staff_roles.enable(staff_id=row_id, by=actor(), at=clock.now())
        return self._done(row_id, "The account is enabled. They sign in with the password they had.")

    @expose("/<uuid:row_id>/sessions/")
    @needs("writing")
    def ask_end_sessions(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say what ending the sessions means."""
        return self._ask(
            row_id,
            page_title="End all sessions",
            sentence="They are signed out of every browser at once and may sign in again.",
            action_label="End sessions",
        )

    @expose("/<uuid:row_id>/sessions/", methods=("POST",))
    @needs("writing")
    def end_sessions_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Sign the person out everywhere."""
        with scoped():
            sessions.end_all(staff_id=staff_roles.get(staff_id=row_id).id, by=actor())
        return self._done(row_id, "All sessions are ended.")

    @expose("/<uuid:row_id>/second-factor/")
    @needs("writing")
    def ask_reset(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Say what the reset means."""
        return self._ask(
            row_id,
            page_title="Reset the second factor",
            sentence="For somebody who lost device and recovery codes: make sure that it is really them who ask.",
            consequences=[("Until they set up a new one", ["The password alone lets them in"])],
            action_label="Reset second factor",
            is_danger=True,
        )

    @expose("/<uuid:row_id>/second-factor/", methods=("POST",))
    @needs("writing")
    def reset_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Take the second factor away."""
        with scoped():
            second_factor.reset(staff_id=row_id, by=actor())
        return self._done(row_id, "The second factor is reset. Ask them to set up a new one.")

    def _ask(self, row_id: uuid.UUID, **context: Any) -> str:
        """Return the question; it is answered by a POST to the same address."""
        with scoped():
            person = self.get_one(row_id)
            link, role = self.link_of(person), person.role
        if "choice" in context:
            context["choice"]["selected"] = role
        return self.render(
            "confirm.html",
            **context,
            action_url=request.path,
            cancel_url=self.details_url(row_id),
            breadcrumbs=[*self.crumbs(), link],
        )

    def _done(self, row_id: uuid.UUID, sentence: str) -> ResponseReturnValue:
        flash(sentence, "success")
        return redirect(self.details_url(row_id), 303)

    def _link_page(self, row_id: uuid.UUID, token: str) -> ResponseReturnValue:
        """Return the page that shows a link; it exists only in this answer, stored is a hash."""
        with scoped():
            person = self.get_one(row_id)
            link, email = self.link_of(person), person.email
        return self.render(
            "staff_link.html",
            page_title="One-time link",
            email=email,
            link=f"{current_settings().admin_url}{url_for('auth.show_link', token=token)}",
            days=staff.LINK_LIFE.days,
            done_url=self.details_url(row_id),
            breadcrumbs=[*self.crumbs(), link],
        )
