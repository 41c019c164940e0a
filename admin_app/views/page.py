"""The plain values a page is made of; each template's head says which of them it expects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from admin_app.views.listing import PAGE_SIZES, ListState

Tone = Literal["neutral", "primary", "success", "warning", "danger", "staging"]
CellKind = Literal["text", "link", "mono", "badge", "number", "quota", "time", "progress"]


@dataclass(frozen=True)
class Badge:
    """A state: always a word, the colour only beside it."""

    word: str
    tone: Tone = "neutral"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place to go; `note` is a second, quieter line and `icon` a name of the sprite.

    A place outside learns nothing of where one comes from.
    """

    label: str
    url: str
    note: str = ""
    icon: str = ""
    is_outside: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button. `post` sends a form with a CSRF token; `dialog` opens the page at `url` over this one."""

    label: str
    url: str
    icon: str = ""
    tone: Literal["default", "primary", "danger"] = "default"
    post: bool = False
    dialog: bool = False
    hotkey: str = ""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One environment of the switch in the header."""

    name: str
    label: str
    is_production: bool = False


@dataclass(frozen=True, kw_only=True)
class Shell:
    """What surrounds every page of a signed-in person."""

    product_name: str
    home_url: str
    environment: Environment
    environments: Sequence[Environment]
    environment_url: str
    person_name: str
    person_email: str
    role: str
    links: Sequence[Link]
    preferences_url: str
    sign_out_url: str
    palette_url: str = ""
    shortcuts_url: str = ""
    theme: str = "system"
    density: str = "comfortable"
    has_hotkeys: bool = True


@dataclass(frozen=True)
class Option:
    """One value of a filter, with how many rows it would leave."""

    value: str
    label: str
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One select beside the search; `selected` is empty for all."""

    name: str
    label: str
    options: Sequence[Option]
    selected: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; `sort` names its sort order, or is empty."""

    key: str
    label: str
    kind: CellKind = "text"
    sort: str = ""


@dataclass(frozen=True)
class Quota:
    """How far a contract is used."""

    total: int
    used: int
    reserved: int = 0

    @property
    def remaining(self) -> int:
        return self.total - self.used - self.reserved

    @property
    def percent(self) -> int:
        return self.used * 100 // self.total


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row; `cells` holds a value for each column's key, of the shape its kind asks for."""

    id: str
    label: str
    cells: Mapping[str, Any]
    actions: Sequence[Action] = ()


@dataclass(frozen=True, kw_only=True)
class EmptyState:
    """Why there is nothing to show, and the next step."""

    title: str
    text: str
    icon: str = "inbox"
    action: Action | None = None


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """What can be done with ticked rows, or with all that match; `url` carries the state of the list."""

    url: str
    actions: Sequence[Option]
    matching: int


@dataclass(frozen=True, kw_only=True)
class Pager:
    """Links around the shown page; `numbers` has None where pages are skipped."""

    page: int = 1
    last: int | None = None
    previous_url: str = ""
    next_url: str = ""
    numbers: Sequence[tuple[int, str] | None] = ()
    sizes: Sequence[tuple[int, str]] = ()
    size: int = 50


@dataclass(frozen=True, kw_only=True)
class Section:
    """A card of a form; `fields` are names on the form."""

    title: str
    fields: Sequence[str]
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A field that cannot change, with the reason."""

    label: str
    value: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of a definition list; `kind` as for a column."""

    label: str
    value: Any
    kind: CellKind = "text"
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A titled group of facts."""

    title: str
    facts: Sequence[Fact] = field(default_factory=tuple)


def pager(state: ListState, total: int, path: str) -> Pager:
    """Build the links around `state`, which is already within `total` rows."""
    last = max(1, -(-total // state.size))
    near = {1, last, state.page - 1, state.page, state.page + 1}
    shown = sorted(number for number in near if 1 <= number <= last)
    numbers: list[tuple[int, str] | None] = []
    for number in shown:
        if numbers and (before := numbers[-1]) and before[0] != number - 1:
            numbers.append(None)
        numbers.append((number, state.on_page(number).url(path)))
    return Pager(
        page=state.page,
        last=last,
        previous_url=state.on_page(state.page - 1).url(path) if state.page > 1 else "",
        next_url=state.on_page(state.page + 1).url(path) if state.page < last else "",
        numbers=numbers,
        sizes=[(size, state.sized(size).url(path)) for size in PAGE_SIZES],
        size=state.size,
    )
