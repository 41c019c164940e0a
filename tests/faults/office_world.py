"""Rows of every kind for an attack on the back-office, with names that would act where a page does not escape them."""

from __future__ import annotations

import uuid

from flask import Flask

from shared.db import db
from shared.models import Contract
from shared.services import keys, passwords, staff
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.admin.office import PASSWORD, Visit, invite
from tests.faults.office_map import OfficeMap, walk
from tests.world import PRODUCTION, World

# No page may show it unescaped, and none may say what it comes to: 99011.
MARKUP = "<zq-x onclick=zq>\"'{{9001*11}}${9001*11}<%=9001*11%>&lt;zq-x"
FORMULA = '=HYPERLINK("//zq")'


def furnish(world: World, environment_id: int = PRODUCTION) -> None:
    """Make a row of every kind, and of each state that has a page of its own."""
    product = world.product(environment_id=environment_id, name=f"P {MARKUP}", code=FORMULA)
    generator = world.generator(product, name=f"G {MARKUP}", features={MARKUP: MARKUP, "seats": 3})
    named = {"partner": f"R {MARKUP}", "reference": FORMULA, "notes": f"N {MARKUP}\n@SUM(1)"}
    sold, _ = world.reseller(generator=generator, name=f"C {MARKUP}", overrides={"</script>": MARKUP}, **named)
    world.generate(sold, 2, reference=MARKUP)
    world.generate(sold, 150)
    world.generate(sold, 2, test=True)
    pool = world.contract(generator=generator, type="pool", name="Pool", low_stock=5)
    world.generate(pool, 1)
    world.contract(generator=generator, name="Closed", active=False)
    world.reseller(generator=generator, name="Not live yet", active=False)
    without_key, _ = world.reseller(generator=generator, name="Without key")
    with transaction(environment_id=environment_id):
        keys.revoke(contract=db.session.get_one(Contract, without_key.id), by=COMMAND)


def sign_in(app: Flask, role: str = "super_admin", password: str = "") -> Visit:
    """Return the browser of a new person."""
    return Visit(app).sign_in_as(role, password=password)


def map_office(visit: Visit) -> OfficeMap:
    """Return the pages and forms of a person, and those of nobody: sign-in and one-time links."""
    found = walk(visit)
    token = invite(f"new-{uuid.uuid4().hex[:8]}@example.org", "viewer")
    nobody = walk(Visit(visit.app), f"/link/{token}", "/healthz", "/readyz")
    for endpoint, forms in nobody.forms.items():
        found.forms.setdefault(endpoint, forms)
    for endpoint, pages in nobody.pages.items():
        if endpoint not in found.pages:
            found.pages[endpoint] = pages
    return found


def password_of(visit: Visit) -> str:
    """Give the person a password and return it."""
    with transaction():
        person = staff.find_by_email(email=visit.email)
        assert person is not None
        person.password_hash = passwords.hash_password(PASSWORD)
    return PASSWORD
