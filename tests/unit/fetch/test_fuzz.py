"""Ten thousand hostile URLs, the same ones each time: a typed error or something public, in bounded time and memory."""

from __future__ import annotations

import ipaddress
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest

from instructor.effects import Get, Resolve
from instructor.errors import BlockedAddress, FetchError
from instructor.fetch import MediaPolicy, check_address, check_url, fetch, safe_url
from instructor.fetch.networks import ROWS

COUNT = 10_000
POLICY = MediaPolicy()

SCHEMES = [
    "http",
    "https",
    "HTTPS",
    "file",
    "gopher",
    "ftp",
    "data",
    "javascript",
    "http\t",
    "",
    "//",
    "ht\u202etp",
    "s3",
]
JOINS = ["://", ":///", ":", ":/", ":\\\\", "://\\", "://@", "://user:secret@", "://a@b@", "://%40", "://\u2044"]
DIGITS = {48 + n: 0xFF10 + n for n in range(10)}
TAILS = [
    "",
    "/",
    "/a.png",
    "?x=1",
    "#f",
    "\\@8.8.8.8/",
    "@8.8.8.8/",
    "#@8.8.8.8",
    "/..;/",
    "/%2e%2e/",
    "\r\nHost: x",
    " ",
    "\0",
]
PORTS = ["", ":80", ":0", ":65536", ":99999999", ":-1", ":8 0", ":٨٠", ":0x50", ":"]
NAMES = [
    "localhost",
    "metadata.google.internal",
    "a.localhost",
    "LOCALHOST.",
    "lo\u200bcalhost",
    "ⓛocalhost",
    "x.onion",
]


def special(chance: random.Random) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address of the tables."""
    network = chance.choice(ROWS).network
    return network[chance.randrange(network.num_addresses)]


def inside(chance: random.Random, inner: ipaddress.IPv4Address) -> str:
    """The IPv4 address in one of the IPv6 addresses that lead to it."""
    number = int(inner)
    prefix, at = chance.choice(
        [("::ffff:0:0", 0), ("64:ff9b::", 0), ("64:ff9b:1::", 0), ("::ffff:0:0:0", 0), ("::", 0), ("2002::", 80)]
    )
    found = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + (number << at))
    return chance.choice([str(found), found.exploded, f"::ffff:{inner}", f"{found}%eth0", f"{found}%25lo"])


def spelled(chance: random.Random, address: ipaddress.IPv4Address) -> str:
    """The address as some parser reads it."""
    a, b, c, d = address.packed
    whole = int(address)
    ways = [
        f"{whole}",
        f"{whole:#x}",
        f"0{whole:o}",
        f"{a}.{b}.{c << 8 | d}",
        f"{a}.{whole & 0xFFFFFF}",
        f"{a:#x}.{b}.{c}.{d}",
    ]
    ways += [f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{address}.", str(address).translate(DIGITS), f"{a}。{b}．{c}.{d}"]
    ways += [f"{address}".replace(".", "%2e"), f"{a}.{b}.{c}.{d + 256}", f"{address}".replace(".", "\u00ad.")]
    return chance.choice([str(address), *ways])


def host(chance: random.Random) -> str:
    kind, address = chance.randrange(8), special(chance)
    if kind == 0:
        return chance.choice(NAMES)
    if kind == 1:  # long, or deep, or of anything
        return chance.choice(
            ["a" * chance.randrange(5000), "a." * chance.randrange(3000), "[" * 500, "xn--" + "9" * 300, ""]
        )
    if kind == 2:
        return "".join(chr(chance.choice([chance.randrange(0x250), chance.randrange(0x110000)])) for _ in range(12))
    if isinstance(address, ipaddress.IPv4Address):
        return f"[{inside(chance, address)}]" if kind > 5 else spelled(chance, address)
    return chance.choice([f"[{address}]", f"[{address.exploded}]", str(address), f"[{address}%1]", f"[{address}"])


def hostile() -> Iterator[str]:
    chance = random.Random(20261123)
    for _ in range(COUNT):
        url = f"{chance.choice(SCHEMES[:3] if chance.random() < 0.7 else SCHEMES)}"
        url += (
            chance.choice(JOINS[:1] if chance.random() < 0.8 else JOINS)
            + host(chance)
            + chance.choice(PORTS[:2] * 3 + PORTS)
        )
        url += chance.choice(TAILS)
        if chance.random() < 0.2:  # a character taken out, put in, or doubled
            at = chance.randrange(len(url) + 1)
            url = (
                url[:at]
                + chance.choice(["", "\\", "/", "@", "\u3002", "[", "]", "%", "\ud800", url[at : at + 1]])
                + url[at + 1 :]
            )
        yield url if chance.random() > 0.01 else url + "x" * 1_000_000


def test_ten_thousand_hostile_urls() -> None:
    passed = refused = 0
    began = time.monotonic()
    for url in hostile():
        shown = safe_url(url)
        assert len(shown) <= 160
        assert "secret" not in shown
        try:
            target = check_url(url, POLICY)
        except FetchError as error:
            refused += 1
            said = str(error)
            if len(said) > 1000 or "secret" in said:
                raise AssertionError(said) from error
            continue
        passed += 1
        assert target.scheme in ("http", "https")
        assert target.url.isascii()
        assert check_url(target.url, POLICY) == target
        if target.address:  # `special` draws none that is public: only a mangled one can be
            check_address(target.address, POLICY)
            assert ipaddress.ip_address(target.address).is_global
    assert passed + refused == COUNT
    assert refused > COUNT * 0.8
    assert time.monotonic() - began < 60


def test_the_flow_asks_for_nothing_but_what_passed() -> None:
    """Names that lead to an address of the tables are refused once it is known; nothing is connected to."""
    chance, asked = random.Random(7), Counter[type]()
    names = [f"https://n{number}.example.org/a.png" for number in range(1000)]  # of the others hardly any gets as far
    for url in [*islice(hostile(), 2000), *names]:
        flow = fetch(url, POLICY)
        try:
            effect = next(flow)
            asked[type(effect)] += 1
            if isinstance(effect, Get):
                assert effect.address == check_url(url, POLICY).address
                continue
            assert isinstance(effect, Resolve)
            with pytest.raises(BlockedAddress):
                flow.send(tuple(chance.sample(("93.184.215.14", str(special(chance))), 2)))
        except FetchError:
            continue
    assert asked[Resolve] >= len(names)


def test_memory_does_not_grow_with_what_is_refused() -> None:
    urls = list(hostile())
    tracemalloc.start()
    try:
        for url in urls:
            try:
                check_url(url, POLICY)
            except FetchError:
                continue
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000
