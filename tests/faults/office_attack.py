"""Sending the hostile words to every page and every form of the back-office."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

from redis import Redis
from werkzeug.test import TestResponse

from tests.admin.office import Visit
from tests.faults.office_map import Form, OfficeMap, endpoint_of, read_page
from tests.faults.office_words import (
    EVERYWHERE,
    FORGED,
    IDS,
    METHODS,
    OVERRIDES,
    QUERIES,
    VALUES,
    WORDS,
)

FORM = "application/x-www-form-urlencoded"
Fields = list[tuple[str, str | bytes]]
# What an untouched form would leave empty although it is needed.
GOOD = {"quota": "10", "count": "1", "email": "zq@example.org", "expiry_n": "1"}


@dataclass(frozen=True)
class Attempt:
    """One request: what the server is told, and how it is called when something is wrong with it."""

    what: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, visit: Visit, choose: random.Random, redis: Redis) -> TestResponse:
        """Send it as it is; a limit that is reached is lifted and tried once more."""
        answer = self._once(visit, choose)
        if answer.status_code == 429:
            redis.flushdb()
            answer = self._once(visit, choose)
        return answer

    def _once(self, visit: Visit, choose: random.Random) -> TestResponse:
        raw = {"PATH_INFO": self.path.encode().decode("latin-1"), "REQUEST_METHOD": self.method}
        address = f"10.{choose.randrange(256)}.{choose.randrange(256)}.{choose.randrange(256)}"
        options: dict[str, Any] = {"data": self.body} if self.body else {}
        return visit.client.open(
            "/", method="POST" if self.body else "GET", query_string=self.query, headers=list(self.headers),
            environ_overrides={**raw, "REMOTE_ADDR": address}, **options,
        )  # fmt: skip


def addresses(found: OfficeMap) -> Iterator[Attempt]:
    """Give every page with every odd query, id, path and method."""
    for endpoint, paths in sorted(found.pages.items()):
        path, _, query = paths[0].partition("?")
        for odd in QUERIES:
            yield Attempt(f"GET {endpoint}?{odd[:60]}", "GET", path, odd)
        for name in sorted({*EVERYWHERE, *found.parameters.get(endpoint, ())}):
            for value in VALUES:
                yield Attempt(f"GET {endpoint}?{name}={value[:60]}", "GET", path, f"{name}={value}")
        yield from _odd_paths(endpoint, path)
        for method in METHODS:
            yield Attempt(f"{method} {endpoint}", method, path, query)
        for header in OVERRIDES:
            yield Attempt(f"{header} {endpoint}", "GET", path, query, headers=((header, "DELETE"),))


def _odd_paths(endpoint: str, path: str) -> Iterator[Attempt]:
    for odd in (f"/{path}", path.rstrip("/"), f"{path}/", path.replace("/", "//"), f"{path}%2f", f"{path}..",
    f"{path}../..",
                path.upper(), f"{path}\0", f"{path}\\", f"{path};a=b", f"{path}é", f"{path}?x"):  # fmt: skip
        yield Attempt(f"GET {endpoint} at {odd[:80]!r}", "GET", odd)
    parts = path.split("/")
    for at, part in enumerate(parts):
        if len(part) >= 36:
            for odd in IDS:
                written = odd.format(id=part, upper=part.upper(), hex=part.replace("-", ""), short=part[:-1])
                changed = "/".join([*parts[:at], written, *parts[at + 1 :]])
                for method in ("GET", "POST"):
                    yield Attempt(f"{method} {endpoint} with id {written[:60]!r}", method, changed)


def bodies(endpoint: str, form: Form, good: Fields) -> Iterator[Attempt]:
    """Give a form with every hostile word in every field, fields left out, repeated and forged, and odd bodies.

    ``good`` is read anew for each: whoever sends them puts a fresh token or version there after a success.
    """
    for name in form.names:
        for word in WORDS:
            yield _post(endpoint, form, f"{name}={word[:40]!r}", [*_without(good, name), (name, word)])
        yield _post(endpoint, form, f"without {name}", _without(good, name))
        yield _post(endpoint, form, f"{name} three times", [*good, (name, "zq"), (name, "\0")])
        yield _post(endpoint, form, f"{name}[]", [*_without(good, name), (f"{name}[]", "zq"), (f"{name}[x]", "zq")])
    for name, value in FORGED.items():
        if name not in form.names:
            yield _post(endpoint, form, f"forged {name}", [*good, (name, value)])
    yield _post(endpoint, form, "5000 fields", [*good, *((f"f{n}", "1") for n in range(5_000))])
    yield from _odd_bodies(endpoint, form, good)


def _without(fields: Fields, name: str) -> Fields:
    return [pair for pair in fields if pair[0] != name]


def filled(form: Form) -> Fields:
    """Return a form as a person would send it, all that is needed filled in."""
    blank = {name: GOOD.get(name, "zq" * 8) for name in form.needed} | {name: GOOD[name] for name in GOOD}
    return [(name, value or (blank.get(name, "") if name in form.needed else "")) for name, value in form.fields]


def fresh(visit: Visit, form: Form) -> Form:
    """Return the form as its page shows it now, with this browser's tokens; the old one when it is there no more."""
    text = visit.get(form.page).text
    target = endpoint_of(visit.app, form.action, "POST")
    found = [one for one in read_page(form.page, text)[1] if endpoint_of(visit.app, one.action, one.method) == target]
    now = next((one for one in found if one.action == form.action), form)
    return now if "csrf_token" in dict(now.fields) else replace(now, fields=(("csrf_token", visit.token()),))


def encoded(fields: Fields) -> bytes:
    """Return fields as a browser encodes them."""
    return b"&".join(b"%s=%s" % (_quoted(name), _quoted(value)) for name, value in fields)


def _quoted(text: str | bytes) -> bytes:
    return quote_from_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")).encode()


def _post(endpoint: str, form: Form, what: str, fields: Fields) -> Attempt:
    return _send(endpoint, form, what, encoded(fields), FORM)


def _send(endpoint: str, form: Form, what: str, body: bytes, kind: str, **headers: str) -> Attempt:
    target = urlsplit(form.action)
    sent = (("Content-Type", kind), *headers.items()) if kind else tuple(headers.items())
    return Attempt(f"POST {endpoint} {what}", "POST", target.path, target.query, body, sent)


def _odd_bodies(endpoint: str, form: Form, good: Fields) -> Iterator[Attempt]:
    body, token = encoded(good), str(dict(good)["csrf_token"])
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    parts = b"".join(part % (name.encode(), value.encode()) for name, value in good if isinstance(value, str))
    for what, odd, kind in (
        ("as JSON", b'{"name":"zq"}', "application/json"), ("deep JSON", b"[" * 9_000, "application/json"),
        ("as text", body, "text/plain"), ("without a type", body, ""), ("an odd charset", body,
        f"{FORM}; charset=utf-16"),
        ("an unknown charset", body, f"{FORM}; charset=zq"), ("parts without a boundary", parts, "multipart/form-data"),
        ("broken parts", parts[:-20], "multipart/form-data; boundary=b"), ("other parts", b"--c\r\n",
        "multipart/form-data; boundary=b"),
        ("a file",
        parts + b'--b\r\nContent-Disposition: form-data; name="name"; filename="../zq"\r\n\r\nzq\r\n--b--\r\n',
         "multipart/form-data; boundary=b"),
        ("2000 parts", part % (b"a", b"b") * 2_000 + b"--b--\r\n", "multipart/form-data; boundary=b"),
        ("an endless boundary", parts, "multipart/form-data; boundary=" + "b" * 2_000),
        ("2 MB", body + b"&zq=" + b"z" * 2_000_000, FORM), ("600 kB", body + b"&zq=" + b"z" * 600_000, FORM),
        ("2 MB of parts", part % (b"zq", b"z" * 2_000_000), "multipart/form-data; boundary=b"),
        ("nothing encoded", b"%zz=%&&&=&\xff\x00=\x00", FORM), ("a gzip", b"\x1f\x8b\x08\x00" * 20, FORM),
    ):  # fmt: skip
        yield _send(endpoint, form, what, odd, kind, **{"X-CSRFToken": token})
    yield _send(endpoint, form, "overridden", body, FORM, **{"X-HTTP-Method-Override": "DELETE"})
