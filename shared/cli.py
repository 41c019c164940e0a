"""The ``allotment`` command for operators and scripts: each command parses, makes one service call and prints."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import migrations
from shared import clock
from shared.config import SECRET_BYTES, Settings, SettingsError, read_settings
from shared.db import EVERY_ENVIRONMENT, bare_app, db
from shared.errors import DomainError, InvalidInput, NotFound
from shared.local.errors import LocalError
from shared.local.secrets import ensure_secrets
from shared.local.servers import find_servers
from shared.models import Contract, Environment
from shared.models.contract import TYPES
from shared.models.staff import ROLES
from shared.net import AllowlistError, parse_allowlist
from shared.services import contracts, generators, products, second_factor, staff
from shared.services.audit import COMMAND
from shared.services.keys import Keyring
from shared.transaction import transaction

RATES = ("per_minute", "per_hour", "per_day")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_environment = click.option("--environment", default="production", show_default=True, help="Name of the environment.")


@click.group()
def cli() -> None:
    """Operate Allotment: migrations, staff, contracts.

    The servers are those of DATABASE_URL and REDIS_URL, else the embedded ones that `make run` keeps in VAR_DIR.
    """


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and status 1."""
    try:
        cli(standalone_mode=True)
    except (DomainError, LocalError, SettingsError) as error:
        sys.exit(f"allotment: {error}")


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema; safe to run while the old code serves."""
    migrations.upgrade(_settings().owner_database_url)


@cli.command()
def secret() -> None:
    """Print a new secret for KEY_PEPPER, SECRETS_KEYS or SESSION_SECRET."""
    click.echo(secrets.token_urlsafe(SECRET_BYTES))


@cli.group("staff")
def staff_group() -> None:
    """Who may sign in."""


@staff_group.command("invite")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
def invite(email: str, role: str) -> None:
    """Print a one-time link with which EMAIL sets a password."""
    with _app() as settings:
        with transaction():
            token = staff.invite(email=email, role=role, by=COMMAND, at=clock.now())
        click.echo(f"{settings.admin_url}/link/{token}")


@staff_group.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take away the second factor of EMAIL, who lost device and recovery codes; the password alone lets in then."""
    with _app(), transaction():
        person = staff.find_by_email(email=email)
        if person is None:
            raise NotFound(f"No person with the e-mail {email!r}")
        second_factor.reset(staff_id=person.id, by=COMMAND)
    click.echo("The second factor is gone. The next sign-in takes the password alone.")


@cli.group("contracts")
def contracts_group() -> None:
    """Contracts."""


@contracts_group.command("create")
@click.option("--name", required=True)
@click.option("--type", "kind", type=click.Choice(TYPES), default="standard", show_default=True)
@click.option("--product", required=True, help="Code of the product.")
@click.option("--generator", required=True, help="Name of the generator.")
@click.option("--quota", type=int, required=True)
@click.option("--inactive", is_flag=True, help="Do not activate it yet.")
@click.option("--api-access", is_flag=True, help="Make a contract key.")
@click.option("--rate", help="Calls per minute/hour/day, such as 10/100/500.")
@click.option("--allow", multiple=True, help="Address or CIDR block that may call; repeat for more.")
@_environment
@_as_json
def create(
    *, name: str, kind: str, product: str, generator: str, quota: int, inactive: bool, api_access: bool,
    rate: str | None, allow: tuple[str, ...], environment: str, as_json: bool,
) -> None:  # fmt: skip
    """Create a contract; it is active unless told otherwise. The key is printed this once."""
    fields = {
        "name": name, "type": kind, "api_access": api_access, "allow": _networks(allow), **_rates(rate),
    }  # fmt: skip
    with _app() as settings, transaction(environment_id=_environment_id(environment)):
        chosen = products.get_by_code(code=product)
        found = generators.find_by_name(product_id=chosen.id, name=generator)
        if found is None:
            raise NotFound(f"No generator {generator!r}")
        contract, issued = contracts.create(
            fields={**fields, "product_id": chosen.id, "generator_id": found.id}, quota=quota, active=not inactive,
            by=COMMAND, at=clock.now(), keyring=Keyring.of(settings),
        )  # fmt: skip
        facts = _facts(contract)
    if issued:
        facts["key"] = issued.text
    _print(facts, as_json=as_json)


@contracts_group.command("show")
@click.argument("uuid", type=click.UUID)
@_as_json
def show(*, uuid: Any, as_json: bool) -> None:
    """Show one contract of any environment; never its key."""
    with _app(), transaction(environment_id=EVERY_ENVIRONMENT):
        facts = _facts(contracts.get(contract_id=uuid))
    _print(facts, as_json=as_json)


def _facts(contract: Contract) -> dict[str, Any]:
    quota = contract.quota
    return {
        "uuid": str(contract.id), "name": contract.name, "type": contract.type, "status": contract.status,
        "product": contract.product.code, "generator": contract.generator.name, "quota": quota.quota,
        "used": quota.used, "reserved": quota.reserved, "remaining": quota.remaining,
        "api_access": contract.api_access, "allow": [str(network) for network in contract.allow],
        **{name: getattr(contract, name) for name in RATES},
    }  # fmt: skip


def _print(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name:<12} {value}")


def _rates(text: str | None) -> dict[str, str | None]:
    parts = text.split("/") if text else [""] * 3
    if len(parts) != len(RATES):
        raise InvalidInput(rate="Write --rate as calls per minute/hour/day, such as 10/100/500.")
    return {name: part or None for name, part in zip(RATES, parts, strict=True)}


def _networks(lines: tuple[str, ...]) -> list[str]:
    try:
        return [str(network) for network in parse_allowlist("\n".join(lines))]
    except AllowlistError as error:
        raise InvalidInput(allow=" ".join(sentence for _, sentence in error.problems)) from error


def _environment_id(name: str) -> int:
    found = db.session.query(Environment.id).filter_by(name=name).scalar()
    if found is None:
        raise NotFound(f"No environment {name!r}")
    return int(found)


@contextmanager
def _app() -> Iterator[Settings]:
    settings = _settings()
    with bare_app(settings).app_context():
        yield settings


def _settings() -> Settings:
    """Return the configured settings, or those of the servers that run under VAR_DIR."""
    if os.environ.get("DATABASE_URL"):
        return read_settings(os.environ, process="command")
    var_dir = Path(os.environ.get("VAR_DIR") or "var")
    servers = find_servers(var_dir)
    if servers is None:
        raise LocalError(f"DATABASE_URL is not set and nothing runs under {var_dir}. Start it with `make run`.")
    urls = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "DEPLOYMENT": "development"}
    ports = {f"{name}_URL": _started(var_dir, f"{name.lower()}_url") for name in ("ADMIN", "GATEWAY")}
    return read_settings({**os.environ, **ensure_secrets(var_dir), **urls, **ports}, process="command")


def _started(var_dir: Path, name: str) -> str:
    try:
        return str(json.loads((var_dir / "started.json").read_text(encoding="utf-8"))[name])
    except (OSError, ValueError, KeyError):
        return ""
