"""One frozen, typed Settings, read from the environment at the edge of a process and passed in."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Process = Literal["admin", "gateway", "worker", "clock", "command"]

SAMPLE_WORDS = ("change-me", "changeme", "example", "sample", "secret")
SECRET_BYTES = 32
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Which secrets a kind of process needs. What it does not need it must not hold: a taken gateway reads no partner key.
SECRETS: dict[Process, tuple[str, ...]] = {
    "admin": ("KEY_PEPPER", "SECRETS_KEYS", "SESSION_SECRET"),
    "gateway": ("KEY_PEPPER",),
    "worker": ("KEY_PEPPER", "SECRETS_KEYS"),
    "clock": (),
    "command": ("KEY_PEPPER", "SECRETS_KEYS"),
}
# Where a deployable is reached; production serves nothing that is not HTTPS (GATEWAY 2, rung 1).
ADDRESSES: dict[Process, str] = {"admin": "ADMIN_URL", "gateway": "GATEWAY_URL"}


class SettingsError(Exception):
    """The environment cannot be used; the message names every problem at once."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a process was told. Every field is one environment variable of the same name; secrets are not shown."""

    deployment: Literal["production", "development"] = "production"
    database_url: str = field(repr=False)
    owner_database_url: str = field(repr=False)
    gateway_database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    key_pepper: tuple[bytes, ...] = field(default=(), repr=False)
    secrets_keys: tuple[bytes, ...] = field(default=(), repr=False)
    session_secret: str = field(default="", repr=False)
    admin_url: str = "http://127.0.0.1:8000"
    gateway_url: str = "http://127.0.0.1:8001"
    trusted_proxies: tuple[Network, ...] = ()
    max_count_per_call: int = 100_000
    job_chunk_size: int = 10_000
    job_lease_seconds: float = 20.0
    job_slice_seconds: float = 2.0
    sweep_seconds: float = 5.0
    failed_keys_per_minute: int = 30
    api_log_days: int = 90
    failpoints: str = ""
    log_level: str = "INFO"
    webhook_http: bool = False

    @property
    def is_production(self) -> bool:
        """Tell whether HTTPS and real secrets are demanded."""
        return self.deployment == "production"


@dataclass
class _Reader:
    environ: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(name, "").strip() or default
        if value is None:
            self.problems.append(f"{name} is not set.")
        return value or ""

    def number(self, name: str, default: float, least: float, most: float) -> float:
        raw = self.text(name, str(default))
        try:
            value = float(raw)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            self.problems.append(f"{name} is {raw!r}; a number from {least:g} to {most:g} is needed.")
            return default
        return value

    def one_of(self, name: str, default: str, known: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in known:
            self.problems.append(f"{name} is {value!r}; it is {' or '.join(known)}.")
        return value

    def refuse(self, *names: str) -> None:
        held = [name for name in names if self.environ.get(name)]
        self.problems.extend(f"{name} is set, and the gateway must not hold it." for name in held)

    def ring(self, name: str) -> tuple[bytes, ...]:
        text, keys = self.text(name), []
        entries = [entry for part in text.split(",") if (entry := part.strip())]
        if text and not entries:
            self.problems.append(f"{name} holds no key.")
        for entry in entries:
            if any(word in entry.lower() for word in SAMPLE_WORDS):
                self.problems.append(f"{name} still holds a sample value; make one with `allotment secret`.")
                continue
            try:
                key = base64.urlsafe_b64decode(entry + "=" * (-len(entry) % 4))
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != SECRET_BYTES:
                self.problems.append(f"{name} holds a key that is not {SECRET_BYTES} bytes of base64url.")
            keys.append(key)
        return tuple(keys)

    def networks(self, name: str) -> tuple[Network, ...]:
        found = []
        for entry in filter(None, (part.strip() for part in self.text(name, "").split(","))):
            try:
                found.append(ipaddress.ip_network(entry))
            except ValueError:
                self.problems.append(f"{name} holds {entry!r}, which is not an address or a CIDR block.")
        return tuple(found)


def read_settings(environ: Mapping[str, str], *, process: Process) -> Settings:
    """Read the settings of one kind of ``process`` from ``environ``.

    Raises:
        SettingsError: naming every missing, malformed, sample or forbidden variable at once.

    """
    reader = _Reader(environ)
    if process == "gateway":
        reader.refuse("SECRETS_KEYS", "SESSION_SECRET")
    settings = _read(reader, process)
    if settings.is_production and settings.failpoints:
        reader.problems.append("FAILPOINTS is set; it is for tests and refused in production.")
    if settings.is_production and process in ADDRESSES:
        address = reader.text(ADDRESSES[process], "")
        if not address.startswith("https://"):
            reader.problems.append(
                f"{ADDRESSES[process]} is {address!r}; production is reached at an https:// address."
            )
    if reader.problems:
        raise SettingsError("The settings cannot be used:\n" + "\n".join(f"  - {line}" for line in reader.problems))
    return settings


def _webhook_http(deployment: str) -> str:
    """Return whether receivers over plain HTTP and on this machine are taken unless the operator says (GATEWAY 9)."""
    return "yes" if deployment == "development" else "no"


def _read(reader: _Reader, process: Process) -> Settings:
    deployment = reader.one_of("DEPLOYMENT", "production", ("production", "development"))
    needed = SECRETS[process]
    session_secret = reader.ring("SESSION_SECRET") if "SESSION_SECRET" in needed else ()
    has_own_login = process == "gateway" and not reader.environ.get("DATABASE_URL")
    database_url = reader.text("GATEWAY_DATABASE_URL" if has_own_login else "DATABASE_URL")
    return Settings(
        deployment="development" if deployment == "development" else "production",
        database_url=database_url,
        owner_database_url=reader.text("OWNER_DATABASE_URL", database_url),
        gateway_database_url=reader.text("GATEWAY_DATABASE_URL", ""),
        redis_url=reader.text("REDIS_URL"),
        key_pepper=reader.ring("KEY_PEPPER") if "KEY_PEPPER" in needed else (),
        secrets_keys=reader.ring("SECRETS_KEYS") if "SECRETS_KEYS" in needed else (),
        session_secret=session_secret[0].hex() if session_secret else "",
        admin_url=reader.text("ADMIN_URL", "http://127.0.0.1:8000").rstrip("/"),
        gateway_url=reader.text("GATEWAY_URL", "http://127.0.0.1:8001").rstrip("/"),
        trusted_proxies=reader.networks("TRUSTED_PROXIES"),
        max_count_per_call=int(reader.number("MAX_COUNT_PER_CALL", 100_000, 1, 10_000_000)),
        job_chunk_size=int(reader.number("JOB_CHUNK_SIZE", 10_000, 1, 50_000)),
        job_lease_seconds=reader.number("JOB_LEASE_SECONDS", 20, 0.1, 600),
        job_slice_seconds=reader.number("JOB_SLICE_SECONDS", 2, 0.01, 600),
        sweep_seconds=reader.number("SWEEP_SECONDS", 5, 0.1, 60),
        failed_keys_per_minute=int(reader.number("FAILED_KEYS_PER_MINUTE", 30, 1, 100_000)),
        api_log_days=int(reader.number("API_LOG_DAYS", 90, 1, 3650)),
        failpoints=reader.text("FAILPOINTS", ""),
        log_level=reader.one_of("LOG_LEVEL", "INFO", LOG_LEVELS),
        webhook_http=reader.one_of("WEBHOOK_HTTP", _webhook_http(deployment), ("no", "yes")) == "yes",
    )
