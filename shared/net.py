"""Addresses: reading an allowlist, asking whether it admits an address, finding the caller behind proxies."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_interface, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAPPED_BITS = 96  # ::ffff:0:0/96 is where IPv6 keeps the IPv4 addresses (RFC 4291, 2.5.5.2)
LONGEST_ENTRY = 64  # what is quoted back of a line; no address is longer than 45 characters
ZERO_LED_OCTET = re.compile(r"(?<![0-9a-f])0[0-9]+\.|\.0[0-9]+", re.IGNORECASE)
LINE_END = re.compile(r"\r\n?|\n")  # str.splitlines has more, and a form feed would end a comment unseen
PORT = re.compile(r"\]:[0-9]+$|^[0-9.]+:[0-9]+$")


class AllowlistError(ValueError):
    """An allowlist cannot be saved; ``problems`` pairs each bad line's number, from 1, with the fix."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__(" ".join(f"Line {number}: {sentence}" for number, sentence in problems))
        self.problems = list(problems)


class ClientAddressError(ValueError):
    """Who called cannot be told, so the call must be refused (GATEWAY 8)."""


def plain_address(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped IPv6 ``address``, any other without its zone."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


def plain_network(network: Network) -> Network:
    """Return the IPv4 block inside an IPv4-mapped ``network`` of 96 bits or more, any other unchanged."""
    if isinstance(network, IPv4Network) or network.prefixlen < MAPPED_BITS:
        return network
    inner = network.network_address.ipv4_mapped
    return network if inner is None else IPv4Network((inner, network.prefixlen - MAPPED_BITS))


def contains(networks: Sequence[Network], address: Address) -> bool:
    """Tell whether an allowlist admits ``address``; an empty one admits every address (SPEC 2, GATEWAY 8)."""
    return not networks or _is_in(networks, plain_address(address))


def parse_allowlist(text: str) -> list[Network]:
    """Read addresses and CIDR blocks, one per line, with ``#`` comments (SPEC 2, GATEWAY 8).

    Returns the blocks in the order written, IPv4-mapped ones as IPv4; an address is a block of one.

    Raises:
        AllowlistError: naming every line that is not exactly one block, with the fix.

    """
    networks: list[Network] = []
    problems: list[tuple[int, str]] = []
    for number, line in enumerate(LINE_END.split(text), start=1):
        entry = line.partition("#")[0].strip()
        try:
            if entry:
                networks.append(_read_entry(entry))
        except ValueError as problem:
            problems.append((number, str(problem)))
    if problems:
        raise AllowlistError(problems)
    return networks


def client_address(peer: str, forwarded_for: Iterable[str], trusted: Sequence[Network]) -> Address:
    """Return the address of the caller: the peer, or behind trusted proxies what they say it is (GATEWAY 8).

    ``forwarded_for`` holds the ``X-Forwarded-For`` headers in the order received. They are read from the
    right and only as far as trusted hops reach: what stands further left the caller wrote at will.
    When every hop is trusted, the leftmost one is the caller.

    Raises:
        ClientAddressError: the peer is no address, or a trusted proxy sent no header or a broken one.

    """
    address = _read_hop(peer, "The peer")
    if not _is_in(trusted, address):
        return address
    hops = [hop for header in forwarded_for for hop in header.split(",")]
    if not hops:
        raise ClientAddressError("A trusted proxy sent no X-Forwarded-For header.")
    for hop in reversed(hops):
        address = _read_hop(hop.strip(), "A hop in X-Forwarded-For")
        if not _is_in(trusted, address):
            break
    return address


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Tell whether ``peer`` is a trusted proxy, whose word on address and scheme counts (GATEWAY 8)."""
    try:
        return _is_in(trusted, _read_hop(peer, "The peer"))
    except ClientAddressError:
        return False


def _is_in(networks: Iterable[Network], address: Address) -> bool:
    return any(address in plain_network(network) for network in networks)


def _read_hop(text: str, what: str) -> Address:
    try:
        return plain_address(ip_address(text))
    except ValueError:
        raise ClientAddressError(f"{what} is not an IP address.") from None


def _read_entry(entry: str) -> Network:
    """Return the block ``entry`` stands for, or raise ValueError with a sentence that says what to write."""
    shown = repr(entry[:LONGEST_ENTRY])
    _refuse_notation(entry, shown)
    try:
        interface = ip_interface(entry)
    except ValueError:
        raise ValueError(f"{shown} is no address or block; write one like 192.0.2.0/24.") from None
    block = plain_network(interface.network)
    if block.prefixlen == 0:
        raise ValueError(f"{shown} is every address; empty the list to admit every address.")
    if interface.ip != interface.network.network_address:
        alone = plain_address(interface.ip)
        raise ValueError(f"{shown} has host bits; write {block} for the block or {alone} for the address.")
    return block


def _refuse_notation(entry: str, shown: str) -> None:
    """Refuse what the standard library would read, or would refuse without saying what to write."""
    address, slash, prefix = entry.partition("/")
    if len(entry.replace(",", " ").split()) > 1:
        raise ValueError(f"{shown} is more than one entry; write one address or block per line.")
    if "%" in entry:
        raise ValueError(f"{shown} has a zone id, known to one machine only; write the address without it.")
    if PORT.search(address):
        raise ValueError(f"{shown} has a port; write the address alone.")
    if "[" in entry or "]" in entry:
        raise ValueError(f"{shown} has brackets; write the address alone.")
    if ZERO_LED_OCTET.search(address):
        raise ValueError(f"{shown} has a leading zero, which some read as octal; write 7 instead of 007.")
    if slash and ("." in prefix or ":" in prefix):
        raise ValueError(f"{shown} has a mask behind the slash; {_as_prefix(address, prefix)}.")
    if len(prefix) > 1 and prefix.startswith("0"):
        raise ValueError(f"{shown} has a prefix length with a leading zero; write it without.")


def _as_prefix(address: str, mask: str) -> str:
    """Return the advice for an address with a netmask or hostmask."""
    try:
        return f"write {ip_network(f'{address}/{mask}', strict=False)}"
    except ValueError:
        return "write the length of the prefix, such as /24"
