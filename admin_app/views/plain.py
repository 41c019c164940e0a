"""The view class under pages that are not a list over a model: in the menu for those who may read them."""

from __future__ import annotations

from typing import ClassVar

from flask_admin.base import BaseView

from admin_app.permissions import Permission
from admin_app.visit import find_visitor


class PlainView(BaseView):
    """A page of its own; the gate refuses before this is asked, the menu asks it."""

    reading: ClassVar[Permission]

    def is_accessible(self) -> bool:
        person = find_visitor()
        return person is not None and person.may(self.reading)
