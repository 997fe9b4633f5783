"""One spelling of a host, or none.

as written                canonical           why
──────────                ─────────           ───
Example.COM.              example.com         case and the root dot mean nothing to DNS
bücher.example            xn--bcher-kva.…     UTS 46, non-transitional, as browsers do
１２７。0。0。1           127.0.0.1           mapped first, judged afterwards
[2001:DB8::1]             2001:db8::1         brackets belong to the URL
127.1  0x7f.1  2130706433 refused             inet_aton(3) reads them as 127.0.0.1, others do not
fe80::1%eth0  a%2eb       refused             zone ids and percent-encoding have no public meaning
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

MAX_HOST_CHARS = 253
"""RFC 1035 §2.3.4, without the root dot."""

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
"""RFC 1123 §2.1, and the underscore that some buckets and services carry."""

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
"""A last label by which resolvers take the whole host for an IPv4 address (WHATWG URL, "ends in a number")."""


def canonical(host: str) -> str:
    """The one spelling of a host name, IPv4 address or (in brackets) IPv6 address.

    Raises:
        ValueError: it has none; the message says why and does not repeat the host.
    """
    if host.startswith("[") or host.endswith("]"):
        return _v6(host)
    if not host:
        raise ValueError("it has no host")
    if len(host) > MAX_HOST_CHARS + 1:
        raise ValueError("its host is too long")
    if "%" in host:
        raise ValueError("its host is percent-encoded")
    name = (host.lower() if host.isascii() else _ascii(host)).removesuffix(".")
    labels = name.split(".")
    if len(name) > MAX_HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("its host is not a host name or address")
    return _v4(name) if _NUMBER.fullmatch(labels[-1]) else name


def literal(host: str) -> str | None:
    """The host again if it is an address in canonical form, else None."""
    try:
        return str(IPv6Address(host) if ":" in host else IPv4Address(host))
    except AddressValueError:
        return None


def _v4(name: str) -> str:
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        raise ValueError(
            "its host is a number in a form that programs read differently: write it as four decimal numbers"
        ) from None


def _v6(host: str) -> str:
    inner = host.removeprefix("[").removesuffix("]")
    if "%" in inner:
        raise ValueError("its host has a zone id")
    try:
        if host != f"[{inner}]" or not host.isascii():
            raise AddressValueError
        return str(IPv6Address(inner))
    except AddressValueError:
        raise ValueError("its host in brackets is not an IPv6 address") from None


def _ascii(host: str) -> str:
    # The tables are large and most hosts are ASCII.
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except UnicodeError:
        raise ValueError("its host is not a valid international name (IDNA)") from None
