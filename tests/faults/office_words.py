"""What nobody should type into the back-office, or write into its addresses."""

from __future__ import annotations

from tests.faults.office_world import FORMULA, MARKUP

# As bytes where no text can hold it: half a surrogate pair in UTF-8, bytes that are no UTF-8.
WORDS: tuple[str | bytes, ...] = (
    "", " ", "\t\r\n", MARKUP, FORMULA, "@SUM(1)", "+1+1", "-1+1", "javascript:alert(1)", "//zq.example", "\\\\zq",
    "../../etc/passwd", "'; DROP TABLE license; --", "%s%n%(name)s{0.__class__}", "a\0b", "\0", b"\xed\xa0\x80",
    b"\xff\xfe\x80", "\u202egnp.exe", "a\u2066b\u2069", "\u200b\ufeff", "e\u0301" * 40, "\U0010ffff", "a" * 10_000,
    "é" * 201,
    "9" * 5_000, "-1", "0", "1.5", "1e400", "1e3", "٣", "0x10", "1_000", "NaN", "Infinity", "true", "null",
    "9223372036854775807", "9223372036854775808", "2147483648", "0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1",
    "[" * 8_000, '{"a":' * 8_000, '{"a":' * 400 + "1" + "}" * 400, '{"a":' * 2_000 + "1" + "}" * 2_000, "[]", "[1,2]",
    '{"a":' * 21 + "1" + "}" * 21, '{"a":' * 800 + "1" + "}" * 800,
    '{"a":1,"a":2}', '{"a":1e400}', '{"a":' + "9" * 5_000 + "}", '{"a":' + "9" * 4_000 + "}", '{"a":"\\u0000"}',
    '{"a":"\\ud800"}', '{"":1}', '{"' + "k" * 9_000 + '":1}', '{"a":[' + "1," * 9_000 + "1]}", '{"__proto__":{"x":1}}',
    "00000000-0000-0000-0000-000000000000", "{01890000-0000-7000-8000-000000000000}", "10.0.0.0/8\n" * 3_000, "::/0",
    "::ffff:1.2.3.4", "a@b", "ADA@EXAMPLE.ORG", '"a b"@c', "a@[127.0.0.1]", "x\r\nSet-Cookie: zq=1", "*" * 1_000,
    "***", "<" * 30 + "*" * 30,
)  # fmt: skip
QUERIES = (
    "page=-1", "page=0", "page=100000000000000000000", "page=abc", "page=", "page=1&page=2&page[]=3", "page=%D9%A3",
    "size=-1", "size=1000000", "sort=", "sort=nothing", "sort=--name", "sort=name;", "unknown=1&__class__=x", "%",
    "&&&==",
    "=", "a" * 3_000, "&".join(f"p{n}=1" for n in range(900)), "cursor=zq", "cursor=" + "A" * 500, "after=-1",
    "from=0001-01-01",
    "to=9999-12-31&from=9999-12-31", "tz=zq", "flt0_0=1", "_method=DELETE", "csrf_token=x", "%00=%00", "%ED%A0%80=1",
)  # fmt: skip
VALUES = (
    "", "%", "%25", "_", "%25%25_%5C", "%00", "%ED%A0%80", "%E2%80%AE", "%zz", "%F", "%FF%FE", "a" * 7_000, "-1", "0",
    "abc",
    "99999999999999999999", "1e400", "%D9%A3", "%3Czq-x%3E%7B%7B9001*11%7D%7D", "'", "%27%20OR%201%3D1", "..%2F..",
    "00000000-0000-0000-0000-000000000000", "%7B01890000-0000-7000-8000-000000000000%7D", "01890000", "//zq.example",
    "%2F%5Czq", "javascript:1", "%0d%0aSet-Cookie:%20zq=1", "2026-02-30", "9999-12-31", "0001-01-01", "true", "[]",
    "\t",
)  # fmt: skip
EVERYWHERE = ("search", "q", "page", "size", "sort", "status", "next", "count", "name")
IDS = (
    "{{{id}}}", "{upper}", "{hex}", "{id}0", "{short}", "00000000-0000-0000-0000-000000000000", "abc", "-1", "0",
    "%00", "\0",
    "..", ".", "", "%2e%2e", "{id}%2f", "{id}/..", "{id};x=1", "urn:uuid:{id}", "é", "\xff", "<zq-x>", "{{9001*11}}",
    "a" * 3_000,
    "{id}\r\nSet-Cookie: zq=1", "{id} ", "٣", "//zq.example", "{id}/%2e%2e/%2e%2e",
)  # fmt: skip
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "ZQ")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
# What a form of ours never holds, and somebody might hope to set.
FORGED = {
    "id": "00000000-0000-0000-0000-000000000001", "uuid": "00000000-0000-0000-0000-000000000001",
    "environment": "staging",
    "environment_id": "2", "used": "0", "reserved": "0", "accepting": "1", "created_by": "staff:zq",
    "created_at": "2001-01-01", "updated_at": "2001-01-01", "deleted_at": "2001-01-01", "activated_at": "2001-01-01",
    "test_until": "2099-01-01", "role": "super_admin", "password_hash": "zq", "disabled_at": "", "token": "zq",
    "actor": "zq",
    "contract_id": "00000000-0000-0000-0000-000000000001", "staff_id": "00000000-0000-0000-0000-000000000001",
    "tag": "live",
    "_method": "DELETE", "is_admin": "1",
}  # fmt: skip
