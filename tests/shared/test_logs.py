"""Log lines: one JSON object each, and every secret cut wherever it stands (DESIGN 4.7, P12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog

from shared import logs
from shared.crypto import new_key
from shared.logs import render

SECRET = [
    new_key("live").text, new_key("test").text, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", new_key("live").text[:-6],
]  # fmt: skip


def cut(value: Any) -> Any:
    return json.loads(render(None, "info", {"event": value}))["event"]


@pytest.mark.parametrize("secret", SECRET, ids=["live", "test", "webhook", "cut short"])
@pytest.mark.parametrize("around", ["{}", "key={}", "Bearer {}.", '{{"key": "{}"}}', "{0} and {0}", "x{}", "a\n{}\nb"])
def test_a_secret_is_cut_wherever_it_stands(secret: str, around: str) -> None:
    found = cut(around.format(secret))
    assert secret[13:] not in found
    assert "[cut]" in found


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://app:pa55word@db/x", "redis://:pa55word@cache:6379/0", "https://u:pa55word@h/"]
)
def test_a_password_in_an_address_is_cut_and_the_host_stays(url: str) -> None:
    assert "pa55word" not in cut(f"cannot reach {url} now")
    assert url.rpartition("@")[2] in cut(f"cannot reach {url} now")


@pytest.mark.parametrize("value", [
    {"key": SECRET[0]}, [SECRET[0]], ({"deep": [SECRET[0]]},), SECRET[0].encode(), ValueError(SECRET[0]),
], ids=["object", "list", "deep", "bytes", "error"])  # fmt: skip
def test_a_secret_inside_another_value_is_cut_too(value: Any) -> None:
    assert SECRET[0][13:] not in json.dumps(cut(value), default=repr)


@pytest.mark.parametrize("quoted", ["Key (canonical)=(ZQ-PRIVATE)", 'Failing row contains (1, "ZQ-PRIVATE", ada)'])
def test_what_a_database_error_quotes_of_a_row_is_cut(quoted: str) -> None:
    found = cut(f"psycopg.errors.CheckViolation: new row violates x\nDETAIL:  {quoted}.\n[SQL: INSERT INTO staff]")
    assert "PRIVATE" not in found
    assert found.startswith("psycopg.errors.CheckViolation: new row violates x\nDETAIL:  [cut]")
    assert found.endswith("\n[SQL: INSERT INTO staff]")


@pytest.mark.parametrize("value", ["alk_live_", "an ordinary sentence", "https://example.org/a:b", 5, None, True])
def test_what_is_no_secret_stays(value: Any) -> None:
    assert cut(value) == value


def test_a_line_is_one_json_object_without_secrets_even_of_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    logs.configure("INFO")
    try:
        log = structlog.get_logger()
        log.error("test.failed", key=SECRET[1], exc_info=ValueError(SECRET[0]))
        log.debug("test.unheard")
    finally:
        structlog.configure(**before)
    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["event"], found["level"]) == ("test.failed", "error")
    assert "ValueError" in found["exception"]
    assert not any(secret[13:] in line for secret in SECRET)
