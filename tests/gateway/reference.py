"""Reading the pages of the reference as a partner does: headings, anchors and commands to paste."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "br"})


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of a page, with what its caption says it does and answers."""

    caption: str
    text: str

    @property
    def answers(self) -> int:
        found = re.search(r"answers (\d{3})", self.caption)
        assert found, self.caption
        return int(found[1])


@dataclass
class _Reader(HTMLParser):
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    commands: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._caption = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= set(found)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append((tag, ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"<{tag}> is closed out of turn"
        if tag == "figure":
            self._caption = ""

    def handle_data(self, data: str) -> None:
        if {"h1", "h2", "h3", "h4"} & set(self._open):
            tag, text = self.headings.pop()
            self.headings.append((tag, text + data))
        if "figcaption" in self._open:
            self._caption += data
        if "pre" in self._open and data.startswith("curl "):
            self.commands.append(Command(caption=self._caption, text=data))


def read_page(html: str) -> _Reader:
    """Return what stands in a page. Fails on elements closed out of turn."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader._open == []  # noqa: SLF001 - our own class
    return reader
