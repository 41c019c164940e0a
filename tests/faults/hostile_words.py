"""P15: what no partner should send, by the place where it may stand."""

HOSTILE: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 5.0, 10**30, 2**63, -(2**63), "", "5", "0x5", "é", "\0", "\ud800", "\u202e",
    "a" * 300, [], {}, [[]], {"": {}}, [1, "2"], "'; DROP TABLE license; --", "{{7*7}}", "%s%n", "../../etc/passwd",
    "<script>",
)  # fmt: skip
RAW = (
    b"", b" ", b"null", b"[]", b"{", b"}", b'"', b"NaN", b"-", b'{"count":NaN}', b'{"count":Infinity}',
    b'{"count":1e400}', b'{"count":1e3}', b'{"count":' + b"9" * 5000 + b"}", b'{"count":1,"count":2}',
    b'{"count":1}{}', b'\xef\xbb\xbf{"count":1}', b'{"count":1,"reference":"\xff\xfe"}', b'{"count":01}',
    b'{"count":+1}', b"{'count':1}", b'{"count":1,}', b"[" * 8000, b'{"a":' * 3000,
    b'{"reference":"' + b"\\u0000" * 99 + b'"}', b"\x00" * 64, b"count=1", b"<count>1</count>",
)  # fmt: skip
HEADERS = (
    "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type",
    "Cookie", "Expect", "Host", "Idempotency-Key", "If-Match", "Origin", "Range", "TE", "Transfer-Encoding", "Upgrade",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Request-Id",
)  # fmt: skip
VALUES = (
    b"", b"*", b"0", b"-1", b"chunked", b"gzip", b"identity, chunked", b"100-continue", b"application/json",
    b"application/json; charset=utf-16", b"text/plain", b"multipart/form-data", b"Bearer", b"Bearer ", b"Basic Zm9v",
    b"bytes=0-", b"DELETE", b"close, upgrade", b"\xff\xfe\xfd", b"\xc3\xa9", b"a" * 3000, b"a" * 9000, b"1, 2, 3",
    b"\t x", b"::1", b"999.1.1.1", b"%00", b"key\x00key", b"12\x0b", b'"quoted', b"=?utf-8?q?x?=", b"localhost:99999",
    b"[::1",
)  # fmt: skip
METHODS = (
    b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"B\xe9B",
    b"X" * 40,
)  # fmt: skip
ODD_PATHS = (
    "/", "//", "/..", "/%00", "/%ff%fe", "/api", "/api/v1/", "/api/v1/ping/", "/api//v1/ping", "/api/v1/ping?%",
    "/docs/../docs", "/openapi.json?x=1", "*", "http://other/api/v1/ping", "/" + "a" * 1900, "/" + "a" * 3000,
    "/%2e%2e/%2e%2e", "/\\", "/;x=1", "/é",
)  # fmt: skip
QUERY = (
    "", "-1", "0", "1", "1001", "1e9", "abc", "%00", "%ff", "9" * 400, "1&limit=2", "%E2%80%AE", "٣", "true", "[]",
)  # fmt: skip
