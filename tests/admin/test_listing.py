"""The list state survives every query string and builds the URLs a list needs."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from admin_app.views.listing import LAST_PAGE, PAGE_SIZES, ListSpec, ListState, parse

SPEC = ListSpec(
    sorts=frozenset({"name", "created", "used"}),
    default_sort="-created",
    filters={"status": frozenset({"active", "inactive"}), "product": None},
)
NUL = chr(0)


def state(**args: str) -> ListState:
    return parse(MultiDict(args), SPEC)


def test_an_empty_query_is_the_default_view() -> None:
    assert state() == ListState(spec=SPEC, sort="-created", filters={})


def test_known_values_are_taken() -> None:
    asked = state(search=" acme ", sort="name", page="3", size="100", status="active", product="p-1")
    assert (asked.search, asked.sort, asked.page, asked.size) == ("acme", "name", 3, 100)
    assert asked.filters == {"status": "active", "product": "p-1"}
    assert asked.offset == 200


@pytest.mark.parametrize("page", ["-1", "0", "abc", "", "1.5", "٣", "1_0", "0x1", f"1{NUL}", "--1", "+"])
def test_a_page_that_makes_no_sense_is_the_first(page: str) -> None:
    assert state(page=page).page == 1


@pytest.mark.parametrize("page", [str(10**20), "9" * 5000])
def test_a_page_beyond_reason_is_clamped(page: str) -> None:
    assert state(page=page).page == LAST_PAGE


def test_a_page_beyond_the_rows_is_the_last_that_exists() -> None:
    assert state(page="99", size="20").within(41).page == 3
    assert state(page="99").within(0).page == 1
    assert state(page="2", size="20").within(41).page == 2


@pytest.mark.parametrize("size", ["21", "0", "-20", "abc", str(10**20)])
def test_a_size_that_is_not_offered_is_the_default(size: str) -> None:
    assert state(size=size).size == 50


@pytest.mark.parametrize("sort", ["secret", "-secret", "--name", "-", "name desc", f"name{NUL}"])
def test_an_unknown_sort_is_the_default(sort: str) -> None:
    assert state(sort=sort).sort == "-created"


def test_unknown_filters_and_values_are_left_out() -> None:
    assert state(status="deleted", colour="red").filters == {}


def test_characters_no_name_contains_are_dropped() -> None:
    assert state(search=f"a{NUL}b\ud800\nc").search == "abc"
    assert state(product=NUL).filters == {}


def test_a_long_search_is_cut() -> None:
    assert len(state(search="x" * 10_000).search) == 200


def test_the_first_of_repeated_parameters_counts() -> None:
    assert parse(MultiDict([("page", "2"), ("page", "3")]), SPEC).page == 2


def test_a_url_names_only_what_differs_from_the_default() -> None:
    assert state().url("/admin/contracts") == "/admin/contracts"
    assert state(sort="-created", size="50", page="1").url("/c") == "/c"
    assert state(search="50 % & more", status="active", page="2").url("/c") == (
        "/c?search=50+%25+%26+more&status=active&page=2"
    )


def test_sorting_turns_the_direction_and_starts_at_the_first_page() -> None:
    assert state(page="4").sorted_by("name").url("/c") == "/c?sort=name"
    assert state(sort="name").sorted_by("name").sort == "-name"
    assert state(sort="-name").sorted_by("name").sort == "name"
    assert state(sort="-used").sort_name == "used"
    assert state(sort="-used").is_descending


def test_a_chip_removes_its_filter_only() -> None:
    asked = state(search="acme", status="active", product="p-1", page="3", sort="name")
    assert asked.without("status").url("/c") == "/c?search=acme&product=p-1&sort=name"
    assert asked.without("search").url("/c") == "/c?status=active&product=p-1&sort=name"
    assert asked.cleared().url("/c") == "/c?sort=name"
    assert asked.filtered("status", "inactive").filters["status"] == "inactive"


def test_page_and_size_links() -> None:
    assert state(status="active").on_page(2).url("/c") == "/c?status=active&page=2"
    assert state(page="7").sized(100).url("/c") == "/c?size=100"


def test_an_empty_list_knows_whether_it_was_narrowed() -> None:
    assert not state(sort="name", page="2").is_narrowed
    assert state(search="x").is_narrowed
    assert state(status="active").is_narrowed


NAMES = st.sampled_from(["search", "sort", "page", "size", "status", "product", "other"])


@given(st.lists(st.tuples(NAMES, st.text()), max_size=12))
def test_no_query_string_raises_and_every_url_leads_back(pairs: list[tuple[str, str]]) -> None:
    asked = parse(MultiDict(pairs), SPEC)
    assert asked.page >= 1
    assert asked.size in PAGE_SIZES
    query = parse_qsl(urlsplit(asked.url("/c")).query, keep_blank_values=True)
    assert parse(MultiDict(query), SPEC) == asked
