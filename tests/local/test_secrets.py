"""Local secrets: made once, readable by their owner only, never replaced by themselves."""

from pathlib import Path

import pytest

from shared.config import read_settings
from shared.local.errors import LocalError
from shared.local.secrets import ensure_passwords, ensure_secrets

SERVERS = {"DATABASE_URL": "postgresql+psycopg://x", "REDIS_URL": "redis://x", "DEPLOYMENT": "development"}


def test_the_application_accepts_them(tmp_path: Path) -> None:
    settings = read_settings(SERVERS | ensure_secrets(tmp_path), process="admin")
    assert [len(key) for key in settings.key_pepper + settings.secrets_keys] == [32, 32]


def test_they_stay_the_same_and_differ_between_directories(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path / "one")
    assert ensure_secrets(tmp_path / "one") == first
    assert not set(ensure_secrets(tmp_path / "other").values()) & set(first.values())


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    ensure_passwords(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"secrets.json": 0o600, "passwords.json": 0o600}


def test_a_missing_one_is_added_beside_those_in_use(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"KEY_PEPPER": "kept"}')
    assert ensure_secrets(tmp_path)["KEY_PEPPER"] == "kept"
    assert len(ensure_secrets(tmp_path)["SESSION_SECRET"]) == 43


@pytest.mark.parametrize("content", ['{"KEY_PEPPER": "ab', "[]", ""])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)
    with pytest.raises(LocalError, match=f"{path} is damaged"):
        ensure_secrets(tmp_path)
    assert path.read_text() == content
