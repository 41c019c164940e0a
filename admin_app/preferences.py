"""How a person likes the pages and the environment they work in, kept with the person; a cookie keeps the theme."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from admin_app.paths import local_path
from admin_app.permissions import Permission, needs
from admin_app.visit import visitor
from shared.errors import NotFound
from shared.models.staff import THEMES
from shared.services import preferences, staff
from shared.transaction import transaction

blueprint = Blueprint("preferences", __name__)


def kept() -> dict[str, Any]:
    """Return the theme this browser shows before anybody is signed in; a cookie that holds nonsense holds none."""
    return {"theme": session["theme"]} if session.get("theme") in THEMES else {}


@blueprint.post("/admin/preferences")
@needs(Permission.READ)
def choose() -> ResponseReturnValue:
    """Take the choices that were sent and go back to the page they were made on."""
    with transaction():
        preferences.prefer(staff_id=visitor().id, values=request.form)
    if "theme" in request.form:
        session["theme"] = request.form["theme"]
    if "time_zone" in request.form:  # the form of the profile; the menu shows what it did by itself
        flash("Preferences saved.", "success")
    return redirect(_page_before(), 303)


@blueprint.post("/admin/environment")
@needs(Permission.READ)
def switch_environment() -> ResponseReturnValue:
    """Work in another environment from now on; the page before may not exist there, so Home is next (SPEC S-4)."""
    place = next((place for place in visitor().places if place.name == request.form.get("environment")), None)
    if place is None:
        raise NotFound("No environment of that name")
    with transaction():
        staff.choose_environment(staff_id=visitor().id, environment_id=place.id)
    return redirect(url_for("home.index_view"), 303)


def _page_before() -> str:
    referrer = request.referrer or ""
    return local_path(referrer.removeprefix(request.host_url.rstrip("/")), url_for("home.index_view"))
