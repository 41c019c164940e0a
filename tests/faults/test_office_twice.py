"""Every form sent twice, one after the other and at the same moment, acts once (UX 24, SPEC D-9)."""

from __future__ import annotations

import threading
from collections import Counter

from flask import Flask
from werkzeug.test import TestResponse

from tests.admin.office import Visit
from tests.faults.office_attack import Fields, filled, fresh
from tests.faults.office_map import Form
from tests.faults.office_verdict import digest
from tests.faults.office_world import furnish, map_office, sign_in
from tests.world import World, one, rows

COPIES = 4
# Signing in twice begins two sessions, and a session ends once.
OF_THE_DOOR = ("auth.",)
# These begin anew whenever they are asked for, and the last one sent counts: a window, a second factor, a link.
SET_ANEW = {"contracts.open_test_window", "second_factor.begin", "staff.link_view"}
ACTIONS = (
    "SELECT action, count(*) AS n FROM audit_entry WHERE id > %(after)s AND action <> 'permission.denied' GROUP BY 1"
)
NEWEST = "SELECT coalesce(max(id::text), '00000000-0000-0000-0000-000000000000') AS id FROM audit_entry"


def forms_of(app: Flask) -> list[tuple[str, Form]]:
    found = map_office(sign_in(app)).largest_forms()
    return [
        (endpoint, form)
        for endpoint, form in found
        if not endpoint.startswith(OF_THE_DOOR) and endpoint not in SET_ANEW
    ]


def test_a_form_sent_again_changes_nothing_more(admin_app: Flask, world: World) -> None:
    furnish(world)
    acted = 0
    for endpoint, form in forms_of(admin_app):
        person = sign_in(admin_app)
        fields = filled(fresh(person, form))
        before = digest()
        first = person.client.post(form.action, data=dict(fields))
        between = digest()
        second = person.client.post(form.action, data=dict(fields))
        assert first.status_code < 500, endpoint
        assert second.status_code < 500, endpoint
        assert digest() == between, f"{endpoint}: the second {second.status_code} changed something"
        acted += between != before
    print(f"\n{acted} kinds of forms acted once, and not again when sent again")
    assert acted >= 9


def test_a_form_sent_by_two_clicks_at_the_same_moment_acts_once(admin_app: Flask, world: World) -> None:
    furnish(world)
    acted = Counter[str]()
    for endpoint, form in forms_of(admin_app):
        person = sign_in(admin_app)
        fields = filled(fresh(person, form))
        after = one(NEWEST).id
        answers = at_once(person, form, fields)
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses[-1] < 500, (endpoint, statuses)
        recorded = {row.action: row.n for row in rows(ACTIONS, after=after)}
        assert set(recorded.values()) <= {1}, (endpoint, statuses, recorded)
        acted.update(recorded)
    print(f"\n{COPIES} copies of each form at once: {dict(acted)}")
    assert len(acted) >= 8


def at_once(person: Visit, form: Form, fields: Fields) -> list[TestResponse]:
    """Send copies of a form from as many threads, each on a connection of its own."""
    cookie = person.client.get_cookie("allotment")
    assert cookie is not None
    line, answers = threading.Barrier(COPIES), list[TestResponse]()

    def send() -> None:
        browser = Visit(person.app)
        browser.client.set_cookie("allotment", cookie.value)
        line.wait()
        answers.append(browser.client.post(form.action, data=dict(fields)))

    threads = [threading.Thread(target=send) for _ in range(COPIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == COPIES
    return answers
