"""The state of a list (search, sort, page, size, filters) as it lives in the URL."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

PAGE_SIZES: Final = (20, 50, 100)
LAST_PAGE: Final = 1_000_000
LONGEST_TEXT: Final = 200


@dataclass(frozen=True, kw_only=True)
class ListSpec:
    """What one list can be asked for.

    `filters` maps a parameter to the values it takes, or to None where any text may come (an id, a name).
    """

    sorts: frozenset[str]
    default_sort: str
    filters: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    default_size: int = 50


@dataclass(frozen=True, kw_only=True)
class ListState:
    """One view of a list; every value is already known to be usable."""

    spec: ListSpec
    search: str = ""
    sort: str = ""
    page: int = 1
    size: int = 50
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def sort_name(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def is_narrowed(self) -> bool:
        """Whether an empty result means “no match” rather than “nothing yet”."""
        return bool(self.search or self.filters)

    def within(self, total: int) -> "ListState":
        """Return the same view on the nearest page that exists among `total` rows."""
        return replace(self, page=min(self.page, max(1, -(-total // self.size))))

    def on_page(self, page: int) -> "ListState":
        return replace(self, page=page)

    def sized(self, size: int) -> "ListState":
        return replace(self, size=size, page=1)

    def sorted_by(self, name: str) -> "ListState":
        """Sort by `name`, turning the direction when it is sorted so already."""
        return replace(self, sort=f"-{name}" if self.sort == name else name, page=1)

    def turned(self) -> "ListState":
        """Sort by the same in the other direction."""
        return replace(self, sort=self.sort_name if self.is_descending else f"-{self.sort_name}", page=1)

    def filtered(self, name: str, value: str) -> "ListState":
        return replace(self, filters={**self.filters, name: value}, page=1)

    def without(self, name: str) -> "ListState":
        """Drop one filter, or the search when `name` is `search`."""
        if name == "search":
            return replace(self, search="", page=1)
        kept = {key: value for key, value in self.filters.items() if key != name}
        return replace(self, filters=kept, page=1)

    def cleared(self) -> "ListState":
        """Drop search and filters; keep how the list is sorted and cut."""
        return replace(self, search="", filters={}, page=1)

    def url(self, path: str) -> str:
        """Return `path` with what differs from the list's defaults, in a fixed order."""
        query = urlencode([(name, value) for name, value in self._parameters() if value])
        return f"{path}?{query}" if query else path

    def _parameters(self) -> list[tuple[str, str]]:
        return [
            ("search", self.search),
            *((name, self.filters.get(name, "")) for name in self.spec.filters),
            ("sort", "" if self.sort == self.spec.default_sort else self.sort),
            ("size", "" if self.size == self.spec.default_size else str(self.size)),
            ("page", "" if self.page == 1 else str(self.page)),
        ]


def parse(args: MultiDict[str, str], spec: ListSpec) -> ListState:
    """Read a list's state from the query string; what makes no sense is left out or clamped, never raised."""
    size = _number(args.get("size", ""), spec.default_size)
    return ListState(
        spec=spec,
        search=_text(args.get("search", "")),
        sort=_sort(args.get("sort", ""), spec),
        page=min(max(_number(args.get("page", ""), 1), 1), LAST_PAGE),
        size=size if size in PAGE_SIZES else spec.default_size,
        filters=_filters(args, spec),
    )


def _sort(value: str, spec: ListSpec) -> str:
    return value if value.removeprefix("-") in spec.sorts else spec.default_sort


def _filters(args: MultiDict[str, str], spec: ListSpec) -> Mapping[str, str]:
    asked = {name: _text(args.get(name, "")) for name in spec.filters}
    return {name: value for name, value in asked.items() if value and _is_known(value, spec.filters[name])}


def _is_known(value: str, allowed: frozenset[str] | None) -> bool:
    return allowed is None or value in allowed


def _text(value: str) -> str:
    """Trim, cut, and drop what no name or key contains (NUL, control characters, lone surrogates)."""
    return "".join(char for char in value if char.isprintable()).strip()[:LONGEST_TEXT].rstrip()


def _number(value: str, default: int) -> int:
    """Read a whole number; longer than any page number is as good as the largest."""
    digits = value.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return default
    number = int(digits[:20])
    return -number if value.strip().startswith("-") else number
