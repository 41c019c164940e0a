"""Home, the palette and the list of keyboard shortcuts."""

from __future__ import annotations

from typing import ClassVar

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import BaseView, expose

from admin_app.permissions import Permission, needs
from admin_app.views import overview, palette
from admin_app.visit import find_visitor, scoped

SHORTCUTS = [
    (("Ctrl", "K"), "Go to a page, contract, license or job, or do something"),
    (("⌘", "K"), "The same on a Mac"),
    (("/",), "Search this list"),
    (("c",), "Create"),
    (("e",), "Edit what is shown"),
    (("g",), "Generate licenses, on the page of a contract"),
    (("?",), "Show these shortcuts"),
    (("Esc",), "Close a dialog or menu, clear a selection"),
]


class Home(BaseView):
    """What needs attention, and ways to everywhere."""

    reading: ClassVar[Permission] = Permission.READ

    def is_accessible(self) -> bool:
        person = find_visitor()
        return person is not None and person.may(self.reading)

    @expose("/")
    @needs("reading")
    def index_view(self) -> ResponseReturnValue:
        """Return Home."""
        with scoped():
            context = overview.read()
        return self.render("home.html", page_title="Home", **context)

    @expose("/palette/")
    @needs("reading")
    def palette(self) -> ResponseReturnValue:
        """Return what is called like the query: in the dialog, or as a page of its own."""
        query = palette.cleaned(request.args.get("q", ""))
        with scoped():
            groups = palette.find(query, self.admin.menu() if self.admin else ())
        return self.render(
            "palette.html", page_title="Go to", palette_url=url_for("home.palette"), query=query, groups=groups
        )

    @expose("/shortcuts/")
    @needs("reading")
    def shortcuts(self) -> ResponseReturnValue:
        """Return the keys that work here."""
        return self.render("shortcuts.html", page_title="Keyboard shortcuts", shortcuts=SHORTCUTS)
