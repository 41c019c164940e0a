"""The back-office as somebody maps it who wants to break it: every page that is linked, and every form on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.admin.office import Visit

PAGES_PER_ROUTE = 5  # rows of one kind look alike
BOXES = ("checkbox", "radio")


@dataclass(frozen=True)
class Form:
    """A form as a browser would send it untouched, and the names of all that could be sent with it."""

    page: str
    action: str
    method: str
    fields: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    needed: frozenset[str]


class _Reader(HTMLParser):
    """Links and forms of one page."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.links, self.forms = path, set[str](), list[Form]()
        self._form: dict[str, str] = {}
        self._fields, self._names, self._needed = list[tuple[str, str]](), dict[str, None](), set[str]()
        self._textarea = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "hx-get"):
            if tag != "link" and name in given:
                self.links.add(urldefrag(urljoin(self.path, given[name])).url)
        if tag == "form":
            self._form, self._fields, self._names, self._needed = given, [], {}, set()
        name = given.get("name", "")
        if name and tag in {"input", "button", "textarea", "select"}:
            self._names[name] = None
            self._needed |= {name} if "required" in given else set()
        self._take(tag, name, given)

    def _take(self, tag: str, name: str, given: Mapping[str, str]) -> None:
        is_box = given.get("type") in BOXES
        if tag == "input" and name and (not is_box or "checked" in given):
            self._fields.append((name, given.get("value", "on" if is_box else "")))
        elif tag == "button" and name and name not in {*dict(self._fields), "preview"}:  # a look at a form, not its use
            self._fields.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._textarea = name
            self._fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or not dict(self._fields).get(self._select)):
            self._fields = [pair for pair in self._fields if pair[0] != self._select]
            self._fields.append((self._select, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            name, before = self._fields.pop()
            self._fields.append((name, before + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            name, text = self._fields.pop()
            self._fields.append((name, text.removeprefix("\r\n").removeprefix("\n")))
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            action = urljoin(self.path, self._form.get("action", ""))
            method = self._form.get("method", "get").upper()
            names = tuple(name for name in self._names if name != "csrf_token")
            self.forms.append(Form(self.path, action, method, tuple(self._fields), names, frozenset(self._needed)))


@dataclass
class OfficeMap:
    """What a walk has found: paths and names of parameters by route, and forms by the route they are sent to."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    parameters: dict[str, set[str]] = field(default_factory=dict)
    forms: dict[str, list[Form]] = field(default_factory=dict)

    def paths(self) -> Iterator[str]:
        for found in self.pages.values():
            yield from found

    def largest_forms(self) -> Iterator[tuple[str, Form]]:
        """Give one form of each route, the one with most fields."""
        for endpoint, found in sorted(self.forms.items()):
            yield endpoint, max(found, key=lambda form: len(form.names))


def read_page(path: str, text: str) -> tuple[set[str], list[Form]]:
    """Return the links and the forms of a page."""
    reader = _Reader(path)
    reader.feed(text)
    return reader.links, reader.forms


def walk(visit: Visit, *start: str) -> OfficeMap:
    """Follow every link from Home and from ``start``, a few of each route, and return what was found."""
    found, queue = OfficeMap(), ["/", "/admin/", "/sign-in", *start]
    visited: Counter[str] = Counter()
    seen, linked = set(queue), True
    while queue or linked:
        if not queue:
            queue, linked = [path for paths in _guesses(found, visit.app).values() for path in paths], False
            continue
        path = queue.pop(0)
        endpoint = endpoint_of(visit.app, path, "GET")
        if endpoint is None or visited[endpoint] >= PAGES_PER_ROUTE:
            continue
        visited[endpoint] += 1
        answer = visit.get(path)
        if answer.status_code >= 400 and not linked:
            continue
        assert answer.status_code in {200, 302, 303}, (path, answer.status_code)
        if "attachment" in answer.headers.get("Content-Disposition", ""):
            answer.close()  # an export streams on a connection of its own and has tests of its own
            continue
        found.pages.setdefault(endpoint, []).append(path)
        links, forms = read_page(path, answer.text) if answer.mimetype == "text/html" else (set(), [])
        _note(found, visit.app, endpoint, links, forms)
        fresh = {link for link in links if link.startswith("/") and not link.startswith("/static/")} - seen
        seen |= fresh
        queue += sorted(fresh)
    _guess_forms(found, visit.app)
    return found


def _guesses(found: OfficeMap, app: Flask, method: str = "GET") -> dict[str, list[str]]:
    """Return paths of routes that no page led to, with the ids of their neighbours' rows."""
    adapter, known = app.url_map.bind("localhost"), dict[str, list[dict[str, Any]]]()
    for endpoint, paths in found.pages.items():
        values = [dict(adapter.match(urlsplit(path).path, method="GET")[1]) for path in paths]
        known.setdefault(endpoint.partition(".")[0], []).extend(values)
    guessed: dict[str, list[str]] = {}
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in {*found.pages, *found.forms}:
            rows = [row for row in known.get(rule.endpoint.partition(".")[0], []) if set(row) >= rule.arguments]
            paths = [adapter.build(rule.endpoint, {n: row[n] for n in rule.arguments}, method=method) for row in rows]
            guessed[rule.endpoint] = list(dict.fromkeys(paths))
    return guessed


def _guess_forms(found: OfficeMap, app: Flask) -> None:
    """Add forms without fields for the routes whose forms no page shows as things stand."""
    for endpoint, paths in _guesses(found, app, "POST").items():
        if paths:
            found.forms[endpoint] = [Form("/admin/", path, "POST", (), (), frozenset()) for path in paths]


def _note(found: OfficeMap, app: Flask, endpoint: str, links: set[str], forms: list[Form]) -> None:
    for link in links:
        if query := urlsplit(link).query:
            target = endpoint_of(app, link, "GET") or ""
            found.parameters.setdefault(target, set()).update(name for name, _ in parse_qsl(query))
    for form in forms:
        target = endpoint_of(app, form.action, form.method)
        assert target is not None, f"{endpoint} has a form to nowhere: {form.method} {form.action}"
        if form.method == "POST":
            found.forms.setdefault(target, []).append(form)
        else:
            found.parameters.setdefault(target, set()).update(form.names)


def endpoint_of(app: Flask, path: str, method: str) -> str | None:
    """Return the route of a path, or None."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(path).path, method=method)
    except HTTPException:
        return None
    return str(endpoint)
