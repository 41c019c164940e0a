"""The frame around every page of a signed-in person, given to the templates as plain values."""

from __future__ import annotations

from typing import Any

from flask import Flask, url_for

from admin_app import preferences
from admin_app.views import page, words
from admin_app.visit import Place, Visitor, find_visitor

PRODUCT_NAME = "Allotment"


def register(app: Flask) -> None:
    """Give ``shell`` to every template of ``app``: None while nobody is signed in."""
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    person = find_visitor()
    return {"shell": _shell(person) if person else None, "kept_theme": preferences.kept().get("theme", "system")}


def _shell(person: Visitor) -> page.Shell:
    return page.Shell(
        product_name=PRODUCT_NAME,
        home_url=url_for("home.index_view"),
        environment=_environment(person.place),
        environments=[_environment(place) for place in person.places],
        environment_url=url_for("preferences.switch_environment"),
        person_name=person.email.partition("@")[0],
        person_email=person.email,
        role=words.ROLE_NAMES[person.role],
        links=(page.Link(label="Your profile", url=url_for("profile.index_view")),),
        preferences_url=url_for("preferences.choose"),
        sign_out_url=url_for("auth.sign_out"),
        palette_url=url_for("home.palette"),
        shortcuts_url=url_for("home.shortcuts"),
        theme=person.theme,
        density=person.density,
        has_hotkeys=person.hotkeys,
    )


def _environment(place: Place) -> page.Environment:
    return page.Environment(name=place.name, label=place.name.capitalize(), is_production=place.is_live)
