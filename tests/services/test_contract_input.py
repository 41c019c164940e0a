"""Every field of a contract that cannot be saved, with the sentence that says why (SPEC 2)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.errors import InvalidInput
from shared.models.contract import QUOTA_MOST
from shared.services.contract_input import cleaned, cleaned_quota
from tests.world import World, one

GOOD = {"name": "C", "product_id": "p", "generator_id": "g"}
CONTROL = "Remove the control characters."
LIMIT = "Use a whole number from 1 to 2147483647."
RATE = "Use a whole number from 1 to 100000."
QUOTA = f"Use a whole number from 1 to {QUOTA_MOST}."
NOT_STORABLE = "Remove NUL characters, NaN, Infinity and half surrogate pairs: they cannot be stored."
DURATION = {"expiry_kind": "duration", "expiry_n": 1, "expiry_unit": "days"}

BAD: list[tuple[str, Any, str]] = [
    ("name", "", "A contract needs a name."),
    ("name", " \n\t ", "A contract needs a name."),
    ("name", None, "A contract needs a name."),
    ("name", "n" * 201, "Use at most 200 characters; these are 201."),
    ("name", "n" * 10_000, "Use at most 200 characters; these are 10000."),
    ("name", "a\0b", CONTROL),
    ("name", "a\x1bb", CONTROL),
    ("name", "\ud800", CONTROL),
    ("partner", "p" * 201, "Use at most 200 characters; these are 201."),
    ("partner", "\0", CONTROL),
    ("reference", "r" * 501, "Use at most 500 characters; these are 501."),
    ("notes", "n" * 5001, "Use at most 5000 characters; these are 5001."),
    ("type", "gold", "Choose one of: standard, reseller, enterprise, pool."),
    ("type", "", "Choose one of: standard, reseller, enterprise, pool."),
    ("product_id", None, "Choose a product."),
    ("generator_id", "", "Choose a generator."),
    ("overrides", "{", "The JSON is broken at line 1, column 2: Expecting property name enclosed in double quotes."),
    ("overrides", "[]", 'Write a JSON object, such as {"seats": 5}.'),
    ("overrides", "5", 'Write a JSON object, such as {"seats": 5}.'),
    ("overrides", "[" * 19_000, "The JSON is nested too deeply."),
    *(("overrides", '{"a":' * n + "1" + "}" * n, "The JSON is nested too deeply.") for n in (21, 400, 800, 3000)),
    (
        "overrides",
        '{"a":' + "9" * 5000 + "}",
        "The JSON holds a number of 5000 digits. Use at most 20, or write a text.",
    ),
    ("overrides", '{"a": NaN}', NOT_STORABLE),
    ("overrides", '{"a": -Infinity}', NOT_STORABLE),
    ("overrides", '{"a": 1e400}', NOT_STORABLE),
    ("overrides", '{"a": "\\u0000"}', NOT_STORABLE),
    ("overrides", '{"\\u0000": 1}', NOT_STORABLE),
    ("overrides", '{"a": "\\ud800"}', NOT_STORABLE),
    *(("activation_limit", value, LIMIT) for value in (0, -1, "1.5", "abc", True, 2**31, "\u0663", "1e3", "9" * 5000)),
    *((name, value, RATE) for name in ("per_minute", "per_hour", "per_day") for value in (0, 100_001, "-1", "ten")),
    ("low_stock", -1, "Use a whole number from 0 to 2147483647."),
    ("expiry_kind", "soon", "Choose one of: never, duration, date."),
    ("expiry_kind", None, "Choose one of: never, duration, date."),
    *(("quota", value, QUOTA) for value in (0, -1, "1.5", "many", QUOTA_MOST + 1)),
    ("quota", None, "A contract needs a quota."),
    ("quota", "", "A contract needs a quota."),
]
BAD_BLOCKS = [
    (
        "10.0.0.1/24",
        "Line 1: '10.0.0.1/24' has host bits; write 10.0.0.0/24 for the block or 10.0.0.1 for the address.",
    ),
    ("# office\n0.0.0.0/0", "Line 2: '0.0.0.0/0' is every address; empty the list to admit every address."),
    ("192.0.2.1:443", "Line 1: '192.0.2.1:443' has a port; write the address alone."),
]
BAD_EXPIRIES: list[tuple[dict[str, Any], str, str]] = [
    ({**DURATION, "expiry_n": None}, "expiry_n", "Say how many days, months or years a license is good."),
    ({**DURATION, "expiry_n": 0}, "expiry_n", "Use a whole number from 1 to 365000."),
    ({**DURATION, "expiry_n": 12_001, "expiry_unit": "months"}, "expiry_n", "Use a whole number from 1 to 12000."),
    ({**DURATION, "expiry_n": 1001, "expiry_unit": "years"}, "expiry_n", "Use a whole number from 1 to 1000."),
    ({**DURATION, "expiry_unit": "weeks"}, "expiry_unit", "Choose one of: days, months, years."),
    ({"expiry_kind": "date"}, "expiry_date", "Choose the last day on which licenses are good."),
    (
        {"expiry_kind": "date", "expiry_date": date(9999, 12, 31)},
        "expiry_date",
        "Choose a day up to 9999-12-30, or let licenses never expire.",
    ),
    ({"expiry_kind": "date", "expiry_date": "x"}, "expiry_date", "Choose the last day on which licenses are good."),
]


def problems(fields: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        cleaned({**GOOD, **fields})
    return refusal.value.problems


@pytest.mark.parametrize(("name", "value", "sentence"), BAD)
def test_a_field_that_cannot_be_saved_is_named_with_the_reason(name: str, value: Any, sentence: str) -> None:
    assert problems({name: value}) == {name: sentence}


@pytest.mark.parametrize(("text", "sentence"), BAD_BLOCKS)
def test_an_allowlist_is_refused_by_line(text: str, sentence: str) -> None:
    assert problems({"allow": text}) == {"allow": sentence}


@pytest.mark.parametrize(("fields", "name", "sentence"), BAD_EXPIRIES)
def test_an_expiry_that_is_not_whole_is_refused(fields: dict[str, Any], name: str, sentence: str) -> None:
    assert problems(fields)[name] == sentence


def test_all_faults_are_named_at_once() -> None:
    assert set(problems({"name": "", "type": "x", "per_day": 0, "quota": 0})) == {"name", "type", "per_day", "quota"}


def test_only_what_belongs_to_the_chosen_expiry_is_kept() -> None:
    mixed = {"expiry_n": 3, "expiry_unit": "months", "expiry_date": date(2030, 1, 1)}
    kept = [
        tuple(cleaned({**GOOD, **mixed, "expiry_kind": kind})[name] for name in mixed)
        for kind in ("never", "duration", "date")
    ]
    assert kept == [(None, None, None), (3, "months", None), (None, None, date(2030, 1, 1))]


@pytest.mark.parametrize(("value", "quota"), [("1", 1), (" 20 ", 20), (QUOTA_MOST, QUOTA_MOST)])
def test_a_whole_number_is_a_quota_however_it_is_typed(value: Any, quota: int) -> None:
    assert cleaned_quota(value) == quota


def test_a_form_of_markup_formulas_and_right_to_left_text_is_stored_as_it_is(world: World) -> None:
    name, notes = "<b>{{ 7*7 }}</b>", '=HYPERLINK("x")\n\tsecond line \u202egnirts'
    contract = world.contract(name=name, notes=notes, overrides={"NaN": "NaN", "path": "C:\\u0000"})
    stored = one("SELECT name, notes, overrides FROM contract WHERE id = %(id)s", id=contract.id)
    assert tuple(stored) == (name, notes, {"NaN": "NaN", "path": "C:\\u0000"})


@pytest.mark.parametrize("symbol", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad"])
def test_a_name_with_a_character_nobody_sees_is_refused(symbol: str) -> None:
    sentence = f"Remove the invisible character U+{ord(symbol):04X}: with it one name passes for another."
    both = {"name": f"Sp{symbol}ring", "partner": f"Tech{symbol}Shop"}
    assert problems(both) == {"name": sentence, "partner": sentence}


def test_a_name_stands_on_one_line() -> None:
    assert problems({"name": "a\nb"}) == {"name": "Write the name on one line."}


def test_overrides_that_name_a_feature_twice_or_are_too_long_are_refused() -> None:
    twice = "'seats' is written twice in one object. Keep one of them."
    assert problems({"overrides": '{"seats": 1, "seats": 2}'}) == {"overrides": twice}
    assert problems({"overrides": '{"a": {"seats": 1, "seats": 2}}'}) == {"overrides": twice}
    assert "at most 20000 characters" in problems({"overrides": '{"a": "' + "x" * 20_000 + '"}'})["overrides"]


@pytest.mark.parametrize("typed", ["10 000", "10\u202f000", "10\u2009000", "10\u00a0000"])
def test_a_number_may_be_parted_by_spaces_as_it_is_printed(typed: str) -> None:
    assert cleaned_quota(typed) == 10_000


@pytest.mark.parametrize("typed", ["1 00", "1  000", "10,000", "1 000 00"])
def test_a_number_parted_in_another_way_is_refused(typed: str) -> None:
    assert problems({"quota": typed}) == {"quota": QUOTA}


def test_an_allowlist_has_an_end_and_keeps_a_block_once() -> None:
    assert cleaned({**GOOD, "allow": "192.0.2.1\n192.0.2.1/32"})["allow"] == ["192.0.2.1/32"]
    many = "\n".join(f"10.{n // 256}.{n % 256}.1" for n in range(501))
    assert problems({"allow": many}) == {"allow": "Use at most 500 blocks; these are 501. Join them to larger ones."}
