"""Which addresses are not public, as tables.

    reasons(address) → (address, Row)…     every row that speaks against it, also for the IPv4 inside an IPv6
    check_address(text, policy)            refused unless the policy grants every one of them

The rows follow the IANA special-purpose registries (RFC 6890 and its updates). What no row names is public in IPv4,
where the rest of the space is in use; in IPv6 only 2000::/3 and two forms of IPv4 are (RFC 4291 §2.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

from ..errors import BlockedAddress
from ..values import dataclass
from .hosts import literal
from .policy import MediaPolicy

Address = IPv4Address | IPv6Address
Kind = Literal["private", "special", "metadata"]


@dataclass(frozen=True, slots=True)
class Row:
    """A network that is not public. `kind` says what opens it: see `policy`."""

    network: IPv4Network | IPv6Network
    what: str
    source: str
    kind: Kind


def _rows(kind: Kind, *rows: tuple[str, str, str]) -> tuple[Row, ...]:
    return tuple(Row(ip_network(network), what, source, kind) for network, what, source in rows)


# Clouds document these for the machines in them; most hand out credentials. They come first: they lie in others.
METADATA = _rows(
    "metadata",
    ("169.254.169.254/32", "a cloud metadata service", "AWS, Google Cloud, Azure, Oracle, OpenStack, …"),
    ("169.254.170.2/32", "a cloud credential service", "AWS ECS"),
    ("169.254.170.23/32", "a cloud credential service", "AWS EKS"),
    ("169.254.0.23/32", "a cloud metadata service", "Tencent Cloud"),
    ("100.100.100.200/32", "a cloud metadata service", "Alibaba Cloud"),
    ("168.63.129.16/32", "a cloud platform service", "Azure"),
    ("192.0.0.192/32", "a cloud metadata service", "Oracle Cloud Classic"),
    ("fd00:ec2::254/128", "a cloud metadata service", "AWS"),
    ("fd00:ec2::23/128", "a cloud credential service", "AWS EKS"),
    ("fd20:ce::254/128", "a cloud metadata service", "Google Cloud"),
    ("fd00:c1::a9fe:a9fe/128", "a cloud metadata service", "Oracle Cloud"),
)

PRIVATE = _rows(
    "private",
    ("10.0.0.0/8", "a private address", "RFC 1918"),
    ("172.16.0.0/12", "a private address", "RFC 1918"),
    ("192.168.0.0/16", "a private address", "RFC 1918"),
    ("127.0.0.0/8", "a loopback address", "RFC 1122 §3.2.1.3"),
    ("169.254.0.0/16", "a link-local address", "RFC 3927"),
    ("100.64.0.0/10", "a shared address behind carrier-grade NAT", "RFC 6598"),
    ("::1/128", "a loopback address", "RFC 4291 §2.5.3"),
    ("fe80::/10", "a link-local address", "RFC 4291 §2.5.6"),
    ("fc00::/7", "a unique local address", "RFC 4193"),
)

SPECIAL = _rows(
    "special",
    ("0.0.0.0/8", "an address of this network", "RFC 791 §3.2"),
    ("192.0.0.0/24", "a protocol assignment", "RFC 6890"),
    ("192.0.2.0/24", "a documentation address", "RFC 5737"),
    ("192.88.99.0/24", "a 6to4 relay address", "RFC 7526"),
    ("198.18.0.0/15", "a benchmarking address", "RFC 2544"),
    ("198.51.100.0/24", "a documentation address", "RFC 5737"),
    ("203.0.113.0/24", "a documentation address", "RFC 5737"),
    ("224.0.0.0/4", "a multicast address", "RFC 5771"),
    ("255.255.255.255/32", "the broadcast address", "RFC 919"),
    ("240.0.0.0/4", "a reserved address", "RFC 1112 §4"),
    ("::/128", "the unspecified address", "RFC 4291 §2.5.2"),
    ("::/96", "an IPv4-compatible address", "RFC 4291 §2.5.5.1"),
    ("::ffff:0:0:0/96", "an IPv4-translated address", "RFC 2765 §2.1"),
    ("64:ff9b:1::/48", "a local NAT64 address", "RFC 8215"),
    ("100::/64", "a discard-only address", "RFC 6666"),
    ("100:0:0:1::/64", "a dummy address", "RFC 9780"),
    ("2001::/32", "a Teredo address", "RFC 4380"),
    ("2001:2::/48", "a benchmarking address", "RFC 5180"),
    ("2001:10::/28", "an ORCHID", "RFC 4843"),
    ("2001:20::/28", "an ORCHIDv2", "RFC 7343"),
    ("2001:db8::/32", "a documentation address", "RFC 3849"),
    ("2001::/23", "a protocol assignment", "RFC 2928"),
    ("2002::/16", "a 6to4 address", "RFC 3056"),
    ("3ffe::/16", "a 6bone address", "RFC 3701"),
    ("3fff::/20", "a documentation address", "RFC 9637"),
    ("5f00::/16", "a segment identifier", "RFC 9602"),
    ("fec0::/10", "a site-local address", "RFC 3879"),
    ("ff00::/8", "a multicast address", "RFC 4291 §2.7"),
)

ROWS = METADATA + PRIVATE + SPECIAL
"""In order: the first row that holds an address names it."""

PUBLIC_V6 = tuple(map(IPv6Network, ("2000::/3", "::ffff:0:0/96", "64:ff9b::/96")))
"""Global unicast (RFC 4291 §2.4), IPv4-mapped (§2.5.5.2) and NAT64 (RFC 6052): the last two as their IPv4 is."""

OUTSIDE = Row(IPv6Network("::/0"), "outside the global unicast space", "RFC 4291 §2.4", "special")


# ── IPv4 inside IPv6 ─────────────────────────────────────────────────────────────────────────────


def _bits(address: IPv6Address, lowest: int) -> int:
    return int(address) >> lowest & 0xFFFF_FFFF


def _tail(address: IPv6Address) -> tuple[int, ...]:
    return (_bits(address, 0),)


def _compatible(address: IPv6Address) -> tuple[int, ...]:
    """Not of :: and ::1, which hold none (RFC 4291 §2.5.5.1)."""
    return (_bits(address, 0),) if int(address) > 1 else ()


def _nat64_48(address: IPv6Address) -> tuple[int, ...]:
    """Both layouts of RFC 6052 §2.2 that fit the prefix: 48 bits (around the zero octet 8) and 96 bits."""
    high, low = int(address) >> 64 & 0xFFFF, int(address) >> 40 & 0xFFFF
    return (high << 16 | low, _bits(address, 0))


def _isatap(address: IPv6Address) -> tuple[int, ...]:
    return (_bits(address, 0),) if _bits(address, 32) in (0x0000_5EFE, 0x0200_5EFE) else ()


EMBEDDED: tuple[tuple[IPv6Network, Callable[[IPv6Address], tuple[int, ...]]], ...] = (
    (IPv6Network("::ffff:0:0/96"), _tail),  # IPv4-mapped
    (IPv6Network("::ffff:0:0:0/96"), _tail),  # IPv4-translated
    (IPv6Network("::/96"), _compatible),  # IPv4-compatible
    (IPv6Network("64:ff9b::/96"), _tail),  # NAT64
    (IPv6Network("64:ff9b:1::/48"), _nat64_48),  # local NAT64
    (IPv6Network("2002::/16"), lambda address: (_bits(address, 80),)),  # 6to4
    (  # Teredo: the server, and the client with its bits inverted
        IPv6Network("2001::/32"),
        lambda address: (_bits(address, 64), _bits(address, 0) ^ 0xFFFF_FFFF),
    ),
    (IPv6Network("::/0"), _isatap),  # ISATAP (RFC 5214 §6.1), under any prefix
)


def embedded(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that traffic to this address may be handed on to."""
    for network, read in EMBEDDED:
        if address in network:
            yield from map(IPv4Address, read(address))


# ── the verdict ──────────────────────────────────────────────────────────────────────────────────


def reasons(address: Address) -> Iterator[tuple[Address, Row]]:
    """Everything that speaks against an address, outermost first. Nothing: it is public."""
    if row := next((row for row in ROWS if address in row.network), None):
        yield address, row
    elif isinstance(address, IPv6Address) and not any(address in network for network in PUBLIC_V6):
        yield address, OUTSIDE
    if isinstance(address, IPv6Address):
        for inner in embedded(address):
            yield from reasons(inner)


def check_address(
    address: str,
    policy: MediaPolicy,
    *,
    host: str | None = None,
    url: str | None = None,
    where: str | None = None,
) -> None:
    """Refuse an address that is neither public nor granted by the policy.

    Args:
        address: an IPv4 or IPv6 address, as text.
        policy: what is granted.
        host: the name that led to it, which the policy may grant.
        url: how to name the URL in the error: its safe form.
        where: the place of the medium in the messages.

    Raises:
        BlockedAddress: it is refused, or not an address.
    """
    shown = url or host or address
    try:
        if "%" in address:
            raise ValueError("a zone id")
        found = ip_address(address)
    except ValueError:
        raise BlockedAddress(f"{shown} leads to {address!r:.60}, not an IP address", where=where) from None
    for inner, row in reasons(found):
        if not _granted(policy, host, inner, row):
            raise BlockedAddress(_refusal(shown, found, inner, row, host), where=where)


def _granted(policy: MediaPolicy, host: str | None, address: Address, row: Row) -> bool:
    if policy.opens_address(address):
        return True
    if row.kind == "metadata":
        return False
    if policy.opens_network(address):
        return True
    return row.kind == "private" and (policy.opens_private or (host is not None and policy.opens_host(host)))


def _refusal(shown: str, found: Address, inner: Address, row: Row, host: str | None) -> str:
    through = "" if inner == found else f" and so to {inner}"
    grant = host if row.kind == "private" and host and literal(host) is None else str(inner)
    return (
        f"{shown} leads to {found}{through}, {row.what} ({row.source}), which is refused. "
        f'If it is meant: MediaPolicy(allow_private_hosts={{"{grant}"}})'
    )
