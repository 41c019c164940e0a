"""Request bodies that two readers could understand differently are refused before anything looks at them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_app.strict_json import MalformedJsonError, RealNumber, parse_object

MALFORMED = [
    (b"", "empty"),
    (b" \r\n\t", "empty"),
    (b"\xef\xbb\xbf{}", "byte order mark"),
    ('{"count": 1}'.encode("utf-16"), "UTF-8"),
    ('{"count": 1}'.encode("utf-16-le"), "not valid JSON"),
    ('{"count": 1}'.encode("utf-32-be"), "not valid JSON"),
    ('{"reference": "é"}'.encode("latin-1"), "UTF-8"),
    (b'{"reference": "\xc0\xaf"}', "UTF-8"),
    (b'{"reference": "\xed\xa0\x80"}', "UTF-8"),
    (b'{"reference": "\xf4\x90\x80\x80"}', "UTF-8"),
    (b"null", "one JSON object"),
    (b"true", "one JSON object"),
    (b"5", "one JSON object"),
    (b'"count"', "one JSON object"),
    (b"[]", "one JSON object"),
    (b'[{"count": 1}]', "one JSON object"),
    (b'{"count": NaN}', "NaN"),
    (b'{"count": Infinity}', "Infinity"),
    (b'{"count": -Infinity}', "Infinity"),
    (b'{"count": nan}', "not valid JSON"),
    (b'{"count": 1e400}', "larger"),
    (b'{"count": -1e400}', "larger"),
    (b'{"count": 1e999999999999}', "larger"),
    (b'{"count": ' + b"9" * 5_000 + b"}", "larger"),
    (b'{"count": -' + b"9" * 5_000 + b"}", "larger"),
    (b'{"count": ' + b"9" * 5_000 + b".0}", "larger"),
    (b'{"count": 1, "count": 2}', "same name"),
    (b'{"count": 1, "count": 1}', "same name"),
    (b'{"count": 1, "c\\u006funt": 2}', "same name"),
    (b'{"a": {"b": 1, "b": 2}}', "same name"),
    (b'{"a": [{"b": 1, "b": 2}]}', "same name"),
    (b'{"count": 1} {"count": 2}', "not valid JSON"),
    (b'{"count": 1},', "not valid JSON"),
    (b'{"count": 1}\x00', "not valid JSON"),
    (b'{"count": 1}}', "not valid JSON"),
    (b'{"count": 1,}', "not valid JSON"),
    (b'{"count": 1', "not valid JSON"),
    (b'{"count": "', "not valid JSON"),
    (b'{"count": "\\', "not valid JSON"),
    (b"{count: 1}", "not valid JSON"),
    (b"{'count': 1}", "not valid JSON"),
    (b'{"count": 01}', "not valid JSON"),
    (b'{"count": +1}', "not valid JSON"),
    (b'{"count": .5}', "not valid JSON"),
    (b'{"count": 5.}', "not valid JSON"),
    (b'{"count": 0x10}', "not valid JSON"),
    (b'{"count": 1_0}', "not valid JSON"),
    ('{"count": \uff15}'.encode(), "not valid JSON"),
    ('{"count":\u00a05}'.encode(), "not valid JSON"),
    (b'{"count": 1 /* one */}', "not valid JSON"),
    (b'{"reference": "a\tb"}', "not valid JSON"),
    (b'{"reference": "a\x00b"}', "not valid JSON"),
    (b'{"reference": "\\x41"}', "not valid JSON"),
    (b'{"reference": "\\ud800"}', "surrogate"),
    (b'{"reference": "\\udc00\\ud800"}', "surrogate"),
    (b'{"reference": "\\ud800\\u0041"}', "surrogate"),
    (b'{"\\udfff": 1}', "surrogate"),
    (b'{"a": ["\\udfff"]}', "surrogate"),
    (b'{"reference": "\\u0000"}', "NUL"),
    (b'{"\\u0000": 1}', "NUL"),
    (b'{"a": {"b": ["\\u0000"]}}', "NUL"),
    (b'{"a": ' + b"[" * 8 + b"]" * 8 + b"}", "nested"),
    (b"[" * 8_000 + b"]" * 8_000, "nested"),
    (b'{"a":' * 2_000, "nested"),
    (b'{"[": ' + b"[" * 8_000, "nested"),
    (b"[" * 8_000, "nested"),
]

NUMBERS = [
    ("5", 5, True),
    ("-5", -5, True),
    ("-0", 0, True),
    ("9223372036854775808", 2**63, True),
    ("9" * 308, int("9" * 308), True),
    ("5.0", 5, False),
    ("5.000", 5, False),
    ("-0.0", 0, False),
    ("9007199254740993.0", 9007199254740993, False),
    ("1.5", None, False),
    ("5.00000000000000000000000000001", None, False),
    ("1e3", None, False),
    ("1E0", None, False),
    ("10e-1", None, False),
    ("5.0e0", None, False),
    ("1e-400", None, False),
]

plain_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(10**300), 10**300), plain_text)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_text, inner, max_size=3),
    max_leaves=6,
)
documents = st.dictionaries(plain_text, values, max_size=5)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@pytest.mark.parametrize(("body", "reason"), MALFORMED)
def test_a_malformed_body_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedJsonError, match=reason):
        parse_object(body)


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    for body in (b'{"hunter2": hunter2}', b'{"hunter2": 1, "hunter2": 2}', b'{"a": "\\hunter2"}', b"hunter2"):
        with pytest.raises(MalformedJsonError) as refusal:
            parse_object(body)
        assert "hunter2" not in str(refusal.value)
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


@pytest.mark.parametrize(("literal", "integer", "is_int"), NUMBERS)
def test_a_number_remembers_how_it_was_written(literal: str, integer: int | None, is_int: bool) -> None:  # noqa: FBT001
    number = parse_object(f'{{"n": {literal}}}'.encode())["n"]
    if is_int:
        assert (type(number), number) == (int, integer)
    else:
        assert isinstance(number, RealNumber)
        assert (number.as_integer(), number.literal, float(number)) == (integer, literal, float(literal))


def test_brackets_inside_text_are_no_nesting() -> None:
    text = '[[[[[[[[[[{{{{{{{{{{\\"[[[[[[[[[['
    assert parse_object(json.dumps({text: text}).encode()) == {text: text}


def test_eight_levels_are_read() -> None:
    assert depth(parse_object(b'{"a": ' + b"[" * 7 + b"]" * 7 + b"}")) == 8


def test_surrogate_pairs_and_all_other_text_are_read() -> None:
    assert parse_object(b'{"a": "\\ud83d\\ude00\\n\\u007f"}') == {"a": "\U0001f600\n\x7f"}


@given(document=documents, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_what_a_strict_writer_writes_is_read_as_it_was_meant(
    document: dict[str, object],
    ascii_only: bool,  # noqa: FBT001
    indent: int | None,
) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()
    if depth(document) <= 8:
        assert parse_object(body) == document
    else:
        with pytest.raises(MalformedJsonError):
            parse_object(body)


@given(body=st.binary(max_size=200) | st.text('{}[]",:\\u0dD8e.-+19 \n', max_size=200).map(str.encode))
def test_no_bytes_fail_in_another_way(body: bytes) -> None:
    try:
        found = parse_object(body)
    except MalformedJsonError:
        return
    assert found == json.loads(body)
