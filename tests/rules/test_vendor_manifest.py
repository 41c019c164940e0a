"""Vendored browser files are exactly what their manifest lists, unchanged."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "admin_app/static/vendor", ROOT / "tests/browser/vendor"]

in_each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=["admin_app", "tests"])


def packages(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "manifest.json").read_text())["packages"]


def listed(folder: Path) -> dict[str, str]:
    return {name: digest for package in packages(folder) for name, digest in package["files"].items()}


@in_each_folder
def test_every_listed_file_has_the_listed_digest(folder: Path) -> None:
    found = {name: sha256((folder / name).read_bytes()).hexdigest() for name in listed(folder)}
    assert found == listed(folder)


@in_each_folder
def test_no_file_is_unlisted(folder: Path) -> None:
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert present - {"manifest.json"} == set(listed(folder))


@in_each_folder
def test_every_package_names_version_and_licence_and_keeps_the_text(folder: Path) -> None:
    for package in packages(folder):
        assert package["package"]
        assert package["version"]
        assert package["licence"]
        assert any(name.rsplit("/", 1)[-1].startswith("LICENSE") for name in package["files"])


def test_a_changed_byte_is_noticed() -> None:
    folder = FOLDERS[0]
    name, digest = next(iter(listed(folder).items()))
    assert sha256((folder / name).read_bytes() + b"\n").hexdigest() != digest
