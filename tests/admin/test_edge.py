"""What holds on every answer: headers, our own forms only, and no fault for whatever is asked."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from admin_app import failures
from shared import clock
from shared.errors import Busy
from tests.admin.conftest import Visits
from tests.admin.office import Visit
from tests.world import World, one

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NOWHERE = uuid.UUID(int=7)
NONSENSE = [
    "/nope",
    "/admin/contracts/%00/",
    "/admin/contracts/abc/",
    f"/admin/contracts/{NOWHERE}/",
    f"/admin/contracts/{NOWHERE}/edit/",
    f"/admin/contracts/{NOWHERE}/generate/",
    f"/admin/contracts/{NOWHERE}/generations/{NOWHERE}/",
    f"/admin/contracts/{NOWHERE}/key/reveal/",
    f"/admin/jobs/{NOWHERE}/progress/",
    "/static/%00",
    "/static/../secret",
    "/admin/export/csv/",
    "/admin/contracts/export/csv/",
    "/admin/contracts/ajax/lookup/?name=product",
]
STRANGE_QUERIES = [
    "page=abc&size=-1&sort=nothing",
    "page=99999999999999999999",
    "page=-5&size=1000000",
    "search=%00%25_%5C%27",
    "search=%F0%9F%94%91%ED%A0%80",
    "product=not-a-uuid&status=%00&type='",
    "contract=x&generation=%00&test=maybe",
    "flt0_0=1&sort=-1&desc=x",
    "search=" + "x" * 3000,
]
LISTS = ["contracts", "products", "generators", "licenses", "jobs"]


def check_headers(answer: TestResponse) -> None:
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert re.fullmatch(r"req_[0-9a-f]{24}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize("path", ["/sign-in", "/nope", "/admin/contracts", "/link/x", "/healthz", "/readyz"])
def test_every_answer_is_closed_and_kept_nowhere(stranger: Visit, path: str) -> None:
    answer = stranger.get(path, headers={"X-Request-Id": "theirs"})
    check_headers(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_files_may_be_kept(stranger: Visit) -> None:
    answer = stranger.get("/static/app.css")
    check_headers(answer)
    assert "no-store" not in answer.headers["Cache-Control"]
    answer.close()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Visit) -> None:
    cookie = stranger.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("allotment=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_pages_hold_nothing_inline(admin: Visit, world: World) -> None:
    contract, _ = world.reseller()
    made = world.generate(contract, 3)
    page_of = f"/admin/contracts/{contract.id}"
    paths = [
        "/admin/", "/admin/contracts", "/admin/contracts/new/", page_of, f"{page_of}/edit/", f"{page_of}/generate/",
        f"{page_of}/generations/{made.generation_id}/", f"{page_of}/key/rotate/", f"{page_of}/activity/",
        "/admin/licenses", "/admin/jobs", "/admin/palette/?q=c", "/admin/shortcuts", "/nope",
    ]  # fmt: skip
    for path in paths:
        answer = admin.get(path)
        assert answer.status_code == (404 if path == "/nope" else 200), path
        text = answer.text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text), path


def test_every_change_needs_a_token_of_this_browser(signed_in: Visits, world: World) -> None:
    """Walk every route that changes something: without a token it does nothing and says 403."""
    person = signed_in("super_admin")
    foreign = signed_in("super_admin").token()
    contract, _ = world.reseller()
    before = one("SELECT count(*) AS n FROM audit_entry").n
    walked = 0
    with person.app.test_request_context():
        adapter = person.app.url_map.bind("localhost")
    for rule in person.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        known = {"row_id": contract.id, "token": "x"}
        path = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments}, method="POST")
        for data in ({}, {"csrf_token": ""}, {"csrf_token": foreign}):
            assert person.client.post(path, data=data).status_code == 403, (path, data)
        walked += 1
    assert walked >= 15
    assert one("SELECT count(*) AS n FROM audit_entry").n == before
    assert person.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused_even_with_a_token(admin: Visit, headers: dict[str, str]) -> None:
    assert admin.post("/admin/preferences", {"theme": "dark"}, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}])
def test_a_form_of_ours_is_taken(admin: Visit, headers: dict[str, str]) -> None:
    assert admin.post("/admin/preferences", {"theme": "dark"}, headers=headers).status_code == 303
    assert 'data-theme="dark"' in admin.get("/admin/").text


def test_a_choice_of_preferences_never_leads_away(admin: Visit) -> None:
    answer = admin.post("/admin/preferences", {"theme": "dark"}, headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == "/admin/"


@pytest.mark.parametrize("path", NONSENSE)
def test_what_is_not_there_is_a_page_with_its_request_id_and_no_trace(admin: Visit, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    check_headers(answer)
    assert "Traceback" not in answer.text
    if not path.startswith("/static"):
        assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize("noun", LISTS)
def test_a_list_answers_whatever_its_address_says(admin: Visit, world: World, noun: str) -> None:
    contract, _ = world.reseller()
    world.generate(contract, 2)
    for query in STRANGE_QUERIES:
        assert admin.get(f"/admin/{noun}?{query}").status_code == 200, query


@pytest.mark.parametrize("noun", LISTS)
def test_a_list_answers_with_and_without_a_slash(admin: Visit, noun: str) -> None:
    assert admin.get(f"/admin/{noun}").status_code == 200
    assert admin.get(f"/admin/{noun}/").status_code == 200


def test_a_method_that_is_not_there_says_which_are(admin: Visit) -> None:
    answer = admin.client.delete("/admin/contracts/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_form_too_large_is_refused(admin: Visit) -> None:
    answer = admin.post("/admin/products/new/", {"name": "x" * 2_000_000})
    assert answer.status_code == 413


def test_a_fault_is_a_page_without_what_went_wrong(admin_app: Flask) -> None:
    with admin_app.test_request_context("/admin/"):
        page, status, _ = failures._render_fault(RuntimeError("SELECT password FROM staff"))  # noqa: SLF001
    assert status == 500
    assert "SELECT" not in page
    with admin_app.test_request_context("/admin/"):
        assert failures.render(Busy())[1] == 503


def test_the_readiness_of_the_process_is_told(stranger: Visit) -> None:
    assert stranger.get("/healthz").json == {"status": "ok"}
    assert stranger.get("/readyz").json == {"status": "ready"}


def test_the_clock_of_a_session_moves_at_most_once_a_minute(admin: Visit) -> None:
    seen = one("SELECT seen_at FROM staff_session").seen_at
    admin.get("/admin/")
    assert one("SELECT seen_at FROM staff_session").seen_at == seen
    assert seen <= clock.now()
