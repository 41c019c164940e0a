"""Settings: what a process must have and must not, and that all problems are named at once (DESIGN 4.8, SCHEMA 10)."""

from __future__ import annotations

import base64
import dataclasses
import secrets
from typing import Any

import pytest

from shared.config import SECRETS, Settings, SettingsError, read_settings

GOOD = {
    "DATABASE_URL": "postgresql+psycopg://a:b@127.0.0.1/x",
    "REDIS_URL": "redis://127.0.0.1/0",
    "KEY_PEPPER": secrets.token_urlsafe(32),
    "SECRETS_KEYS": secrets.token_urlsafe(32),
    "SESSION_SECRET": secrets.token_urlsafe(32),
    "ADMIN_URL": "https://office.example",
    "GATEWAY_URL": "https://gateway.example",
}
FORBIDDEN = ("SECRETS_KEYS", "SESSION_SECRET")
GATEWAY = {name: value for name, value in GOOD.items() if name not in FORBIDDEN}
BAD_SECRETS = {
    "empty": "", "blank": " ", "comma": ",", "short": "short", "31 bytes": secrets.token_urlsafe(31),
    "33 bytes": secrets.token_urlsafe(33), "other letters": "ä" * 43, "sample": "sample", "change-me": "change-me",
    "CHANGEME": "CHANGEME", "long sample": "an-example-secret-an-example-secret-an-exam",
    "second short": f"{secrets.token_urlsafe(32)},short",
}  # fmt: skip
PROCESSES: list[Any] = list(SECRETS)
NUMBERS = (
    "MAX_COUNT_PER_CALL", "JOB_CHUNK_SIZE", "JOB_LEASE_SECONDS", "JOB_SLICE_SECONDS", "SWEEP_SECONDS",
    "FAILED_KEYS_PER_MINUTE",
)  # fmt: skip


def problems(environ: dict[str, str], process: Any = "admin") -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read_settings(environ, process=process)
    first, *lines = str(refusal.value).splitlines()
    assert first == "The settings cannot be used:"
    return [line.removeprefix("  - ") for line in lines]


@pytest.mark.parametrize(("process", "name"), [("admin", "ADMIN_URL"), ("gateway", "GATEWAY_URL")])
def test_production_refuses_to_start_without_https(process: Any, name: str) -> None:
    environ = {**(GATEWAY if process == "gateway" else GOOD), name: "http://gateway.example"}
    assert problems(environ, process) == [
        f"{name} is 'http://gateway.example'; production is reached at an https:// address."
    ]
    assert read_settings({**environ, "DEPLOYMENT": "development"}, process=process)


@pytest.mark.parametrize("process", PROCESSES)
def test_nothing_set_is_refused_naming_all_that_is_missing_at_once(process: Any) -> None:
    missing = {"DATABASE_URL", "REDIS_URL", *SECRETS[process]}
    if process == "gateway":
        missing = {"GATEWAY_DATABASE_URL", "REDIS_URL", "KEY_PEPPER"}
    assert {line.partition(" ")[0] for line in problems({}, process)} >= missing


@pytest.mark.parametrize("name", ["KEY_PEPPER", "SECRETS_KEYS", "SESSION_SECRET"])
@pytest.mark.parametrize("value", BAD_SECRETS.values(), ids=BAD_SECRETS)
@pytest.mark.parametrize("deployment", ["production", "development"])
def test_a_missing_short_or_sample_secret_is_refused(name: str, value: str, deployment: str) -> None:
    found = problems({**GOOD, name: value, "DEPLOYMENT": deployment})
    assert [line.partition(" ")[0] for line in found] == [name]
    assert len(value) < 30 or value not in found[0]


def test_a_short_and_a_missing_secret_and_a_bad_number_are_named_together() -> None:
    environ = {**GOOD, "KEY_PEPPER": "short", "SESSION_SECRET": "", "JOB_CHUNK_SIZE": "many", "TRUSTED_PROXIES": "x"}
    names = [line.partition(" ")[0] for line in problems(environ)]
    assert sorted(names) == ["JOB_CHUNK_SIZE", "KEY_PEPPER", "SESSION_SECRET", "TRUSTED_PROXIES"]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_gateway_refuses_to_hold_what_opens_partner_keys(name: str) -> None:
    assert problems({**GATEWAY, name: GOOD[name]}, "gateway") == [f"{name} is set, and the gateway must not hold it."]
    assert read_settings(GATEWAY, process="gateway").secrets_keys == ()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_holds_the_secrets_it_needs_and_no_others(process: Any) -> None:
    settings = read_settings(GATEWAY if process == "gateway" else GOOD, process=process)
    held = {name for name in ("KEY_PEPPER", *FORBIDDEN) if getattr(settings, name.lower())}
    assert held == set(SECRETS[process])


def test_failpoints_are_refused_in_production_only() -> None:
    armed = {**GOOD, "FAILPOINTS": "before_commit=kill"}
    assert problems(armed) == ["FAILPOINTS is set; it is for tests and refused in production."]
    assert read_settings({**armed, "DEPLOYMENT": "development"}, process="admin").failpoints


def test_production_is_what_nobody_asked_to_be_otherwise() -> None:
    assert read_settings(GOOD, process="admin").is_production
    assert problems({**GOOD, "DEPLOYMENT": "prod"}) == ["DEPLOYMENT is 'prod'; it is production or development."]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["x", "-1", "0", "1e99", "nan", "inf"])
def test_a_number_out_of_range_is_refused(name: str, value: str) -> None:
    [line] = problems({**GOOD, name: value})
    assert line.startswith(f"{name} is {value!r}; a number from ")


def test_an_unknown_log_level_is_refused() -> None:
    assert problems({**GOOD, "LOG_LEVEL": "LOUD"}) == [
        "LOG_LEVEL is 'LOUD'; it is DEBUG or INFO or WARNING or ERROR or CRITICAL."
    ]


@pytest.mark.parametrize("value", ["10.0.0.1/8", "proxy", "10.0.0.0/33", "10.0.0.0/8;10.1.0.0/16"])
def test_a_trusted_proxy_that_is_no_block_is_refused(value: str) -> None:
    assert problems({**GOOD, "TRUSTED_PROXIES": value})[0].endswith("which is not an address or a CIDR block.")


def test_a_ring_is_read_in_its_order_with_or_without_padding() -> None:
    keys = [secrets.token_bytes(32) for _ in range(2)]
    text = " , ".join(
        [base64.urlsafe_b64encode(keys[0]).decode(), base64.urlsafe_b64encode(keys[1]).decode().rstrip("=")]
    )
    assert read_settings({**GOOD, "KEY_PEPPER": text}, process="admin").key_pepper == tuple(keys)


def test_the_gateway_may_have_a_login_of_its_own_and_then_needs_no_other() -> None:
    own = {**GATEWAY, "GATEWAY_DATABASE_URL": "postgresql+psycopg://gateway@127.0.0.1/x"}
    del own["DATABASE_URL"]
    assert read_settings(own, process="gateway").database_url == own["GATEWAY_DATABASE_URL"]


def test_settings_cannot_be_changed_and_show_no_secret() -> None:
    settings = read_settings(GOOD, process="admin")
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.redis_url = "x"  # type: ignore[misc]
    assert isinstance(settings, Settings)
    shown = repr(settings)
    assert repr(settings.key_pepper[0]) not in shown
    assert settings.session_secret not in shown
    assert "a:b@" not in shown
