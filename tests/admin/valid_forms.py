"""Valid forms of the back-office, each with the audit entries it leaves (RELIABILITY P10)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.models import Contract, Generator
from tests.admin.office import PASSWORD, Visit, hidden, new_person
from tests.admin.test_contract_edit import edited
from tests.admin.test_contracts_pages import filled
from tests.world import World, one

Fields = Mapping[str, str]
NEW_CONTRACT = "/admin/contracts/new/"


@dataclass(frozen=True)
class Sent:
    """A form as a person sends it: where to, the fields, what it leaves, and fields that make it invalid."""

    path: str
    fields: Fields
    leaves: tuple[str, ...]
    spoilt: Fields | None = None


Make = Callable[[World, Visit], Sent]


def _contract(world: World, rest: str, leaves: str, *, active: bool = True, **fields: str) -> Sent:
    contract = world.reseller(active=active)[0]
    return Sent(_of(contract, rest), fields, (leaves,))


def _of(contract: Contract, rest: str) -> str:
    return f"/admin/contracts/{contract.id}/{rest}"


def _create(world: World, visit: Visit) -> Sent:
    return Sent(NEW_CONTRACT, filled(visit, world), ("contract.created",), {"quota": "-1"})


def _create_with_key(world: World, visit: Visit) -> Sent:
    fields = filled(visit, world, api_access="y", name="With a key")
    return Sent(NEW_CONTRACT, fields, ("contract.created", "contract_key.issued"), {"name": ""})


def _edit(world: World, visit: Visit, leaves: tuple[str, ...], **changed: str) -> Sent:
    contract = world.contract()
    return Sent(_of(contract, "edit/"), edited(visit, contract.id, **changed), leaves, {"quota": "none"})


def _key(world: World, visit: Visit, step: str, leaves: str, **fields: str) -> Sent:
    path = _of(world.reseller()[0], f"key/{step}/")
    spoilt = {"password": "wrong"} if "password" in fields else {"key_id": str(uuid.uuid4())}
    return Sent(path, {"key_id": hidden(visit.get(path), "key_id"), **fields}, (leaves,), spoilt)


def _issue(world: World, visit: Visit) -> Sent:
    contract = world.reseller()[0]
    path = _of(contract, "key/revoke/")
    assert visit.post(path, {"key_id": hidden(visit.get(path), "key_id")}).status_code == 303
    return Sent(_of(contract, "key/issue/"), {}, ("contract_key.issued",))


def _generate(world: World, visit: Visit, count: str, leaves: str) -> Sent:
    path = _of(world.contract(), "generate/")
    fields = {"submit_token": hidden(visit.get(path), "submit_token"), "count": count}
    return Sent(path, fields, (leaves,), {"count": "1.5"})


def _bulk(world: World, visit: Visit) -> Sent:
    contracts = [str(world.contract().id) for _ in range(2)]
    chosen = {"change": "deactivate", "ids": contracts[0]}
    text = visit.post("/admin/contracts/bulk/", chosen).text
    seen = {name: found[1] for name in ("count", "fingerprint")
            if (found := re.search(rf'name="{name}" value="([^"]*)"', text))}  # fmt: skip
    return Sent("/admin/contracts/bulk/apply/", {**chosen, **seen}, ("contract.deactivated",), {"count": "7"})


def _delete_contract(world: World, _: Visit) -> Sent:
    contract = world.contract(active=False)
    fields = {"typed_name": contract.name}
    return Sent(_of(contract, "delete/"), fields, ("contract.deleted",), {"typed_name": "another"})


def _open_window(world: World, visit: Visit) -> Sent:
    contract = world.reseller()[0]
    assert visit.post(_of(contract, "test-window/"), {"length": "1h"}).status_code == 303
    return Sent(_of(contract, "test-window/close/"), {}, ("contract.test_window_closed",))


def _purge(world: World, _: Visit) -> Sent:
    contract = world.contract()
    world.generate(contract, 2, test=True)
    return Sent(_of(contract, "test-licenses/purge/"), {}, ("contract.test_licenses_purged",))


def _cancel(world: World, _: Visit) -> Sent:
    job = world.generate(world.contract(), 100)
    return Sent(f"/admin/jobs/{job.generation_id}/cancel/", {}, ("job.cancel_requested", "job.cancelled"))


def _product(world: World, visit: Visit, rest: str, leaves: str, **fields: str) -> Sent:
    product = world.product()
    path = f"/admin/products/{product.id}/{rest}"
    if rest == "activate/":
        assert visit.post(f"/admin/products/{product.id}/deactivate/").status_code == 303
    if rest == "edit/":
        fields = {"code": product.code, "version": hidden(visit.get(path), "version"), **fields}
    return Sent(path, fields, (leaves,), {"name": ""} if fields else None)


def _key_fields(generator: Generator | None = None, **fields: str) -> Fields:
    pattern = generator.pattern if generator and generator.pattern else "NEW-" + "*" * 20
    return {"format": "pattern", "pattern": pattern, "alphabet": "unambiguous", "features": "{}",
            "activation_limit": "1", "name": f"G {uuid.uuid4()}", **fields}  # fmt: skip


def _new_generator(world: World, _: Visit) -> Sent:
    fields = _key_fields(product_id=str(world.product().id))
    return Sent("/admin/generators/new/", fields, ("generator.created",), {"pattern": "*"})


def _generator(world: World, visit: Visit, rest: str, leaves: str, **fields: str) -> Sent:
    generator = world.generator()
    path = f"/admin/generators/{generator.id}/{rest}"
    if rest == "activate/":
        assert visit.post(f"/admin/generators/{generator.id}/deactivate/").status_code == 303
    if rest == "edit/":
        return Sent(path, _key_fields(generator, version=hidden(visit.get(path), "version")), (leaves,), {"name": ""})
    return Sent(path, fields, (leaves,))


def _person(_world: World, _visit: Visit, step: str, leaves: str, **fields: str) -> Sent:
    path = f"/admin/staff/{new_person('viewer', is_active=True)}/{step}/"
    return Sent(path, fields, (leaves,), {"role": "root"} if fields else None)


def _enable(_world: World, visit: Visit) -> Sent:
    path = f"/admin/staff/{new_person('viewer', is_active=True)}/"
    assert visit.post(f"{path}disable/").status_code == 303
    return Sent(f"{path}enable/", {}, ("staff.enabled",))


def _end_sessions(_world: World, visit: Visit) -> Sent:
    other = Visit(visit.app).sign_in_as("viewer")
    return Sent(f"/admin/staff/{staff_id_of(other)}/sessions/", {}, ("staff.sessions_ended",))


def _settings(_world: World, visit: Visit) -> Sent:
    fields = {"reveal_policy": "off", "key_rotation_days": "30", "seen": hidden(visit.get("/admin/settings/"), "seen")}
    return Sent("/admin/settings/", fields, ("settings.changed",), {"key_rotation_days": "soon"})


def staff_id_of(visit: Visit) -> uuid.UUID:
    return uuid.UUID(str(one("SELECT id FROM staff WHERE email = %(email)s", email=visit.email).id))


CASES: dict[str, Make] = {
    "create": _create,
    "create with API access": _create_with_key,
    "amend": lambda w, v: _edit(w, v, ("contract.amended",), name="Amended"),
    "amend the quota": lambda w, v: _edit(w, v, ("contract.quota_raised",), quota="2000"),
    "amend both": lambda w, v: _edit(w, v, ("contract.amended", "contract.quota_raised"), name="Both", quota="2000"),
    "activate": lambda w, _: _contract(w, "activate/", "contract.activated", active=False),
    "deactivate": lambda w, _: _contract(w, "deactivate/", "contract.deactivated"),
    "deactivate ticked": _bulk,
    "delete": _delete_contract,
    "open the test window": lambda w, _: _contract(w, "test-window/", "contract.test_window_opened", length="1h"),
    "close the test window": _open_window,
    "purge test licenses": _purge,
    "issue a key": _issue,
    "rotate": lambda w, v: _key(w, v, "rotate", "contract_key.rotated", overlap="24h"),
    "revoke": lambda w, v: _key(w, v, "revoke", "contract_key.revoked"),
    "reveal": lambda w, v: _key(w, v, "reveal", "contract_key.revealed", password=PASSWORD),
    "generate": lambda w, v: _generate(w, v, "3", "licenses.generated"),
    "generate a job": lambda w, v: _generate(w, v, "150", "generation.accepted"),
    "cancel a job": _cancel,
    "create a product": lambda *_: Sent(
        "/admin/products/new/", {"name": "Made", "code": "MADE"}, ("product.created",), {"code": ""}
    ),
    "amend a product": lambda w, v: _product(w, v, "edit/", "product.amended", name="Amended"),
    "deactivate a product": lambda w, v: _product(w, v, "deactivate/", "product.amended"),
    "activate a product": lambda w, v: _product(w, v, "activate/", "product.amended"),
    "delete a product": lambda w, v: _product(w, v, "delete/", "product.deleted"),
    "create a generator": _new_generator,
    "amend a generator": lambda w, v: _generator(w, v, "edit/", "generator.amended"),
    "deactivate a generator": lambda w, v: _generator(w, v, "deactivate/", "generator.amended"),
    "activate a generator": lambda w, v: _generator(w, v, "activate/", "generator.amended"),
    "retire a generator": lambda w, v: _generator(w, v, "delete/", "generator.retired", how="retire"),
    "delete a generator": lambda w, v: _generator(w, v, "delete/", "generator.deleted", how="delete"),
    "invite": lambda *_: Sent(
        "/admin/staff/new/", {"email": "zq@example.org", "role": "viewer"}, ("staff.invited",), {"email": "nobody"}
    ),
    "make a link": lambda w, v: _person(w, v, "link", "staff.link_made"),
    "change a role": lambda w, v: _person(w, v, "role", "staff.role_changed", role="operator"),
    "disable": lambda w, v: _person(w, v, "disable", "staff.disabled"),
    "enable": _enable,
    "end sessions": _end_sessions,
    "settings": _settings,
}
