"""A person at the back-office: a browser without scripts that keeps its cookies and sends the forms it was given."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared import clock, db
from shared.services import passwords, sessions, staff
from shared.services.audit import COMMAND
from shared.transaction import transaction

PASSWORD = "seven quiet lanterns drift"


def invite(email: str, role: str) -> str:
    """Return the token of a one-time link for a new person."""
    with transaction():
        return staff.invite(email=email, role=role, by=COMMAND, at=clock.now())


def new_person(role: str, *, is_active: bool = False) -> uuid.UUID:
    """Return the id of a new person, with something in the place of a password when ``is_active``."""
    with transaction():
        staff_id, _ = staff.add(email=f"{uuid.uuid4().hex[:8]}@example.org", role=role, by=COMMAND, at=clock.now())
        if is_active:
            db.run("UPDATE staff SET password_hash = 'none' WHERE id = %(id)s", id=staff_id)
    return staff_id


@dataclass
class Visit:
    """One browser, signed in or not."""

    app: Flask
    client: FlaskClient = field(init=False)
    email: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def sign_in_as(self, role: str, *, password: str = "") -> Visit:
        """Sign in as a new person, past the form; a password is set only where a test needs one: it is slow."""
        self.email = f"{role}-{uuid.uuid4().hex[:8]}@example.org"
        invite(self.email, role)
        with transaction():
            person = staff.find_by_email(email=self.email)
            assert person is not None
            if password:
                person.password_hash = passwords.hash_password(password)
            token = sessions.open_session(person=person, at=clock.now(), by=COMMAND)
        with self.client.session_transaction() as session:
            session["token"] = token
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with this browser's token."""
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **options)

    def token(self) -> str:
        page = self.get("/admin/shortcuts")
        if page.status_code != 200:
            page = self.get("/sign-in")
        return hidden(page, "csrf_token")


def hidden(page: TestResponse, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', page.text)
    assert found, f"{name} is not on the page"
    return found[1]


def words_of(page: TestResponse) -> str:
    """Return the text of a page as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
