"""What every refusal has: one stable code, one title, one sentence."""

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
