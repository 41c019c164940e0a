"""What only production demands: HTTPS, our own host, a cookie bound to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

import admin_app as admin_package
from shared.config import Network, Settings
from shared.net import parse_allowlist
from tests.admin.office import Visit


@pytest.fixture
def production(admin_app: Flask, settings: Settings) -> Visit:  # noqa: ARG001 - on the clean database
    proxies: tuple[Network, ...] = tuple(parse_allowlist("10.0.0.0/8"))
    return Visit(
        admin_package.create_app(
            replace(settings, deployment="production", trusted_proxies=proxies, admin_url="https://localhost")
        )
    )


def test_production_answers_over_https_only(production: Visit) -> None:
    plain = production.get("/sign-in")
    assert plain.status_code == 403
    assert "HTTPS only" in plain.text
    lied = production.get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert lied.status_code == 403
    assert production.get("/healthz").status_code == 200


@pytest.mark.parametrize("proto", ["https", "http, https"])
def test_production_believes_its_proxy(production: Visit, proto: str) -> None:
    answer = production.get(
        "/sign-in",
        headers={"X-Forwarded-Proto": proto, "X-Forwarded-For": "192.0.2.1"},
        environ_overrides={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-allotment=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "host", ["zq.example", "localhost.zq.example", "localhost:8443", "zq.example:443", "127.0.0.1"]
)
def test_production_answers_to_no_other_host(production: Visit, host: str) -> None:
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "localhost"}
    for path, status in (("/sign-in", 404), ("/admin/", 404), ("/healthz", 200)):
        answer = production.get(path, headers={**proxied, "Host": host}, environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
        assert answer.status_code == status, path
        assert host not in answer.text
