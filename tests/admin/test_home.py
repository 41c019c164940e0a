"""Home: every number and every warning leads to a list that holds exactly that many (UX 4)."""

from __future__ import annotations

import re
from html import unescape

from shared.services import jobs
from shared.transaction import transaction
from tests.admin.office import Visit, words_of
from tests.world import STAGING, World

TILE = re.compile(
    r'<a href="([^"]+)"><span class="tile-label">([^<]+)</span><span class="tile-value"><span class="number">([^<]+)<'
)
WARNING = re.compile(r'<li><span class="state[^>]*>[^<]*</span><span>(\d+) [^<]*</span><a href="([^"]+)">')


def counted(person: Visit, url: str) -> int:
    """Return how many rows a list has, read from its table and agreed to by its own count."""
    page = person.get(unescape(url), follow_redirects=True)
    found = re.search(r"<tbody.*?</tbody>", page.text, re.DOTALL)
    lines = len(re.findall(r"<tr\b", found[0])) if found else 0
    assert re.search(rf"\b{lines} (contract|license|product|job)s?\b", words_of(page)), url
    return lines


def crowd(world: World) -> None:
    """Fill Home: contracts near and at their quota, closed and test ones, jobs that wait and that failed."""
    generator = world.generator()
    for quota, made in ((5, 5), (7, 7), (10, 9), (20, 18), (100, 1)):
        world.generate(world.contract(quota=quota, generator=generator), made)
    world.contract(active=False)
    contract = world.contract(quota=1000, generator=generator)
    job = [world.generate(contract, count) for count in (100, 200, 300)][-1]
    world.generate(world.contract(generator=generator), 3, test=True)
    world.contract(generator=world.generator(world.product(environment_id=STAGING)))
    with transaction(environment_id=contract.environment_id):
        jobs.end(job_id=job.generation_id, status="failed", sentence="The disk is full.")


def test_every_number_leads_to_that_many_rows(admin: Visit, world: World) -> None:
    crowd(world)
    home = admin.get("/admin/").text
    tiles = {label: (int(re.sub(r"\D", "", value)), url) for url, label, value in TILE.findall(home)}
    assert {label: value for label, (value, _) in tiles.items()} == {
        label: counted(admin, url) for label, (_, url) in tiles.items()
    }
    assert set(tiles) == {"Contracts", "Licenses", "Products", "Running jobs"}
    warnings = [(int(value), url) for value, url in WARNING.findall(home)]
    assert [value for value, _ in warnings] == [counted(admin, url) for _, url in warnings]
    assert len(warnings) >= 2


def test_an_empty_home_counts_nothing_and_warns_of_nothing(admin: Visit) -> None:
    home = admin.get("/admin/").text
    assert [value for _, _, value in TILE.findall(home)] == ["0", "0", "0", "0"]
    assert "Nothing needs you now." in home
