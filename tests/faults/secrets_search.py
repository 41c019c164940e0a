"""P12: looking for secrets in everything a deployment leaves behind: logs, Redis, tables, answers."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from redis import Redis

Places = Iterable[tuple[str, bytes]]
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def forms(secret: str | bytes) -> tuple[bytes, ...]:
    """Return how a secret may be written: plain, in hexadecimal digits, in base64."""
    raw = secret.encode() if isinstance(secret, str) else secret
    return raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")


def hits(places: Places, needles: Mapping[str, tuple[bytes, ...]]) -> list[str]:
    """Return one sentence per place and secret found there; the secret itself is not in it."""
    return [
        f"{place} holds {name}"
        for place, content in places
        for name, written in needles.items()
        if any(form in content for form in written)
    ]


def files(*paths: Path) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        yield path.name, path.read_bytes()


def redis_contents(url: str) -> Iterator[tuple[str, bytes]]:
    """Give every key and value of a Redis, what is compressed also as it was before."""
    with Redis.from_url(url) as redis:
        for name in redis.scan_iter():
            values = [name, *_values(redis, name)]
            yield f"Redis {name.decode(errors='replace')}", b"\n".join([*values, *map(_inflated, values)])


def tables(owner_url: str, *, without: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
    """Give every row of every table, as a dump would."""
    with psycopg.connect(owner_url) as owner:
        for (name,) in owner.execute(TABLES).fetchall():
            if name not in without:
                statement = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
                with owner.cursor() as cursor, cursor.copy(statement) as dump:
                    yield f"table {name}", b"".join(map(bytes, dump))


def _values(redis: Redis, name: bytes) -> list[bytes]:
    kind = redis.type(name)
    if kind == b"hash":
        return [part for pair in redis.hgetall(name).items() for part in pair]
    if kind == b"list":
        return redis.lrange(name, 0, -1)
    if kind == b"set":
        return list(redis.smembers(name))
    if kind == b"zset":
        return redis.zrange(name, 0, -1)
    if kind == b"stream":
        return [repr(entry).encode() for entry in redis.xrange(name)]
    return [redis.get(name)]


def _inflated(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""
