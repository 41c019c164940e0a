"""Trying a contract out from its page: window, test licenses, purge (SPEC C-11)."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.admin.office import Visit, words_of
from tests.world import World, one


def ask(partner: FlaskClient, contract_id: object, key: str) -> int:
    answer = partner.post(
        f"/api/v1/contracts/{contract_id}/generate",
        json={"count": 1, "test": True},
        headers={"Authorization": f"Bearer {key}"},
    )
    return answer.status_code


def test_a_length_that_is_none_of_the_choices_opens_no_window(admin: Visit, world: World) -> None:
    contract = world.contract()
    for length in ("", "1y", "-1", "7d' OR 1=1"):
        answer = admin.post(f"/admin/contracts/{contract.id}/test-window/", {"length": length})
        assert answer.status_code == 422
        assert "1 hour to 7 days" in answer.text
    assert one("SELECT test_until FROM contract").test_until is None


def test_staff_open_a_window_and_the_partner_gets_in_until_it_is_closed(
    admin: Visit, world: World, partner: FlaskClient
) -> None:
    contract, key = world.reseller()
    world.close(contract)
    assert ask(partner, contract.id, key) == 403
    page = f"/admin/contracts/{contract.id}/"
    assert "open a window" in admin.get(page).text
    assert admin.post(f"{page}test-window/", {"length": "1h"}).status_code == 303
    assert ask(partner, contract.id, key) == 201
    said = words_of(admin.get(page))
    assert "window open" in said
    assert "1 of 50" in said
    assert admin.post(f"{page}test-window/close/").status_code == 303
    assert ask(partner, contract.id, key) == 403


def test_a_purge_says_how_many_and_does_it_once(admin: Visit, world: World) -> None:
    contract = world.contract()
    world.generate(contract, 3, test=True)
    page = f"/admin/contracts/{contract.id}/"
    assert "3 test licenses" in words_of(admin.get(f"{page}test-licenses/purge/"))
    assert admin.post(f"{page}test-licenses/purge/").status_code == 303
    assert "3 test licenses purged" in words_of(admin.get(page))
    assert one("SELECT count(*) AS n FROM license").n == 0
    assert "test-licenses/purge" not in admin.get(page).text, "nothing is left to purge"


def test_a_viewer_sees_the_state_and_no_button(viewer: Visit, world: World) -> None:
    contract = world.contract()
    world.generate(contract, 1, test=True)
    text = viewer.get(f"/admin/contracts/{contract.id}/").text
    assert "1</span></a> of 50" in text
    assert "test-window" not in text
    assert "purge" not in text


def test_the_form_says_before_a_number_is_typed_why_nothing_can_be_made(admin: Visit, world: World) -> None:
    contract = world.contract(active=False)
    page = f"/admin/contracts/{contract.id}/generate/"
    assert "inactive and generates no licenses" in words_of(admin.get(page))
    said = words_of(admin.get(f"{page}?is_test=y&count=6"))
    assert "inactive and generates" not in said
    assert "At most 5 at a time" in said
    assert "use no quota" in said
