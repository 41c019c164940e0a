"""Who may do what, at every route: the table of roles is law, and what was never decided is refused (SPEC S-1, S-2)."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from admin_app.permissions import OPEN_ROUTES, ROLES, Permission, is_allowed, permission_of
from shared.models.staff import ROLES as KNOWN_ROLES
from tests.admin.conftest import Visits
from tests.admin.matrix import LADDER
from tests.admin.office import Visit, words_of
from tests.world import World, one

P = Permission
# Written out a second time on purpose: a change of the table has to be meant twice.
LEAST_ROLE = {
    P.READ: "viewer",
    P.SEE_KEYS: "operator",
    P.EXPORT: "operator",
    P.ASSIGN: "operator",
    P.EDIT_CUSTOMERS: "operator",
    P.EDIT_PRODUCTS: "admin",
    P.EDIT_GENERATORS: "admin",
    P.EDIT_CONTRACTS: "admin",
    P.HANDLE_CONTRACT_KEYS: "admin",
    P.GENERATE: "admin",
    P.CREATE_LICENSES: "admin",
    P.CHANGE_LICENSES: "admin",
    P.STEER_JOBS: "admin",
    P.HANDLE_WEBHOOKS: "admin",
    P.HANDLE_API_KEYS: "admin",
    P.DELETE_CONTRACTS: "super_admin",
    P.EDIT_STAFF: "super_admin",
    P.EDIT_SETTINGS: "super_admin",
}


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule with each method of its own."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def test_every_permission_is_decided_for_every_role() -> None:
    assert set(ROLES) == set(KNOWN_ROLES) == set(LADDER)
    assert set(LEAST_ROLE) == set(Permission)
    for permission, least in LEAST_ROLE.items():
        for role in LADDER:
            assert is_allowed(role, permission) == (LADDER.index(role) >= LADDER.index(least)), (role, permission)


def test_nobody_has_what_was_never_decided() -> None:
    assert not any(is_allowed(role, None) for role in (*LADDER, "", "root"))
    assert not is_allowed("unknown", Permission.READ)


def test_every_route_states_a_permission_or_is_on_the_open_list(admin_app: Flask) -> None:
    undecided = {
        rule.endpoint
        for rule, _ in routes(admin_app)
        if rule.endpoint not in OPEN_ROUTES and permission_of(admin_app.view_functions[rule.endpoint]) is None
    }
    assert undecided == set()
    assert set(admin_app.view_functions) >= OPEN_ROUTES


def test_the_open_list_is_sign_in_links_files_and_health() -> None:
    links = {"auth.show_link", "auth.spend_link", "second_step.show_code", "second_step.enter_code"}
    assert {"static", "auth.show_sign_in", "auth.sign_in", "health.alive", "health.ready"} | links == OPEN_ROUTES


def test_every_change_needs_more_than_reading(admin_app: Flask) -> None:
    """A person's own session and preferences are the only things a viewer may change."""
    own = {"auth.sign_out", "preferences.choose", "preferences.switch_environment"}
    own |= {f"profile.{name}" for name in ("change_password", "end_session", "end_other_sessions")}
    own |= {f"second_factor.{name}" for name in ("begin", "enable", "disable", "renew_codes")}
    by_readers = {
        rule.endpoint
        for rule, method in routes(admin_app)
        if method != "GET" and permission_of(admin_app.view_functions[rule.endpoint]) is Permission.READ
    }
    assert by_readers == own


def test_a_refusal_is_recorded_with_who_where_and_what(viewer: Visit) -> None:
    viewer.get("/admin/contracts/new/")
    entry = one("SELECT * FROM audit_entry WHERE action = 'permission.denied'")
    assert entry.subject == "route:contracts.create_view"
    assert entry.actor.startswith("staff:")
    assert entry.changes == {"method": "GET", "path": "/admin/contracts/new/", "permission": "EDIT_CONTRACTS"}


def test_a_viewer_sees_no_license_key_and_finds_none_by_its_beginning(viewer: Visit, world: World) -> None:
    contract = world.contract()
    made = world.generate(contract, 3)
    key = made.licenses[0].key
    pages = ["/admin/licenses", f"/admin/licenses/{made.licenses[0].id}/", f"/admin/palette/?q={key}",
             f"/admin/contracts/{contract.id}/generations/{made.generation_id}/"]  # fmt: skip
    for page in pages:
        text = viewer.get(page).text.replace(f'value="{key}"', "").replace(f'data-query="{key}"', "")
        assert not any(license_.key in text for license_ in made.licenses), page
        assert key[-4:] in text, page
    assert "1 license" in words_of(viewer.get(f"/admin/licenses?search={key.lower().replace('-', ' ')}"))
    assert "No licenses match" in viewer.get(f"/admin/licenses?search={key[:12]}").text
    assert "No licenses match" in viewer.get("/admin/licenses?search=TST").text


def test_an_operator_sees_keys_and_finds_them_by_their_beginning(signed_in: Visits, world: World) -> None:
    made = world.generate(world.contract(), 3)
    operator = signed_in("operator")
    assert all(license_.key in operator.get("/admin/licenses").text for license_ in made.licenses)
    assert "3 licenses" in words_of(operator.get("/admin/licenses?search=tst"))
    assert "1 license" in words_of(operator.get(f"/admin/licenses?search={made.licenses[0].key[:14]}"))


def test_nothing_of_another_environment_is_seen(admin: Visit, world: World) -> None:
    generator = world.generator(world.product(environment_id=2, name="Elsewhere"))
    contract = world.contract(generator=generator, name="Elsewhere contract")
    made = world.generate(contract, 2)
    for noun, row_id in (
        ("contracts", contract.id), ("products", contract.product_id), ("generators", generator.id),
        ("licenses", made.licenses[0].id),
    ):  # fmt: skip
        said = words_of(admin.get(f"/admin/{noun}"))
        assert f"No {noun} yet" in said, noun
        assert f"0 {noun}" in said, "nothing is counted either"
        assert admin.get(f"/admin/{noun}/{row_id}/").status_code == 404, noun
    assert "Elsewhere" not in admin.get("/admin/palette/?q=elsewhere").text.replace('"elsewhere"', "")
    assert admin.post(f"/admin/contracts/{contract.id}/activate/").status_code == 404
    assert admin.post(f"/admin/contracts/{contract.id}/key/issue/").status_code == 404
    assert admin.post("/admin/environment", {"environment": "staging"}).status_code == 303
    assert admin.get(f"/admin/contracts/{contract.id}/").status_code == 200
    assert admin.post("/admin/environment", {"environment": "moon"}).status_code == 404
