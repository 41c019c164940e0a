"""Forms that are not ours, ids of other environments, addresses that lead away: refused at every route there is."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.office import Visit
from tests.faults.office_attack import filled, fresh
from tests.faults.office_map import OfficeMap
from tests.faults.office_verdict import digest
from tests.faults.office_world import furnish, map_office, sign_in
from tests.world import STAGING, World

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# People belong to the installation, not to an environment.
OF_EVERYWHERE = ("auth", "staff", "account", "profile", "sessions", "settings", "preferences")
FOREIGN_HEADERS = (
    {"Origin": "https://zq.example"}, {"Origin": "null"}, {"Origin": "http://localhost:81"},
    {"Origin": "https://localhost"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://localhost",
    "Sec-Fetch-Site": "zq"},
)  # fmt: skip
AWAY = (
    "//zq.example", "///zq.example", "/\\zq.example", "\\\\zq.example", "https:zq.example", "https://zq.example",
    "javascript:alert(1)", "/\t/zq.example", "/\r\nSet-Cookie: zq=1", "%2f%2fzq.example",
    "http://localhost.zq.example/",
    "http://localhost//zq.example", "http://localhost@zq.example/", "data:text/html,zq", "/ /zq", "zq.example",
    "/\u2028/zq",
)  # fmt: skip


def test_every_form_needs_a_token_of_its_own_session(admin_app: Flask, world: World) -> None:
    furnish(world)
    person = sign_in(admin_app)
    found = map_office(person)
    left = sign_in(admin_app)
    spent = left.token()
    left.post("/sign-out")
    wrong = [
        "",
        "zq",
        "é",
        person.token()[:-1],
        person.token() + "x",
        sign_in(admin_app).token(),
        spent,
        Visit(admin_app).token(),
    ]
    before, sent = digest(), 0
    for endpoint, form in found.largest_forms():
        good = [pair for pair in filled(form) if pair[0] != "csrf_token"]
        for token in (None, *wrong):
            answer = person.client.post(form.action, data=dict(good) | ({} if token is None else {"csrf_token": token}))
            sent += 1
            assert answer.status_code == 403, (endpoint, token)
            assert "Nothing was changed" in answer.text
    assert digest() == before
    assert person.get("/admin/").status_code == 200, "not even signed out"
    print(f"\n{sent} forms without a token of their session: all refused, nothing changed")


def test_every_form_from_another_site_is_refused_even_with_the_token(admin_app: Flask, world: World) -> None:
    furnish(world)
    person = sign_in(admin_app)
    found, before, sent = map_office(person), digest(), 0
    for endpoint, form in found.largest_forms():
        for headers in FOREIGN_HEADERS:
            answer = person.post(form.action, dict(filled(form)) | {"csrf_token": person.token()}, headers=headers)
            sent += 1
            assert answer.status_code == 403, (endpoint, headers)
    assert digest() == before
    print(f"\n{sent} forms from other sites: all refused, nothing changed")


def test_nothing_of_another_environment_is_shown_or_changed_at_any_route(admin_app: Flask, world: World) -> None:
    furnish(world, STAGING)
    furnish(world)
    there, here = sign_in(admin_app), sign_in(admin_app)
    there.post("/admin/environment", {"environment": "staging"})
    found = map_office(there)
    before, tried = digest(), 0
    for endpoint, path in _with_ids(found):
        tried += 1
        assert here.get(path).status_code == 404, (endpoint, path)
    for endpoint, forms in found.forms.items():
        for form in [form for form in forms if UUID.search(form.action) and not endpoint.startswith(OF_EVERYWHERE)][:3]:
            tried += 1
            answer = here.post(form.action, dict(filled(fresh(there, form))) | {"csrf_token": here.token()})
            assert answer.status_code in {403, 404, 422}, (endpoint, form.action)
    assert digest() == before
    assert tried > 30
    print(f"\n{tried} pages and forms of another environment: none shown, nothing changed")


def _with_ids(found: OfficeMap) -> list[tuple[str, str]]:
    return [
        (endpoint, path)
        for endpoint, paths in found.pages.items()
        for path in paths
        if UUID.search(path.partition("?")[0]) and not endpoint.startswith(OF_EVERYWHERE)
    ]


def _stays(answer: TestResponse) -> bool:
    location = answer.headers.get("Location", "/")
    return (
        bool(re.match(r"/(?![/\\])", location))
        and "\n" not in location
        and "Set-Cookie" not in str(answer.headers.get("Set-Cookie", "")).replace("allotment=", "", 1)
    )


@pytest.mark.parametrize("away", AWAY)
def test_no_address_leads_to_another_host(admin_app: Flask, away: str) -> None:
    person = sign_in(admin_app)
    for name in ("next", "url", "return_url", "redirect", "return_to"):
        assert _stays(person.get("/sign-in", query_string={name: away})), name
        assert _stays(person.post(f"/admin/preferences?{name}=x", {"theme": "dark", name: away})), name
    clean = away.replace("\r\n", "").replace("\n", "").encode("ascii", "ignore").decode()
    assert _stays(person.post("/admin/preferences", {"theme": "dark"}, headers={"Referer": clean}))
    assert _stays(Visit(admin_app).get("//zq.example/admin/"))


def test_a_session_signed_with_another_secret_is_nobody(admin_app: Flask) -> None:
    person, thief = sign_in(admin_app), Visit(admin_app)
    cookie = person.client.get_cookie("allotment")
    assert cookie is not None
    for odd in (cookie.value[:-2], cookie.value + "x", "." * 50, "zq", "e30.zq.zq", "a" * 4_000, "%00", "é"):
        thief.client.set_cookie("allotment", odd)
        answer = thief.get("/admin/")
        assert answer.status_code == 302, odd
        assert answer.headers["Location"].startswith("/sign-in")
