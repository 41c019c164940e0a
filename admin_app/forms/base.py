"""What every form of the back-office shares."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from wtforms import Form

from shared.errors import DomainError, InvalidInput


class Needed:
    """Marks a field that must be filled in; the service says so when it is not."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __call__(self, _form: Form, _field: object) -> None:
        """Check nothing: forms are never validated here, only marked."""


NEEDED = [Needed()]


class OfficeForm(Form):
    """A form that carries what a service refused back to the field it is about."""

    def refuse(self, refusal: DomainError) -> None:
        """Show the sentence of ``refusal`` at each field it names, or above the form."""
        problems = refusal.problems if isinstance(refusal, InvalidInput) else {"": str(refusal)}
        for name, sentence in problems.items():
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, sentence]
            else:
                self.form_errors.append(sentence)

    def ensure_unmarked(self) -> None:
        """Undo what a service did while the form itself marked a field. Raises InvalidInput."""
        if self.errors:
            raise InvalidInput

    def text(self, name: str) -> str:
        """Return what was typed into the field ``name``, as text."""
        return str(self._fields[name].data or "")


def uuid_of(text: object) -> uuid.UUID | None:
    """Return ``text`` as a uuid, or None when it is none."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
