"""For any URL and any address: a typed error, or something public."""

from __future__ import annotations

import ipaddress
import struct

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instructor.errors import BlockedAddress, FetchError
from instructor.fetch import MediaPolicy, Target, check_address, check_url, safe_url
from instructor.fetch.networks import PUBLIC_V6, ROWS, Address

POLICY = MediaPolicy()

many = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])

V4_ROWS = [row.network for row in ROWS if isinstance(row.network, ipaddress.IPv4Network)]
V6_ROWS = [row.network for row in ROWS if isinstance(row.network, ipaddress.IPv6Network)]


blocked_v4 = st.sampled_from(V4_ROWS).flatmap(
    lambda network: st.integers(int(network[0]), int(network[-1])).map(ipaddress.IPv4Address)
)
blocked_v6 = st.sampled_from(V6_ROWS).flatmap(
    lambda network: st.integers(int(network[0]), int(network[-1])).map(ipaddress.IPv6Address)
)
any_v4 = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
any_v6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)


def judge(url: str) -> Target | None:
    """The target, or None for a typed error. Anything else fails the test."""
    try:
        return check_url(url, POLICY)
    except FetchError:
        return None


def is_public(address: Address) -> bool:
    """Said once more, and differently, by the standard library."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return address.is_global and not (address.is_multicast or address.sixtofour or address.teredo)


def passes(address: str) -> bool:
    try:
        check_address(address, POLICY)
    except BlockedAddress:
        return False
    return True


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


@many
@given(st.one_of(blocked_v4, blocked_v6))
def test_no_address_in_the_tables_passes(address: Address) -> None:
    assert not passes(str(address))


@many
@given(st.one_of(any_v4, any_v6, st.integers(1 << 125, (1 << 126) - 1).map(ipaddress.IPv6Address)))
def test_what_passes_is_public(address: Address) -> None:
    if passes(str(address)):
        assert is_public(address)
        assert not any(address in row.network for row in ROWS)
        assert address.version == 4 or any(address in network for network in PUBLIC_V6)


def wrapped(inner: ipaddress.IPv4Address) -> list[ipaddress.IPv6Address]:
    """Every IPv6 address that hands traffic on to this IPv4 address."""
    number = int(inner)
    prefixes = {"::ffff:0:0": 0, "64:ff9b::": 0, "64:ff9b:1::": 0, "::ffff:0:0:0": 0, "::": 0, "2002::": 80}
    plain = [int(ipaddress.IPv6Address(prefix)) + (number << bits) for prefix, bits in prefixes.items()]
    teredo = int(ipaddress.IPv6Address("2001::")) + (number ^ 0xFFFF_FFFF)
    isatap = int(ipaddress.IPv6Address("2606:4700::5efe:0:0")) + number
    return [ipaddress.IPv6Address(value) for value in (*plain, teredo, isatap)]


@many
@given(blocked_v4)
def test_no_wrapping_hides_an_address(inner: ipaddress.IPv4Address) -> None:
    for address in wrapped(inner):
        assert not passes(str(address))
        assert judge(f"https://[{address.exploded}]/") is None


# ── URLs ─────────────────────────────────────────────────────────────────────────────────────────

PIECES = [
    *("http", "https", "HTTP", "file", "gopher", ":", "://", ":/", "/", "//", "\\", "@", "#", "?", "&", "%", "."),
    *("[", "]", "::1", "[::1]", "[::ffff:127.0.0.1]", "%25eth0", "127.0.0.1", "127.1", "0x7f", "2130706433", "0177"),
    *("localhost", "example.com", "xn--", "。", "．", "１", "①", "ſ", "K", "\u00ad", "\u200d", "\u202e", "%2e", "%00"),
    *(":80", ":0", ":99999", ":443", "user:pass", "\t", "\n", " ", "\x00", "\ud800", "é", "ß", "☃", "a" * 64, "-", "_"),
]
soup = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
urls = st.one_of(
    st.text(max_size=80),
    soup,
    soup.map("https://".__add__),
    st.text(max_size=40).map("http://".__add__),
    st.tuples(st.text(max_size=20), st.text(max_size=20), soup).map(lambda t: f"https://{t[0]}.{t[1]}/{t[2]}"),
    st.builds("http://{}{}".format, st.sampled_from(["a.example/", "8.8.8.8/", "[2606:4700::1]/"]), st.text()),
)


@settings(many, max_examples=10_000)
@given(urls)
def test_any_text_is_a_public_target_or_a_typed_error(url: str) -> None:
    target = judge(url)
    assert safe_url(url).isprintable()
    if target is None:
        return
    assert target.url.isascii()
    assert target.url.isprintable()
    assert target.host not in ("localhost", "")
    assert check_url(target.url, POLICY) == target
    if target.address:
        assert passes(target.address)


@settings(many, max_examples=3000)
@given(urls)
def test_the_http_client_reads_the_same_url(url: str) -> None:
    target = judge(url)
    if target is None:
        return
    read = httpx2.URL(target.url)
    assert (read.scheme, read.raw_host.decode(), read.userinfo) == (target.scheme, target.host, b"")
    assert (read.port or {"http": 80, "https": 443}[read.scheme]) == target.port


def spellings(address: ipaddress.IPv4Address) -> list[str]:
    """What inet_aton(3) takes for an address."""
    a, b, c, d = struct.unpack("BBBB", address.packed)
    whole, tail3, tail2 = int(address), b << 16 | c << 8 | d, c << 8 | d
    return [
        *(f"{whole}", f"{whole:#x}", f"0{whole:o}", f"{a}.{tail3}", f"{a}.{b}.{tail2}", f"{a:#x}.{tail3:#x}"),
        *(f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"00{a}.{b}.{c}.{d}", f"{a}.{b}.{c}.{d:#x}"),
        *(f"{a}.{b}.{c}.{d}", f"{a}.{b}.{c}.{d}.", f"{a}。{b}．{c}.{d}", f"[::ffff:{a}.{b}.{c}.{d}]"),
        f"{a}.{b}.{c}.{d}".translate({48 + n: 0xFF10 + n for n in range(10)}),
    ]


@many
@given(blocked_v4)
def test_no_spelling_hides_an_address(address: ipaddress.IPv4Address) -> None:
    for host in spellings(address):
        for policy in (POLICY, MediaPolicy(schemes={"http"})):
            try:
                target = check_url(f"http://{host}/", policy)
            except FetchError:
                continue
            raise AssertionError(f"{host} passed as {target.host}")


@many
@given(any_v4)
def test_a_public_address_means_itself(address: ipaddress.IPv4Address) -> None:
    for host in spellings(address):
        target = judge(f"http://{host}/")
        if target and ":" not in target.host:
            assert target.address == str(address)
