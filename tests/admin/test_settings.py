"""The settings page: super admins only, a sentence for each field, bad input changes nothing (SPEC X-2, S-1)."""

from __future__ import annotations

import pytest

from tests.admin.conftest import Visits
from tests.admin.office import Visit, hidden, words_of
from tests.world import World, one, rows

PAGE = "/admin/settings"


@pytest.fixture
def chief(signed_in: Visits) -> Visit:
    return signed_in("super_admin")


def save(person: Visit, **fields: str) -> int:
    seen = hidden(person.get(PAGE), "seen")
    form = {"reveal_policy": "audited", "key_rotation_days": "365", "seen": seen, **fields}
    return person.post(PAGE, form).status_code


def test_an_admin_has_neither_the_page_nor_the_way_to_it(admin: Visit) -> None:
    assert admin.get(PAGE).status_code == 403
    assert admin.post(PAGE, {"reveal_policy": "off"}).status_code == 403
    assert f'href="{PAGE}' not in admin.get("/admin/").text
    assert rows("SELECT 1 FROM setting") == []


def test_a_value_that_cannot_be_used_is_said_at_its_field(chief: Visit) -> None:
    form = {"reveal_policy": "off", "key_rotation_days": "soon", "seen": hidden(chief.get(PAGE), "seen")}
    answer = chief.post(PAGE, form)
    assert answer.status_code == 422
    assert "Use a whole number from 1 to 3650." in words_of(answer)
    assert 'value="soon"' in answer.text
    assert rows("SELECT 1 FROM setting") == []


def test_a_page_opened_before_somebody_elses_change_saves_nothing(chief: Visit) -> None:
    seen = hidden(chief.get(PAGE), "seen")
    assert save(chief, key_rotation_days="90") == 303
    assert save(chief, key_rotation_days="30", seen=seen) == 409
    assert one("SELECT value FROM setting").value == 90


def test_what_is_saved_is_shown_and_recorded(chief: Visit) -> None:
    assert save(chief, reveal_policy="off", key_rotation_days="90") == 303
    page = chief.get(PAGE)
    assert "Settings saved." in words_of(page)
    assert 'value="90"' in page.text
    entry = one("SELECT * FROM audit_entry WHERE action = 'settings.changed'")
    assert entry.changes == {"reveal_policy": ["audited", "off"], "key_rotation_days": [365, 90]}
    assert entry.actor.startswith("staff:")


def test_while_the_policy_is_off_neither_the_question_nor_the_key_is_shown(chief: Visit, world: World) -> None:
    contract, key = world.reseller()
    path = f"/admin/contracts/{contract.id}/key/reveal/"
    assert chief.get(path).status_code == 200
    assert save(chief, reveal_policy="off") == 303
    for answer in (chief.get(path), chief.post(path, {"password": "wrong"})):
        assert answer.status_code == 409
        assert "a super admin switched that off in Settings" in words_of(answer)
        assert key not in answer.text
