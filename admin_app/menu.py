"""The pages in the order of the menu."""

from __future__ import annotations

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import Admin
from flask_admin.theme import Theme

from admin_app.permissions import Permission, needs
from admin_app.views.contracts import Contracts
from admin_app.views.generators import Generators
from admin_app.views.home import Home
from admin_app.views.jobs import Jobs
from admin_app.views.licenses import Licenses
from admin_app.views.products import Products
from admin_app.views.profile import Profile
from admin_app.views.second_factor import SecondFactorPage
from admin_app.views.settings import SettingsPage
from admin_app.views.staff import People
from shared.db import db
from shared.models import Contract, Generator, Job, License, Product, Staff


def register(app: Flask) -> None:
    """Hang every page into ``app``; the theme's folder only names where Flask-Admin's own templates would lie."""
    admin = Admin(
        app,
        name="Allotment",
        index_view=Home(name="Home", endpoint="home", url="/admin", menu_icon_type="tabler", menu_icon_value="home"),
        theme=Theme(folder="bootstrap4", base_template="admin/base.html"),
    )
    for view, model, noun, icon in (
        (Contracts, Contract, "contracts", "file-certificate"),
        (Licenses, License, "licenses", "license"),
        (Products, Product, "products", "package"),
        (Generators, Generator, "generators", "key"),
        (Jobs, Job, "jobs", "activity"),
        (People, Staff, "staff", "users"),
    ):
        admin.add_view(
            view(model, db, name=noun.capitalize(), endpoint=noun, menu_icon_type="tabler", menu_icon_value=icon)
        )
    admin.add_view(
        SettingsPage(
            name="Settings",
            endpoint="settings",
            url="/admin/settings",
            menu_icon_type="tabler",
            menu_icon_value="settings",
        )
    )
    admin.add_view(Profile(name="Your profile", endpoint="profile", url="/admin/profile"))
    admin.add_view(SecondFactorPage(name="Second factor", endpoint="second_factor", url="/admin/profile/second-factor"))
    app.add_url_rule("/", "root", _root)


@needs(Permission.READ)
def _root() -> ResponseReturnValue:
    return redirect(url_for("home.index_view"))
