"""The law of the repository, read from its source: who commits, who reads the environment, which names meet."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway_app.problems import STATUS
from shared import errors, queue, worker
from shared.errors import DomainError

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "gateway_app", "admin_app", "migrations")
CODE = [*(path for name in (*PACKAGES, "tests") for path in sorted((ROOT / name).rglob("*.py")))]
OURS = [path for path in CODE if path.relative_to(ROOT).parts[0] != "tests"]
# Where a process begins: each reads the environment once and passes settings on.
EDGES = {
    "shared/cli.py", "shared/worker.py", "shared/schedule.py", "shared/local/catcher.py", "shared/local/run.py",
    "gateway_app/__init__.py", "gateway_app/gunicorn.conf.py", "admin_app/__init__.py", "admin_app/gunicorn.conf.py",
    "migrations/env.py",
}  # fmt: skip
COMMITS = {"commit", "rollback", "autocommit"}
ALLOWED_TO_COMMIT = {"shared/transaction.py"}
# On their own connection, before and beside any session: Alembic's, and the launcher's that makes role and database.
OWN_CONNECTION = {"migrations/env.py", "shared/local/postgres.py", "shared/local/cluster.py"}
READ_BY_MAKE_RUN = {"ADMIN_PORT", "GATEWAY_PORT", "CATCHER_PORT", "ADMIN_WORKERS", "GATEWAY_WORKERS", "VAR_DIR"}
GATEWAY_CALLS = ["door", "blueprint", "generation", "idempotency", "license_keys", "partner_reads"]
# Raised by functions of those modules that only staff's side calls.
STAFF_ONLY = {("blueprint", "NotFound"), ("license_keys", "InvalidInput")}
BAD_NAMES = re.compile(r"util|helper|manager|common|misc|process(?!es)", re.IGNORECASE)
FILE_MOST, FUNCTION_MOST = 250, 40


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def commits_in(source: ast.Module) -> Iterator[str]:
    """Yield what commits, rolls back or leaves transactions to each statement."""
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and node.attr in COMMITS:
            yield node.attr
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.upper() == "AUTOCOMMIT":
            yield "AUTOCOMMIT"
        if isinstance(node, ast.withitem) and ast.unparse(node.context_expr).endswith(".begin()"):
            yield "begin"
        if isinstance(node, ast.keyword) and node.arg == "autocommit":
            yield "autocommit"


def test_only_the_transaction_module_commits_or_rolls_back() -> None:
    found = {name_of(path): sorted(set(commits_in(tree(path)))) for path in OURS}
    allowed = ALLOWED_TO_COMMIT | OWN_CONNECTION
    reading = {"shared/db.py": ["AUTOCOMMIT"]}  # asks whether it is on, to know whether a savepoint is possible
    assert {name: kinds for name, kinds in found.items() if kinds and name not in allowed} == reading
    assert found["shared/transaction.py"] == ["AUTOCOMMIT", "commit", "rollback"]


@pytest.mark.parametrize("source", [
    "db.session.commit()", "s.rollback()", "with engine.begin(): pass", 'x(isolation_level="AUTOCOMMIT")',
    "connect(autocommit=True)", "f = session.commit",
])  # fmt: skip
def test_a_commit_elsewhere_would_be_found(source: str) -> None:
    assert list(commits_in(ast.parse(source)))


def test_only_the_edge_of_a_process_reads_the_environment() -> None:
    reads = {
        name_of(path)
        for path in OURS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb", "putenv"}
        if isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    assert reads <= EDGES
    assert {name_of(path) for path in OURS if "from os import" in path.read_text(encoding="utf-8")} == set()


def test_every_queued_name_is_a_function_that_the_worker_knows() -> None:
    assert set(queue.FUNCTIONS) == set(queue.QUEUES)
    for dotted in queue.FUNCTIONS.values():
        module, _, function = dotted.rpartition(".")
        assert worker.KNOWN[dotted] is getattr(importlib.import_module(module), function)
    assert set(worker.KNOWN) == set(queue.FUNCTIONS.values())


def test_the_procfile_runs_a_worker_on_every_queue_and_names_what_exists() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"release", "admin", "gateway", "worker", "clock"}
    assert lines["worker"] == "python -m shared.worker"  # without names: all of queue.QUEUES
    assert worker.build.__kwdefaults__ == {"names": queue.QUEUES}
    for module in (line.rpartition(" ")[2] for line in lines.values() if line.startswith("python -m")):
        assert callable(importlib.import_module(module).main)


def test_the_example_of_the_settings_names_every_setting_and_nothing_else() -> None:
    source = tree(ROOT / "shared/config.py")
    read = {
        argument.value
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in {"text", "number", "ring", "networks", "one_of"}
        for constant in [node.args[0]]
        for argument in ast.walk(constant)
        if isinstance(argument, ast.Constant) and str(argument.value).isupper()
    }
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    named = [line.partition("=")[0] for line in lines]
    assert len(named) == len(set(named))
    assert set(named) == read | READ_BY_MAKE_RUN


def raised_in(path: Path) -> set[str]:
    """Return the names of the refusals that a module raises or returns."""
    known = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, DomainError)}
    found = set()
    for node in ast.walk(tree(path)):
        value = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Return) else None
        value = value.func if isinstance(value, ast.Call) else value
        if isinstance(value, ast.Name) and value.id in known:
            found.add(value.id)
    return found


def test_every_refusal_that_the_gateway_can_meet_has_a_status() -> None:
    with_status = {refusal.__name__ for refusal in STATUS}
    services = {(name, found) for name in GATEWAY_CALLS for found in raised_in(ROOT / f"shared/services/{name}.py")}
    assert {found for pair in services - STAFF_ONLY for found in pair[1:]} - with_status == set()
    gateway = [*(ROOT / "gateway_app").rglob("*.py"), ROOT / "shared/transaction.py"]
    assert {found for path in gateway for found in raised_in(path)} - with_status == set()
    assert "get_blueprint" not in "".join(path.read_text() for path in gateway)
    assert services >= STAFF_ONLY


def test_every_refusal_has_a_code_of_its_own_and_a_sentence() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, DomainError)]
    codes = [value.code for value in classes if value is not DomainError]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch("[a-z_]+", code) for code in codes)
    assert all(value.title and value.__doc__ for value in classes if value is not DomainError)


def too_long(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    found = [f"{name_of(path)}: {n} lines"] if (n := len(text.splitlines())) > FILE_MOST else []
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return found + [
        f"{name_of(path)}: {node.name} has {length} lines"
        for node in functions
        if (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_MOST
    ]


def test_no_file_and_no_function_is_longer_than_one_can_read() -> None:
    assert [sentence for path in CODE for sentence in too_long(path)] == []


def test_a_long_file_or_function_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    long = tmp_path / "long.py"
    long.write_text("def f():\n" + "    x = 1\n" * 300)
    assert too_long(long) == ["long.py: 301 lines", "long.py: f has 301 lines"]


def test_no_module_is_named_after_nothing() -> None:
    assert [name_of(path) for path in CODE if BAD_NAMES.search(path.stem)] == []


def test_every_module_opens_with_a_sentence() -> None:
    missing = [name_of(path) for path in OURS if not (ast.get_docstring(tree(path)) or "").strip()]
    assert missing == []
