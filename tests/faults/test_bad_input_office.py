"""P15 at the back-office: whatever is sent, no answer is a fault, and what is refused changes nothing and says so."""

from __future__ import annotations

import random
import re

import pytest
from flask import Flask
from redis import Redis

from shared.config import Settings
from tests.admin.office import Visit, words_of
from tests.faults.office_attack import addresses, bodies, filled, fresh
from tests.faults.office_map import Form, OfficeMap
from tests.faults.office_verdict import Verdict, digest
from tests.faults.office_world import furnish, map_office, sign_in
from tests.world import World

SEED = 15
# Each look at a password is slow on purpose.
SLOW = ("auth.sign_in", "contracts.reveal_view")
EXPORTS = (".export_csv", ".export_xlsx")
# A code is asked for after half a sign-in only.
NOT_WALKED = {"static", "second_step.show_code", "second_step.enter_code"}
# Signing out has no field, and ends the walk.
NOT_FILLED = {"auth.sign_out"}


def attack_pages(app: Flask, redis: Redis, most: int) -> Verdict:
    """Ask for every page with odd queries, ids, paths and methods; return the verdict on up to ``most`` of them."""
    choose, verdict = random.Random(SEED), Verdict()  # noqa: S311 - reproducible, not secret
    visit = sign_in(app)
    every = list(addresses(map_office(visit)))
    before = digest()
    for attempt in choose.sample(every, min(most, len(every))):
        verdict.judge(attempt.send(visit, choose, redis), attempt.what)
    if digest() != before:
        verdict.wrong.append("something was changed by an address alone")
    return verdict


def attack_forms(app: Flask, redis: Redis, each: int) -> Verdict:
    """Send every form with hostile fields and bodies, up to about ``each`` a form; return the verdict."""
    choose, verdict = random.Random(SEED), Verdict()  # noqa: S311 - reproducible, not secret
    found = map_office(sign_in(app))
    for endpoint, form in found.largest_forms():
        if endpoint not in NOT_FILLED:
            _attack_form(app, redis, endpoint, form, each, choose, verdict)
    return verdict


def _attack_form(
    app: Flask, redis: Redis, endpoint: str, form: Form, each: int, choose: random.Random, verdict: Verdict
) -> None:
    visit = Visit(app) if endpoint.startswith("auth.") else sign_in(app)
    good = filled(fresh(visit, form))
    many = 70 * len(form.names) + 40
    share = each / many / (4 if endpoint in SLOW else 1)
    before = digest()
    for attempt in bodies(endpoint, form, good):
        if choose.random() < share:
            answer = attempt.send(visit, choose, redis)
            now = verdict.judge(answer, attempt.what, before=before) or before
            if now != before:
                good[:] = filled(fresh(visit, form))
            before = now


def judge_pages(visit: Visit, found: OfficeMap, verdict: Verdict) -> None:
    """Look at every page once more after the attack: what was stored must not act."""
    for path in found.paths():
        answer = visit.get(path)
        verdict.judge(answer, path)
        if re.search(r"""(?:href|action|src|hx-\w+)=["']?\s*(?:javascript:|data:|//)""", answer.text):
            verdict.wrong.append(f"{path} links to what was typed")


@pytest.fixture
def redis(settings: Settings):
    with Redis.from_url(settings.redis_url) as client:
        yield client


def test_every_route_is_reached_by_the_walk(admin_app: Flask, world: World) -> None:
    furnish(world)
    found = map_office(sign_in(admin_app))
    rules = list(admin_app.url_map.iter_rules())
    pages = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    unseen = {page for page in pages if not page.endswith(EXPORTS)} - set(found.pages) - NOT_WALKED
    unsent = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())} - set(found.forms) - NOT_WALKED
    assert unseen == set(), "add rows to furnish() so that the page is linked"
    assert unsent == set(), "add rows to furnish() so that the form is shown"


def test_no_address_is_a_fault(admin_app: Flask, world: World, redis: Redis) -> None:
    furnish(world)
    verdict = attack_pages(admin_app, redis, 400)
    print(f"\nP15 back-office, addresses: {verdict}")
    assert verdict.wrong == []


def test_no_form_is_a_fault_and_what_is_refused_changes_nothing(admin_app: Flask, world: World, redis: Redis) -> None:
    furnish(world)
    verdict = attack_forms(admin_app, redis, 24)
    visit = sign_in(admin_app)
    judge_pages(visit, map_office(visit), verdict)
    print(f"\nP15 back-office, forms: {verdict}")
    assert verdict.wrong == []
    assert verdict.unchanged > 300


def test_names_that_are_markup_are_shown_as_typed(admin_app: Flask, world: World) -> None:
    furnish(world)
    verdict, visit = Verdict(), sign_in(admin_app)
    judge_pages(visit, map_office(visit), verdict)
    assert verdict.wrong == []
    assert "<zq-x onclick=zq>" in words_of(visit.get("/admin/contracts")).replace("&lt;", "<").replace("&gt;", ">")


def test_the_verdict_finds_a_page_that_trusts_what_was_typed(admin_app: Flask) -> None:
    """The negative control: unescaped, with a trace, changed although refused."""
    verdict, visit = Verdict(), sign_in(admin_app)
    answer = visit.get("/nope")
    answer.set_data("<p>Traceback <zq-x onclick=zq></p>")
    verdict.judge(answer, "a careless page", before="another digest")
    assert len(verdict.wrong) == 3, verdict.wrong
