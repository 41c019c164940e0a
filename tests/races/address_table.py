"""P7: sixty callers, each with allowlist, peer, headers, and what the gateway must see and do.

Behind trusted proxies 10.0.0.0/8 and fd00::/8. ``seen`` ends in the address, or in the last word of "an address
that the proxy did not name".
"""

from __future__ import annotations

from typing import NamedTuple

P = "10.0.0.1"
UNNAMED = "refused name"


class Row(NamedTuple):
    allow: str
    peer: str
    forwarded: tuple[str, ...]
    seen: str


def _direct(allow: str, peer: str, seen: str) -> Row:
    return Row(allow, peer, (), seen)


def _through(allow: str, forwarded: str, seen: str) -> Row:
    """A caller behind one proxy; ``|`` parts two headers."""
    return Row(allow, P, tuple(forwarded.split("|")), seen)


A, B, NET, V6 = "192.0.2.7", "198.51.100.9", "192.0.2.0/24", "2001:db8:1::/48"
TABLE = (
    # no proxy: the peer is the caller, whatever a header says
    _direct("", A, f"served {A}"),
    _direct(A, A, f"served {A}"),
    _direct(B, A, f"refused {A}"),
    _direct(NET, A, f"served {A}"),
    _direct(NET, "192.0.3.7", "refused 192.0.3.7"),
    _direct(NET, "192.0.2.0", "served 192.0.2.0"),
    _direct(NET, "192.0.2.255", "served 192.0.2.255"),
    _direct("192.0.2.6/31", A, f"served {A}"),
    _direct("192.0.2.8/31", A, f"refused {A}"),
    _direct(f"{B} {NET}", A, f"served {A}"),
    _direct("::ffff:192.0.2.7", A, f"served {A}"),
    _direct("::ffff:192.0.2.0/120", A, f"served {A}"),
    _direct(NET, "::ffff:192.0.2.7", f"served {A}"),
    _direct(NET, "::ffff:198.51.100.9", f"refused {B}"),
    _direct(V6, "2001:db8:1::7", "served 2001:db8:1::7"),
    _direct(V6, "2001:db8:2::7", "refused 2001:db8:2::7"),
    _direct(V6, "2001:db8:1:ffff:ffff:ffff:ffff:ffff", "served 2001:db8:1:ffff:ffff:ffff:ffff:ffff"),
    _direct("2001:DB8:1:0:0:0:0:7", "2001:db8:1::7", "served 2001:db8:1::7"),
    _direct(V6, A, f"refused {A}"),
    _direct(NET, "2001:db8:1::7", "refused 2001:db8:1::7"),
    Row(B, A, (B,), f"refused {A}"),
    Row(A, A, (B,), f"served {A}"),
    Row(A, A, ("rubbish",), f"served {A}"),
    Row(B, A, (f"{B}, 10.0.0.2",), f"refused {A}"),
    # one proxy: it names the caller
    _through("", A, f"served {A}"),
    _through(A, A, f"served {A}"),
    _through(B, A, f"refused {A}"),
    _through(NET, A, f"served {A}"),
    _through(P, A, f"refused {A}"),
    _through(A, f" {A} ", f"served {A}"),
    _through(A, "::ffff:192.0.2.7", f"served {A}"),
    _through(V6, "2001:db8:1::7", "served 2001:db8:1::7"),
    _through(V6, "2001:DB8:1:0::7", "served 2001:db8:1::7"),
    Row(A, "fd00::1", (A,), f"served {A}"),
    Row(A, "::ffff:10.0.0.1", (A,), f"served {A}"),
    # what stands further left, the caller wrote
    _through(B, f"{B}, {A}", f"refused {A}"),
    _through(A, f"{B}, {A}", f"served {A}"),
    _through(B, f"{B},{B},{A}", f"refused {A}"),
    _through(B, f"{B}|{A}", f"refused {A}"),
    _through(A, f"{B}|{A}", f"served {A}"),
    _through(A, f"rubbish, {A}", f"served {A}"),
    _through(A, f", {A}", f"served {A}"),
    _through(A, f"127.0.0.1, {A}", f"served {A}"),
    _through("127.0.0.1", f"127.0.0.1, {A}", f"refused {A}"),
    # more proxies: trusted hops are skipped
    _through(A, f"{A}, 10.0.0.2", f"served {A}"),
    _through(A, f"{A}, 10.0.0.3, 10.0.0.2", f"served {A}"),
    _through(A, f"{A}|10.0.0.3, 10.0.0.2", f"served {A}"),
    _through(A, f"{A}, fd00::2", f"served {A}"),
    _through(B, f"{B}, {A}, 10.0.0.2", f"refused {A}"),
    _through("10.0.0.9", "10.0.0.9, 10.0.0.2", "served 10.0.0.9"),
    _through(A, "10.0.0.9", "refused 10.0.0.9"),
    # a proxy that does not say, or says what cannot be read
    Row("", P, (), UNNAMED),
    Row(P, P, (), UNNAMED),
    _through("", "", UNNAMED),
    _through("", "unknown", UNNAMED),
    _through("", f"{A},", UNNAMED),
    _through(A, f"{A}:8080", UNNAMED),
    _through(A, f"[{A}]", UNNAMED),
    _through(A, f"{A}, rubbish", UNNAMED),
    _through(A, "192.0.2.07", UNNAMED),
)
