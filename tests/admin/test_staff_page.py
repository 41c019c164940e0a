"""The staff page: super admins only; what is taken away is gone at the next request (SPEC S-1, S-3)."""

from __future__ import annotations

import re
import uuid

import pytest

from shared import clock, db
from shared.services import staff
from shared.services.audit import COMMAND
from shared.transaction import transaction
from tests.admin.conftest import Visits
from tests.admin.office import Visit, new_person, words_of
from tests.world import one, rows

PAGE = "/admin/staff"


@pytest.fixture
def chief(signed_in: Visits) -> Visit:
    """A super admin with a password set, and so an active one."""
    person = signed_in("super_admin")
    activate(person)
    return person


def activate(person: Visit) -> None:
    with transaction():
        db.run("UPDATE staff SET password_hash = 'none' WHERE email = %(email)s", email=person.email)


def page_of(person: Visit) -> str:
    found = one("SELECT id FROM staff WHERE email = %(email)s", email=person.email)
    return f"{PAGE}/{found.id}/"


def link_on(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/link/[^<]+)</code>", text)
    assert found, "no link on the page"
    return found[1]


@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
def test_others_have_neither_the_page_nor_the_way_to_it(signed_in: Visits, role: str) -> None:
    person = signed_in(role)
    assert person.get(PAGE).status_code == 403
    assert person.post(f"{PAGE}/new/", {"email": "eve@example.org", "role": "super_admin"}).status_code == 403
    assert f'href="{PAGE}' not in person.get("/admin/").text
    assert PAGE not in person.get("/admin/palette/?q=staff").text
    assert rows("SELECT 1 FROM staff WHERE email = 'eve@example.org'") == []


def test_a_super_admin_finds_it_in_menu_and_palette(chief: Visit) -> None:
    assert f'href="{PAGE}' in chief.get("/admin/").text
    found = chief.get("/admin/palette/?q=staff").text
    assert f'href="{PAGE}"' in found
    assert f'href="{PAGE}/new/"' in found


@pytest.mark.parametrize(
    ("email", "role", "sentence"),
    [
        ("nobody", "viewer", "Write one e-mail address."),
        ("ada@example.org", "root", "Choose one of"),
        ("TAKEN@example.org", "viewer", "Somebody has this e-mail already."),
    ],
)
def test_an_invitation_that_cannot_be_used_is_said_at_its_field(
    chief: Visit, email: str, role: str, sentence: str
) -> None:
    assert chief.post(f"{PAGE}/new/", {"email": "taken@example.org", "role": "viewer"}).status_code == 200
    before = rows("SELECT id FROM audit_entry")
    answer = chief.post(f"{PAGE}/new/", {"email": email, "role": role})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert rows("SELECT id FROM audit_entry") == before


def test_an_invitation_shows_a_link_once_and_it_lets_in(chief: Visit, stranger: Visit) -> None:
    answer = chief.post(f"{PAGE}/new/", {"email": " ada@example.org ", "role": "operator"})
    said = words_of(answer)
    assert "Good once, for 3 days." in said
    assert "never a ticket or a group chat" in said
    assert answer.headers["Cache-Control"] == "no-store"
    link = link_on(answer.text)
    person = one("SELECT id, role FROM staff WHERE email = 'ada@example.org'")
    page = chief.get(f"{PAGE}/{person.id}/")
    assert link not in page.text
    assert "invited" in words_of(page)
    password = {"password": "a few unrelated words", "repeated": "a few unrelated words"}
    assert stranger.post(link, password).status_code == 303
    assert stranger.get("/admin/").status_code == 200
    assert "active" in words_of(chief.get(f"{PAGE}/{person.id}/"))
    entry = one("SELECT * FROM audit_entry WHERE action = 'staff.invited' AND actor <> 'command'")
    assert entry.subject == f"staff:{person.id}"
    assert link.rpartition("/")[2] not in str(rows("SELECT * FROM audit_entry"))
    assert "ada@" not in str(rows("SELECT * FROM audit_entry"))


def test_a_new_link_replaces_the_old_one(chief: Visit, stranger: Visit) -> None:
    person = new_person("viewer")
    old, new = (link_on(chief.post(f"{PAGE}/{person}/link/").text) for _ in range(2))
    assert stranger.get(old).status_code == 410
    assert stranger.get(new).status_code == 200


def test_another_role_holds_on_the_very_next_request(chief: Visit, admin: Visit) -> None:
    assert admin.get("/admin/contracts/new/").status_code == 200
    assert chief.post(f"{page_of(admin)}role/", {"role": "viewer"}).status_code == 303
    assert admin.get("/admin/contracts/new/").status_code == 403
    entry = one("SELECT changes FROM audit_entry WHERE action = 'staff.role_changed'")
    assert entry.changes == {"role": ["admin", "viewer"]}


def test_somebody_disabled_is_out_on_the_very_next_request(chief: Visit, admin: Visit) -> None:
    page = page_of(admin)
    assert admin.get("/admin/").status_code == 200
    assert chief.post(f"{page}disable/").status_code == 303
    assert admin.get("/admin/").status_code == 302
    assert chief.post(f"{page}enable/").status_code == 303
    assert admin.get("/admin/").status_code == 302, "a session does not come back"


def test_ended_sessions_are_out_on_the_very_next_request(chief: Visit, admin: Visit) -> None:
    page = page_of(admin)
    assert "End sessions" in chief.get(page).text
    assert chief.post(f"{page}sessions/").status_code == 303
    assert admin.get("/admin/").status_code == 302
    assert "End sessions" not in chief.get(page).text


def test_what_would_be_refused_is_neither_offered_nor_done(chief: Visit, signed_in: Visits) -> None:
    mine = page_of(chief)
    page = chief.get(mine)
    assert "The last active super admin" in words_of(page)
    for step in ("disable", "role", "second-factor"):
        assert f"{mine}{step}/" not in page.text
    assert chief.post(f"{mine}role/", {"role": "admin"}).status_code == 409
    assert chief.post(f"{mine}disable/").status_code == 409
    activate(signed_in("super_admin"))
    page = chief.get(mine)
    assert f"{mine}role/" in page.text
    assert f"{mine}disable/" not in page.text, "nobody disables themselves"
    assert "You cannot disable your own account" in words_of(chief.post(f"{mine}disable/"))


def test_who_gives_the_role_away_is_led_home(chief: Visit, signed_in: Visits) -> None:
    activate(signed_in("super_admin"))
    answer = chief.post(f"{page_of(chief)}role/", {"role": "admin"})
    assert answer.location == "/admin/"
    assert chief.get(PAGE).status_code == 403


def test_a_disabled_account_gets_no_link_and_can_be_enabled(chief: Visit) -> None:
    page = f"{PAGE}/{new_person('viewer')}/"
    chief.post(f"{page}disable/")
    assert f"{page}link/" not in chief.get(page).text
    assert f'action="{page}enable/"' in chief.get(page).text
    answer = chief.post(f"{page}link/")
    assert answer.status_code == 409
    assert "Enable the account first" in words_of(answer)


def test_a_second_factor_that_is_not_there_is_not_reset(chief: Visit) -> None:
    assert chief.post(f"{PAGE}/{new_person('viewer')}/second-factor/").status_code == 404


def test_nobody_of_that_id_is_a_plain_404(chief: Visit) -> None:
    page = f"{PAGE}/{uuid.uuid4()}/"
    assert chief.get(page).status_code == 404
    for step in ("role", "link", "disable", "sessions", "second-factor", "enable"):
        assert chief.post(f"{page}{step}/", {"role": "viewer"}).status_code == 404, step


def test_the_list_says_who_is_what_and_can_be_narrowed(chief: Visit, admin: Visit) -> None:
    with transaction():
        staff.add(email="ada%_@example.org", role="operator", by=COMMAND, at=clock.now())
    said = words_of(chief.get(PAGE))
    assert "3 people" in said
    assert admin.email in said
    for narrowed, count in (
        ("?search=ada%25_", "1 person"), ("?search=%25%25", "No people match"), ("?role=operator", "1 person"),
        ("?state=active", "1 person"), ("?state=invited", "2 people"), ("?state=disabled", "No people match"),
        ("?sort=-email", "3 people"), ("?search=%00&role=x&page=99", "people"),
    ):  # fmt: skip
        answer = chief.get(PAGE + narrowed)
        assert answer.status_code == 200, narrowed
        assert count in words_of(answer), narrowed
