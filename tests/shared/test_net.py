"""Allowlists and client addresses, as tables."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.net import (
    AllowlistError,
    ClientAddressError,
    client_address,
    contains,
    parse_allowlist,
    plain_address,
)

# The table of promise P7: what is written, who calls, who gets in.
ADDRESS_TABLE = [
    ("", "198.51.100.7", True),
    ("# nobody yet", "198.51.100.7", True),
    ("\n\r\n \t\n", "2001:db8::1", True),
    ("198.51.100.7", "198.51.100.7", True),
    ("198.51.100.7", "198.51.100.8", False),
    ("198.51.100.7", "198.51.100.6", False),
    ("198.51.100.7/32", "198.51.100.7", True),
    ("198.51.100.7/32", "198.51.100.8", False),
    ("  198.51.100.7  # office", "198.51.100.7", True),
    ("198.51.100.7#office", "198.51.100.7", True),
    ("# 198.51.100.8\n198.51.100.7", "198.51.100.8", False),
    ("198.51.100.0/24", "198.51.100.0", True),
    ("198.51.100.0/24", "198.51.100.255", True),
    ("198.51.100.0/24", "198.51.101.0", False),
    ("198.51.100.0/24", "198.51.99.255", False),
    ("198.51.100.128/25", "198.51.100.127", False),
    ("198.51.100.128/25", "198.51.100.128", True),
    ("198.51.100.128/31", "198.51.100.129", True),
    ("198.51.100.128/31", "198.51.100.130", False),
    ("10.0.0.0/8", "10.255.255.255", True),
    ("10.0.0.0/8", "11.0.0.0", False),
    ("128.0.0.0/1", "255.255.255.255", True),
    ("128.0.0.0/1", "127.255.255.255", False),
    ("198.51.100.7\n203.0.113.9", "203.0.113.9", True),
    ("198.51.100.7\r\n203.0.113.9\r\n", "203.0.113.9", True),
    ("198.51.100.7\r203.0.113.9", "203.0.113.9", True),
    ("198.51.100.7\n203.0.113.9", "203.0.113.8", False),
    ("198.51.100.0/24\n198.51.100.7", "198.51.100.9", True),
    ("198.51.100.7", "::ffff:198.51.100.7", True),
    ("198.51.100.7", "::ffff:c633:6407", True),
    ("198.51.100.7", "::ffff:198.51.100.8", False),
    ("198.51.100.0/24", "::ffff:198.51.100.99", True),
    ("198.51.100.0/24", "::ffff:198.51.101.99", False),
    ("::ffff:198.51.100.7", "198.51.100.7", True),
    ("::ffff:198.51.100.7", "::ffff:198.51.100.7", True),
    ("::ffff:198.51.100.7", "198.51.100.8", False),
    ("::FFFF:C633:6407", "198.51.100.7", True),
    ("::ffff:198.51.100.0/120", "198.51.100.200", True),
    ("::ffff:198.51.100.0/120", "198.51.101.0", False),
    ("::ffff:10.0.0.0/104", "10.9.8.7", True),
    ("::ffff:10.0.0.0/104", "11.0.0.0", False),
    ("::ffff:128.0.0.0/97", "200.0.0.1", True),
    ("2001:db8::1", "2001:db8::1", True),
    ("2001:db8::1", "2001:db8::2", False),
    ("2001:db8::1", "2001:DB8:0:0::1", True),
    ("2001:0db8:0000::0001", "2001:db8::1", True),
    ("2001:db8::1/128", "2001:db8::1", True),
    ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True),
    ("2001:db8::/32", "2001:db9::", False),
    ("2001:db8::/64", "2001:db8:0:1::", False),
    ("2001:db8:0:0:8000::/65", "2001:db8::7fff:0:0:0", False),
    ("2001:db8:0:0:8000::/65", "2001:db8::8000:0:0:1", True),
    ("2001:db8::/32", "32.1.13.184", False),
    ("2001:db8::/32", "::ffff:32.1.13.184", False),
    ("::1", "127.0.0.1", False),
    ("127.0.0.1", "::1", False),
    ("::198.51.100.7", "198.51.100.7", False),
    ("64:ff9b::/96", "64:ff9b::198.51.100.7", True),
    ("64:ff9b::/96", "198.51.100.7", False),
    ("::/1", "198.51.100.7", False),
    ("::/1", "::ffff:198.51.100.7", False),
    ("fe80::1", "fe80::1%eth0", True),
    ("fe80::/10", "fe80::1%eth0", True),
    ("fe80::2", "fe80::1%2", False),
]

REFUSED = [
    ("198.51.100.7/24", "write 198.51.100.0/24 for the block or 198.51.100.7 for the address"),
    ("2001:db8::1/64", "write 2001:db8::/64 for the block or 2001:db8::1 for the address"),
    ("::ffff:198.51.100.7/120", "write 198.51.100.0/24 for the block or 198.51.100.7 for the address"),
    ("198.51.100.7:443", "write the address alone"),
    ("[2001:db8::1]:443", "write the address alone"),
    ("[2001:db8::1]", "write the address alone"),
    ("198.51.100.7:443/32", "write the address alone"),
    ("198.051.100.7", "write 7 instead of 007"),
    ("198.51.100.007", "write 7 instead of 007"),
    ("010.0.0.1", "write 7 instead of 007"),
    ("010.0.0.0/8", "write 7 instead of 007"),
    ("::ffff:010.0.0.1", "write 7 instead of 007"),
    ("198.51.100.00", "write 7 instead of 007"),
    ("fe80::1%eth0", "write the address without it"),
    ("fe80::%1/64", "write the address without it"),
    ("0.0.0.0/0", "empty the list to admit every address"),
    ("198.51.100.7/0", "empty the list to admit every address"),
    ("::/0", "empty the list to admit every address"),
    ("::ffff:0:0/96", "empty the list to admit every address"),
    ("198.51.100.0/255.255.255.0", "write 198.51.100.0/24"),
    ("198.51.100.0/0.0.0.255", "write 198.51.100.0/24"),
    ("198.51.100.7/255.255.255.0", "write 198.51.100.0/24"),
    ("198.51.100.0/255.0.255.0", "write the length of the prefix"),
    ("2001:db8::/ffff:ffff::", "write the length of the prefix"),
    ("198.51.100.0/024", "write it without"),
    ("198.51.100.0/33", "write one like"),
    ("2001:db8::/129", "write one like"),
    ("198.51.100.0/", "write one like"),
    ("198.51.100.0/-1", "write one like"),
    ("198.51.100.0/+24", "write one like"),
    ("198.51.100.0/24/24", "write one like"),
    ("198.51.100", "write one like"),
    ("198.51.100.256", "write one like"),
    ("3325256711", "write one like"),
    ("0xc6336407", "write one like"),
    ("2001:db8::1::2", "write one like"),
    ("partner.example", "write one like"),
    ("198.51.100.*", "write one like"),
    ("198.51.100.1-198.51.100.9", "write one like"),
    ("\uff11\uff19\uff18.51.100.7", "write one like"),
    ("198.51.100.7\x00", "write one like"),
    ("198.51.100.7, 198.51.100.8", "one address or block per line"),
    ("198.51.100.7,198.51.100.8", "one address or block per line"),
    ("198.51.100.7 198.51.100.8", "one address or block per line"),
    ("allow\x0b198.51.100.7", "one address or block per line"),
]

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:aaaa::/48"), ip_network("::ffff:192.0.2.0/120")]

CALLERS = [
    ("198.51.100.7", [], "198.51.100.7"),
    ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
    ("198.51.100.7", ["rubbish"], "198.51.100.7"),
    ("::ffff:198.51.100.7", [], "198.51.100.7"),
    ("fe80::1%eth0", [], "fe80::1"),
    ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
    ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
    ("192.0.2.1", ["198.51.100.7"], "198.51.100.7"),
    ("2001:db8:aaaa::1", ["2001:db8::7"], "2001:db8::7"),
    ("10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", ["203.0.113.9,198.51.100.7 ,\t10.0.0.2"], "198.51.100.7"),
    ("10.0.0.1", ["203.0.113.9, 198.51.100.7", "10.0.0.3, 10.0.0.2"], "198.51.100.7"),
    ("10.0.0.1", ["<script>, 198.51.100.7"], "198.51.100.7"),
    ("10.0.0.1", [", , 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
    ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
]

UNTOLD = [
    ("", []),
    ("unix:", ["198.51.100.7"]),
    ("10.0.0.1", []),
    ("10.0.0.1", [""]),
    ("10.0.0.1", ["unknown"]),
    ("10.0.0.1", ["198.51.100.7:4711"]),
    ("10.0.0.1", ["[2001:db8::7]"]),
    ("10.0.0.1", ["198.51.100.7,"]),
    ("10.0.0.1", ["198.51.100.7", ""]),
    ("10.0.0.1", ["198.51.100.7, , 10.0.0.2"]),
    ("10.0.0.1", ["198.051.100.7"]),
    ("10.0.0.1", ["198.51.100.7;10.0.0.2"]),
]

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


def test_the_address_table_has_the_size_that_was_promised() -> None:
    assert len(ADDRESS_TABLE) >= 60
    assert len({(text, address) for text, address, _ in ADDRESS_TABLE}) == len(ADDRESS_TABLE)


@pytest.mark.parametrize(("text", "address", "admitted"), ADDRESS_TABLE)
def test_an_allowlist_admits_exactly_what_it_lists(text: str, address: str, admitted: bool) -> None:  # noqa: FBT001
    assert contains(parse_allowlist(text), ip_address(address)) is admitted


@pytest.mark.parametrize(("entry", "fix"), REFUSED)
def test_a_doubtful_entry_is_refused_with_its_line_and_the_fix(entry: str, fix: str) -> None:
    with pytest.raises(AllowlistError) as refusal:
        parse_allowlist(f"# partner\n198.51.100.1\n{entry} # new")
    [(line, sentence)] = refusal.value.problems
    assert line == 3
    assert fix in sentence
    assert str(refusal.value).startswith("Line 3: ")


def test_every_bad_line_is_named_at_once() -> None:
    with pytest.raises(AllowlistError) as refusal:
        parse_allowlist("nonsense\r\n198.51.100.1\r\n\r\n0.0.0.0/0\r\n" + "x" * 5_000)
    assert [line for line, _ in refusal.value.problems] == [1, 4, 5]
    assert len(str(refusal.value)) < 500


def test_a_form_feed_does_not_end_a_comment() -> None:
    assert parse_allowlist("# old:\x0c198.51.100.7\u2028198.51.100.8") == []


def test_blocks_keep_their_order_and_mapped_ones_become_ipv4() -> None:
    blocks = parse_allowlist("2001:db8::/32\n::ffff:10.0.0.0/104\n198.51.100.7")
    assert list(map(str, blocks)) == ["2001:db8::/32", "10.0.0.0/8", "198.51.100.7/32"]


@given(address=addresses)
def test_a_listed_address_is_admitted_in_either_spelling(address: IPv4Address | IPv6Address) -> None:
    block = parse_allowlist(str(address))
    assert contains(block, address)
    if isinstance(address, IPv4Address):
        assert contains(block, IPv6Address(f"::ffff:{address}"))


@given(network=addresses, prefix=st.integers(1, 128), caller=addresses)
def test_membership_equals_comparing_the_leading_bits(
    network: IPv4Address | IPv6Address,
    prefix: int,
    caller: IPv4Address | IPv6Address,
) -> None:
    network, caller = plain_address(network), plain_address(caller)
    shift = network.max_prefixlen - min(prefix, network.max_prefixlen)
    start = type(network)(int(network) >> shift << shift)
    blocks = parse_allowlist(f"{start}/{network.max_prefixlen - shift}")
    same = caller.version == network.version and int(caller) >> shift == int(network) >> shift
    assert contains(blocks, caller) is same


@pytest.mark.parametrize(("peer", "headers", "caller"), CALLERS)
def test_the_caller_is_found_from_the_right(peer: str, headers: list[str], caller: str) -> None:
    assert client_address(peer, headers, PROXIES) == ip_address(caller)


@pytest.mark.parametrize(("peer", "headers"), UNTOLD)
def test_a_caller_who_cannot_be_told_is_refused(peer: str, headers: list[str]) -> None:
    with pytest.raises(ClientAddressError):
        client_address(peer, headers, PROXIES)


def test_without_trusted_proxies_a_header_is_never_believed() -> None:
    assert client_address("10.0.0.1", ["198.51.100.7"], []) == ip_address("10.0.0.1")


@given(junk=st.text(max_size=60))
def test_what_a_caller_writes_never_becomes_the_address(junk: str) -> None:
    told = client_address("10.0.0.1", [junk, "198.51.100.7"], PROXIES)
    assert told == ip_address("198.51.100.7")
