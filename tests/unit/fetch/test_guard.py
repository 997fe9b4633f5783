"""URLs that are fetched, how they are spelt then, what errors show, and what a policy opens."""

from __future__ import annotations

import ipaddress
import re

import pytest

from instructor.errors import BlockedAddress, FetchError
from instructor.fetch import MediaPolicy, check_address, check_url, safe_url
from instructor.fetch.networks import EMBEDDED, METADATA, PRIVATE, ROWS, SPECIAL, embedded

# (as given, as fetched, host, port)
GOOD = [
    ("https://example.com", "https://example.com/", "example.com", 443),
    ("http://example.com", "http://example.com/", "example.com", 80),
    ("HTTPS://EXAMPLE.COM/A", "https://example.com/A", "example.com", 443),
    ("https://example.com./a", "https://example.com/a", "example.com", 443),
    ("https://example.com:443/a", "https://example.com/a", "example.com", 443),
    ("https://example.com:/a", "https://example.com/a", "example.com", 443),
    ("https://example.com:8443/a", "https://example.com:8443/a", "example.com", 8443),
    ("http://example.com:443/a", "http://example.com:443/a", "example.com", 443),
    ("https://example.com?x=1", "https://example.com/?x=1", "example.com", 443),
    ("https://example.com#x", "https://example.com/", "example.com", 443),
    ("https://example.com/a?", "https://example.com/a?", "example.com", 443),
    ("https://example.com/a?b=@c:d//e\\f", "https://example.com/a?b=@c:d//e%5Cf", "example.com", 443),
    ("https://example.com/@user/a.png", "https://example.com/@user/a.png", "example.com", 443),
    ("https://example.com/a b.png", "https://example.com/a%20b.png", "example.com", 443),
    ("https://example.com/a%20b%zz.png", "https://example.com/a%20b%zz.png", "example.com", 443),
    ("https://example.com/ü.png?q=é", "https://example.com/%C3%BC.png?q=%C3%A9", "example.com", 443),
    ("https://example.com/(a)[1],~!$&'*+;=|^", "https://example.com/(a)[1],~!$&'*+;=|^", "example.com", 443),
    ("https://bücher.example.org/", "https://xn--bcher-kva.example.org/", "xn--bcher-kva.example.org", 443),
    ("https://faß.example.org/", "https://xn--fa-hia.example.org/", "xn--fa-hia.example.org", 443),
    ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/", "xn--r8jz45g.xn--zckzah", 443),
    ("https://xn--bcher-kva.de/", "https://xn--bcher-kva.de/", "xn--bcher-kva.de", 443),
    ("https://my_bucket.s3.example/", "https://my_bucket.s3.example/", "my_bucket.s3.example", 443),
    ("https://1.example.com/", "https://1.example.com/", "1.example.com", 443),
    ("https://0x7f.example.com/", "https://0x7f.example.com/", "0x7f.example.com", 443),
    ("https://localhost.example.com/", "https://localhost.example.com/", "localhost.example.com", 443),
    ("https://8.8.8.8/a", "https://8.8.8.8/a", "8.8.8.8", 443),
    ("https://１.１.１.１/a", "https://1.1.1.1/a", "1.1.1.1", 443),
    ("https://172.32.0.1/", "https://172.32.0.1/", "172.32.0.1", 443),
    ("https://100.128.0.1/", "https://100.128.0.1/", "100.128.0.1", 443),
    ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/", "2606:4700::1111", 443),
    ("https://[2606:4700:0::1111]:80/", "https://[2606:4700::1111]:80/", "2606:4700::1111", 80),
    ("https://[64:ff9b::8.8.8.8]/", "https://[64:ff9b::808:808]/", "64:ff9b::808:808", 443),
]


@pytest.mark.parametrize(("given", "fetched", "host", "port"), GOOD, ids=[row[0] for row in GOOD])
def test_good_urls(given: str, fetched: str, host: str, port: int) -> None:
    target = check_url(given, MediaPolicy())
    assert (target.url, target.host, target.port) == (fetched, host, port)
    assert target.scheme == given[:5].lower().rstrip(":")
    assert (target.address is None) == bool(re.search("[g-z]", host))
    assert check_url(target.url, MediaPolicy()) == target


def test_mapped_addresses_are_what_they_hold() -> None:
    target = check_url("http://[::ffff:8.8.8.8]/", MediaPolicy())
    assert ipaddress.IPv6Address(target.host).ipv4_mapped == ipaddress.IPv4Address("8.8.8.8")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a.png?sig=secret#secret", "https://example.com/a.png?…"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://user:se/cret@example.com/a", "https://…example.com/a"),
        ("user:secret@example.com/a?secret", "example.com/a"),
        ("https://example.com/@name/a", "https://example.com/@name/a"),
        ("https://example.com/a\r\nb\u202e", "https://example.com/a��b�"),
        ("https://example.com/" + "a" * 500, "https://example.com/" + "a" * 139 + "…"),
        ("", ""),
    ],
)
def test_what_errors_show(url: str, shown: str) -> None:
    assert safe_url(url) == shown


def test_a_target_shows_no_query() -> None:
    assert repr(check_url("https://example.com/a?sig=secret", MediaPolicy())) == ("Target(https://example.com/a?…)")


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("row", ROWS, ids=[str(row.network) for row in ROWS])
def test_both_ends_of_every_network_are_refused(row: object) -> None:
    network = next(known.network for known in ROWS if known is row)
    for address in (network[0], network[-1]):
        with pytest.raises(BlockedAddress, match=re.escape(str(address))):
            check_address(str(address), MediaPolicy())


@pytest.mark.parametrize("text", ["", "localhost", "1", "127.1", "fe80::1%eth0", "::1%1", "8.8.8.8 ", "08.8.8.8"])
def test_what_is_no_address_is_refused(text: str) -> None:
    for policy in (MediaPolicy(), MediaPolicy(allow_private_hosts=True)):
        with pytest.raises(BlockedAddress, match="not an IP address"):
            check_address(text, policy)


@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("::ffff:10.0.0.1", ["10.0.0.1"]),
        ("::ffff:0:10.0.0.1", ["10.0.0.1"]),
        ("::10.0.0.1", ["10.0.0.1"]),
        ("64:ff9b::10.0.0.1", ["10.0.0.1"]),
        ("64:ff9b:1:a00:0:100::", ["10.0.0.1", "0.0.0.0"]),
        ("64:ff9b:1::10.0.0.1", ["0.0.0.0", "10.0.0.1"]),
        ("2002:a00:1::", ["10.0.0.1"]),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", ["65.54.227.120", "192.0.2.45"]),
        ("2606:4700::5efe:10.0.0.1", ["10.0.0.1"]),
        ("2606:4700::200:5efe:10.0.0.1", ["10.0.0.1"]),
        ("2606:4700::1", []),
    ],
)
def test_ipv4_inside_ipv6(address: str, inner: list[str]) -> None:
    assert list(map(str, embedded(ipaddress.IPv6Address(address)))) == inner


def test_the_stdlib_agrees_on_ipv4() -> None:
    """Every /16 of IPv4: what its registry does not call global, the tables refuse."""
    for high in range(1 << 16):
        address = ipaddress.IPv4Address(high << 16 | 0x0101)
        if not address.is_global:
            assert any(address in row.network for row in ROWS), address


def test_tables_name_their_sources() -> None:
    assert all(re.match(r"RFC \d+", row.source) for row in PRIVATE + SPECIAL)
    assert all(row.network.prefixlen == row.network.max_prefixlen for row in METADATA)
    assert len(EMBEDDED) >= 8


# ── what a policy opens ──────────────────────────────────────────────────────────────────────────

NOTHING, ALL = MediaPolicy(), MediaPolicy(allow_private_hosts=True)


def allowing(*hosts: str) -> MediaPolicy:
    return MediaPolicy(allow_private_hosts=hosts)


@pytest.mark.parametrize(
    ("url", "policy", "opened"),
    [
        ("http://localhost:8000/a", ALL, True),
        ("http://localhost:8000/a", allowing("localhost"), True),
        ("http://localhost:8000/a", allowing("LOCALHOST."), True),
        ("http://localhost:8000/a", allowing("127.0.0.0/8"), True),
        ("http://a.localhost/a", allowing("localhost"), False),
        ("http://127.0.0.1/a", ALL, True),
        ("http://127.0.0.1/a", allowing("127.0.0.1"), True),
        ("http://127.0.0.1/a", allowing("localhost"), False),
        ("http://127.0.0.2/a", allowing("127.0.0.1"), False),
        ("http://[::1]/a", allowing("::1"), True),
        ("http://[::1]/a", allowing("[::1]"), True),
        ("http://[::ffff:127.0.0.1]/a", ALL, True),
        ("http://[::ffff:127.0.0.1]/a", allowing("127.0.0.1"), True),
        ("http://10.1.2.3/a", allowing("10.0.0.0/8"), True),
        ("http://10.1.2.3/a", allowing("10.2.0.0/16", "files.corp"), False),
        ("http://[fd12::1]/a", ALL, True),
        ("http://[fd12::1]/a", allowing("fd00::/8"), True),
        ("http://100.64.0.1/a", allowing("100.64.0.0/10"), True),
        # special: by network or address only
        ("http://198.18.0.1/a", ALL, False),
        ("http://0.0.0.0/a", ALL, False),
        ("http://224.0.0.1/a", ALL, False),
        ("http://198.18.0.1/a", allowing("198.18.0.0/15"), True),
        ("http://[2002:7f00:1::]/a", ALL, False),
        ("http://[2002:7f00:1::]/a", allowing("2002::/16"), False),
        ("http://[2002:7f00:1::]/a", allowing("2002::/16", "127.0.0.1"), True),
        # metadata: by its own address only
        ("http://169.254.169.254/", ALL, False),
        ("http://169.254.169.254/", allowing("169.254.0.0/16"), False),
        ("http://169.254.169.254/", allowing("0.0.0.0/0"), False),
        ("http://169.254.169.254/", allowing("169.254.169.254"), True),
        ("http://100.100.100.200/", allowing("100.64.0.0/10"), False),
        ("http://[fd00:ec2::254]/", allowing("fd00::/8"), False),
        ("http://[::ffff:169.254.169.254]/", ALL, False),
        ("http://metadata.google.internal/", ALL, False),
        ("http://metadata.google.internal/", allowing("metadata.google.internal"), True),
    ],
)
def test_what_is_opened(url: str, policy: MediaPolicy, opened: bool) -> None:
    if opened:
        assert check_url(url, policy).url
    else:
        with pytest.raises(BlockedAddress, match="allow_private_hosts"):
            check_url(url, policy)


def test_a_name_opens_private_addresses_for_itself_only() -> None:
    policy = allowing("files.corp")
    check_address("10.0.0.5", policy, host="files.corp")
    for address, host in [
        ("10.0.0.5", "evil.example"),
        ("10.0.0.5", None),
        ("169.254.169.254", "files.corp"),
        ("0.0.0.0", "files.corp"),
    ]:
        with pytest.raises(BlockedAddress):
            check_address(address, policy, host=host)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[::ffff:10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://224.0.0.1/",
    ],
)
def test_following_the_advice_helps(url: str) -> None:
    """The entry that an error names opens what it refused, step by step."""
    granted: set[str] = set()
    for _ in range(4):
        try:
            check_url(url, MediaPolicy(allow_private_hosts=granted))
        except BlockedAddress as error:
            advice = re.search(r'allow_private_hosts=\{"([^"]+)"', str(error))
            assert advice
            assert advice[1] not in granted
            granted.add(advice[1])
        else:
            return
    pytest.fail(f"{url} is still refused with {granted}")


def test_schemes_are_narrowed() -> None:
    policy = MediaPolicy(schemes={"https"})
    assert check_url("https://example.com/", policy).scheme == "https"
    with pytest.raises(BlockedAddress, match=r"MediaPolicy\(schemes=…\) leaves http out"):
        check_url("http://example.com/", policy)


def test_errors_name_place_reason_and_way_out() -> None:
    with pytest.raises(BlockedAddress) as caught:
        check_address("10.0.0.5", NOTHING, host="files.corp", url="https://files.corp/a?…", where="messages[2]")
    assert str(caught.value) == (
        "messages[2]: https://files.corp/a?… leads to 10.0.0.5, a private address (RFC 1918), which is refused. "
        'If it is meant: MediaPolicy(allow_private_hosts={"files.corp"})'
    )
    assert isinstance(caught.value, FetchError)
