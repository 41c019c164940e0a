"""``make run``: servers, migrations, sample data, the Procfile and the catcher, on one machine until Ctrl-C."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import migrations
from shared import clock
from shared.config import SECRETS, Process, SettingsError, read_settings
from shared.db import bare_app
from shared.local import sample, supervisor
from shared.local.errors import LocalError
from shared.local.ports import LOOPBACK, ensure_free
from shared.local.run_lock import run_lock
from shared.local.secrets import SECRET_NAMES, ensure_secrets
from shared.local.servers import ServerOptions, start_servers

PORTS = {"ADMIN_PORT": 8000, "GATEWAY_PORT": 8001, "CATCHER_PORT": 8002}
CATCHER = "catcher"
ROOT = Path(__file__).parents[2]
KINDS: dict[str, Process] = {"admin": "admin", "gateway": "gateway", "worker": "worker", "clock": "clock"}


def main() -> None:
    """Run until Ctrl-C; end with status 1 and a sentence when it cannot."""
    try:
        run(os.environ)
    except (LocalError, SettingsError) as error:
        sys.exit(f"make run: {error}")


def run(environ: Mapping[str, str]) -> None:
    """Start everything, print the links when all answer, and stop everything in the end.

    Raises:
        LocalError, SettingsError: with a sentence that names what is in the way.

    """
    var_dir = Path(environ.get("VAR_DIR") or "var").absolute()
    ports = read_ports(environ)
    options = ServerOptions(database_url=environ.get("DATABASE_URL", ""), redis_url=environ.get("REDIS_URL", ""))
    with run_lock(var_dir), _only_while_running(var_dir / "started.json"):
        ensure_free(ports)
        with start_servers(var_dir, options) as servers:
            urls = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
            shared = {**environ, **ensure_secrets(var_dir), **urls, **_links(ports), "VAR_DIR": str(var_dir)}
            shared.setdefault("DEPLOYMENT", "development")
            links = _prepare(var_dir, shared)
            commands = {**supervisor.read_procfile(ROOT / "Procfile"), CATCHER: "python -m shared.local.catcher"}
            supervisor.run(
                commands,
                environments={name: _environment(name, shared) for name in commands},
                ready_urls=[f"{links[name]}/healthz" for name in ("admin_url", "gateway_url", "catcher_url")],
                on_ready=lambda: _announce(var_dir, links),
                tend=servers.tend,
            )


@contextmanager
def _only_while_running(path: Path) -> Iterator[None]:
    """Let the file of links speak of this run alone: a script that waits for it must not read an earlier one's."""
    path.unlink(missing_ok=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_ports(environ: Mapping[str, str]) -> dict[str, int]:
    """Return the port of each variable. Raises LocalError when one is not a number."""
    try:
        return {name: int(environ.get(name) or default) for name, default in PORTS.items()}
    except ValueError as error:
        raise LocalError(f"{', '.join(PORTS)} are port numbers, such as 8000.") from error


def _links(ports: Mapping[str, int]) -> dict[str, str]:
    text = {name: str(port) for name, port in ports.items()}
    return {
        **text,
        "ADMIN_URL": f"http://{LOOPBACK}:{text['ADMIN_PORT']}",
        "GATEWAY_URL": f"http://{LOOPBACK}:{text['GATEWAY_PORT']}",
    }


def _environment(name: str, shared: Mapping[str, str]) -> dict[str, str]:
    """Return what one process gets: the programs of this virtual environment, and no secret it does not need."""
    needed = SECRETS[KINDS[name]] if name in KINDS else ()
    unneeded = set(SECRET_NAMES) - set(needed)
    path = f"{Path(sys.executable).parent}{os.pathsep}{shared.get('PATH', '')}"
    kept = {variable: value for variable, value in shared.items() if variable not in unneeded}
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def _prepare(var_dir: Path, shared: Mapping[str, str]) -> dict[str, Any]:
    settings = read_settings(shared, process="command")
    migrations.upgrade(settings.owner_database_url)
    links: dict[str, Any] = {
        "admin_url": settings.admin_url,
        "gateway_url": settings.gateway_url,
        "catcher_url": f"http://{LOOPBACK}:{shared['CATCHER_PORT']}",
    }
    with bare_app(settings).app_context():
        links.update(sample.ensure(var_dir, settings, clock.now()))
        token = sample.invite(clock.now())
    if token:
        links["sign_in_url"] = f"{settings.admin_url}/link/{token}"
    return links


def _announce(var_dir: Path, links: Mapping[str, str]) -> None:
    path = var_dir / "started.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(links, indent=2) + "\n", encoding="utf-8")
    sign_in = links.get("sign_in_url", "ask `allotment staff invite EMAIL --role ROLE` for a link")
    print(f"\nAllotment is ready. Ctrl-C stops it.\n  Sign in (once):  {sign_in}")  # noqa: T201 - for the terminal
    print(f"  Back-office:     {links['admin_url']}\n  Gateway docs:    {links['gateway_url']}/docs")  # noqa: T201
    print(f"  Webhook catcher: {links['catcher_url']}\n")  # noqa: T201 - the same
    if "contract_key" in links:
        print(_curl(links), flush=True)  # noqa: T201 - the same


def _curl(links: Mapping[str, str]) -> str:
    return (
        "  Generate 3 licenses as the sample reseller:\n"
        f"    curl {links['gateway_url']}/api/v1/contracts/{links['contract_uuid']}/generate \\\n"
        f"      -H 'Authorization: Bearer {links['contract_key']}' \\\n"
        '      -H \'Content-Type: application/json\' -d \'{"count": 3, "idempotency_key": "first-try"}\'\n'
    )


if __name__ == "__main__":
    main()
