"""The pages of the reference: complete, closed, and true to the letter of their commands (GATEWAY 1, UX 50)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import gateway_app as gateway
from gateway_app.catalogue import CATALOGUE
from gateway_app.openapi.endpoints import ENDPOINTS
from gateway_app.problems import STATUS
from tests import running
from tests.gateway.reference import Command, read_page
from tests.world import World

README = Path(gateway.__file__).with_name("README.md")
PAGES = ("/", "/docs", "/docs/errors")
README_HOST = "https://gateway.example/"


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, partner: FlaskClient) -> str:
    return partner.get(request.param).text


def test_a_page_has_nothing_that_runs(page: str):
    found = read_page(page)
    assert not found.tags & {"script", "style", "iframe", "form"}
    assert not {name for name in found.attributes if name.startswith("on") or name == "style"}
    assert [link for link in found.links if not link.startswith(("/", "#"))] == []


def test_a_page_has_one_first_heading_and_skips_no_level(page: str):
    levels = [int(tag[1]) for tag, _ in read_page(page).headings]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels[levels.index(1) :]))


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere(partner: FlaskClient, path: str):
    own = read_page(partner.get(path).text)
    assert len(own.ids) == len(set(own.ids))
    for link in set(own.links):
        target, _, anchor = link.partition("#")
        response = partner.get(target or path)
        assert response.status_code == 200, link
        assert not anchor or anchor in read_page(response.text).ids, link


@pytest.mark.parametrize("path", [*PAGES, "/docs/style.css", "/docs/mark.svg"])
def test_pages_are_closed_and_may_be_kept_a_while(partner: FlaskClient, path: str):
    response = partner.get(path)
    assert response.headers.getlist("Content-Security-Policy") == [
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    ]
    assert response.headers.getlist("Cache-Control") == ["max-age=300"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/v1/ping", "/healthz", "/docs/", "/docs/other.css"])
def test_everything_else_loads_nothing_and_is_kept_nowhere(partner: FlaskClient, path: str):
    response = partner.get(path)
    assert response.headers.getlist("Content-Security-Policy") == [
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
    ]
    assert response.headers.getlist("Cache-Control") == ["no-store"]


def test_a_refused_page_is_kept_nowhere(partner: FlaskClient):
    assert partner.post("/docs").headers.getlist("Cache-Control") == ["no-store"]


def test_every_code_has_its_place(partner: FlaskClient):
    assert {refusal.code for refusal in STATUS} == set(CATALOGUE)
    assert set(CATALOGUE) <= set(read_page(partner.get("/docs/errors").text).ids)


def test_every_code_has_its_status_and_title(partner: FlaskClient):
    text = partner.get("/docs/errors").text
    for refusal, status in STATUS.items():
        assert f'<span class="status">{status}</span> {refusal.title}' in text


def test_every_endpoint_has_a_heading(partner: FlaskClient):
    headings = [text for tag, text in read_page(partner.get("/docs").text).headings if tag == "h3"]
    assert headings == [f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS]


def test_the_commands_are_for_this_very_host(partner: FlaskClient):
    for command in read_page(partner.get("/docs", base_url="http://licenses.partner.example:8443").text).commands:
        assert "http://licenses.partner.example:8443/api/v1/" in command.text


def test_production_always_says_https(gateway_with: Callable[..., FlaskClient]):
    proxied = {"REMOTE_ADDR": "10.0.0.9"}
    client = gateway_with(deployment="production", trusted_proxies=(ip_network("10.0.0.0/8"),))
    said = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    page = client.get("/docs", base_url="http://gateway.example", headers=said, environ_base=proxied)
    assert "curl https://gateway.example/api/v1/ping" in page.text
    refusal = client.get("/docs", base_url="http://gateway.example")
    assert refusal.status_code == 403
    assert refusal.get_json()["type"] == "https://gateway.example/docs/errors#https_required"


def test_readme_names_every_endpoint_and_every_code():
    text = README.read_text("utf-8")
    assert [endpoint.path for endpoint in ENDPOINTS if f"`{endpoint.method} {endpoint.path}`" not in text] == []
    assert [code for code in CATALOGUE if f"`{code}`" not in text] == []


def test_readme_has_the_same_commands(partner: FlaskClient):
    page = partner.get("/docs", base_url=README_HOST).text
    readme = README.read_text("utf-8")
    assert [command.caption for command in read_page(page).commands if indented(command.text) not in readme] == []
    assert readme.count("    curl ") == len(read_page(page).commands)


def test_every_command_answers_what_its_caption_says(
    world: World, environ: Mapping[str, str], tmp_path: Path, partner: FlaskClient
):
    """Pasted as they stand, with the variables exported, against a gateway under gunicorn."""
    contract, key = world.reseller(quota=10_000)
    (tmp_path / ".curlrc").write_text('silent\nwrite-out = "\\n%{http_code}"\n')
    exported = {"ALLOTMENT_CONTRACT": str(contract.id), "ALLOTMENT_KEY": key}
    with running.gateway(environ, tmp_path, GATEWAY_WORKERS="1") as (_, port):
        commands = read_page(partner.get("/docs", base_url=f"http://127.0.0.1:{port}").text).commands
        for command in commands:
            status, answer = paste(command, tmp_path, exported)
            assert (command.caption, status) == (command.caption, command.answers), answer
            exported |= {"ALLOTMENT_JOB": answer["job_id"]} if "job_id" in answer else {}
            exported |= {"ALLOTMENT_GENERATION": answer["generation_id"]} if status == 201 else {}
    assert {command.answers for command in commands} == {200, 201, 202}
    assert world.counters(contract) == (5, 500, 5)


def paste(command: Command, home: Path, exported: dict[str, str]) -> tuple[int, dict[str, str]]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), **exported}
    found = subprocess.run(  # noqa: S603 - the documented command is the test
        ["/bin/bash", "-euc", command.text], env=environ, capture_output=True, text=True, timeout=30, check=True
    )
    body, _, status = found.stdout.rpartition("\n")
    return int(status), json.loads(body)


def indented(command: str) -> str:
    return "\n".join(f"    {line}" for line in command.splitlines())
