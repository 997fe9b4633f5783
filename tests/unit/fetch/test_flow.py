"""The flow, driven by hand: what it asks for, in which order, and what it makes of the answers."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from instructor.effects import Effect, Get, Got, Resolve, Work
from instructor.errors import (
    BlockedAddress,
    ConnectionFailed,
    FetchError,
    InstructorError,
    MediaTooLarge,
    ProviderTimeout,
)
from instructor.fetch import Fetched, MediaPolicy, fetch

PUBLIC, PUBLIC_TOO, PRIVATE = "93.184.215.14", "1.1.1.1", "10.0.0.5"
START = "https://example.com/a.png"
PNG = b"\x89PNG\r\n\x1a\n"
OPEN = MediaPolicy(allow_private_hosts=True)


def ok(body: bytes = PNG, **headers: str) -> Got:
    return Got(200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def to(location: str, status: int = 302) -> Got:
    return Got(status, {"location": location}, b"moved")


@dataclass
class World:
    """Answers effects from tables and keeps them. Names without a row have the public address."""

    pages: Mapping[str, Got | Exception] = field(default_factory=dict)
    names: Mapping[str, Sequence[str] | Exception] = field(default_factory=dict)
    deaf: Mapping[str, Exception] = field(default_factory=dict)
    asked: list[Effect] = field(default_factory=list)

    def answer(self, effect: Effect) -> Any:
        self.asked.append(effect)
        match effect:
            case Resolve(host):
                found: Any = self.names.get(host, (PUBLIC,))
            case Get(url, address):
                found = self.deaf.get(address) or self.pages[url]
            case Work(run):
                found = run()
            case _:
                raise AssertionError(effect)
        if isinstance(found, Exception):
            raise found
        return found

    def run(self, url: str = START, policy: MediaPolicy | None = None, where: str | None = None) -> Fetched:
        flow = fetch(url, policy or MediaPolicy(), where=where)
        try:
            effect = next(flow)
            while True:
                try:
                    answer = self.answer(effect)
                except InstructorError as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as stop:
            result: Fetched = stop.value
            return result

    @property
    def gets(self) -> list[Get]:
        return [effect for effect in self.asked if isinstance(effect, Get)]


def test_resolve_then_get_pinned() -> None:
    world = World({START: ok(content_type="image/PNG; charset=binary")})
    assert world.run() == Fetched(PNG, "image/png", START)
    resolve, get = world.asked
    assert resolve == Resolve("example.com", 443)
    assert isinstance(get, Get)
    assert (get.url, get.address, get.max_bytes, get.timeout) == (START, PUBLIC, 100 * 1024 * 1024, 60.0)
    assert get.headers["accept-encoding"] == "identity"


def test_a_literal_address_is_not_looked_up() -> None:
    url = f"http://{PUBLIC}:8080/a"
    world = World({url: ok()})
    world.run(url)
    assert [type(effect) for effect in world.asked] == [Get]
    assert world.gets[0].address == PUBLIC


def test_limits_travel_with_the_effect() -> None:
    world = World({START: ok()})
    world.run(policy=MediaPolicy(max_bytes=10, timeout=2))
    assert (world.gets[0].max_bytes, world.gets[0].timeout) == (10, 2)


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("image/svg+xml", "image/svg+xml"),
        ("TEXT/HTML;charset=utf-8", "text/html"),
        ("", None),
        ("png", None),
        ("image/png, image/jpeg", None),
        ("image/png\x00", None),
        ("image/\u00fc", None),
    ],
)
def test_the_declared_type(header: str, media_type: str | None) -> None:
    assert World({START: ok(content_type=header)}).run().media_type == media_type


def test_a_result_shows_neither_bytes_nor_query() -> None:
    url = "https://example.com/a?sig=secret"
    assert repr(World({url: ok()}).run(url)) == "Fetched(8 bytes, None, https://example.com/a?…)"


# ── addresses ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "addresses",
    [
        [PRIVATE],
        [PUBLIC, PRIVATE],
        [PRIVATE, PUBLIC],
        [PUBLIC, PUBLIC_TOO, "8.8.8.8", "8.8.4.4", "127.0.0.1"],
        [PUBLIC, "::1"],
        [PUBLIC, "::ffff:10.0.0.1"],
        [PUBLIC, "64:ff9b::a00:1"],
        [PUBLIC, "fe80::1%eth0"],
        [PUBLIC, "169.254.169.254"],
        [PUBLIC, "0.0.0.0"],
        [PUBLIC, "nonsense"],
        [PUBLIC, ""],
    ],
)
def test_one_bad_address_refuses_all(addresses: list[str]) -> None:
    world = World({START: ok()}, {"example.com": addresses})
    with pytest.raises(BlockedAddress, match=r"^messages\[0\]: https://example\.com/a\.png leads to"):
        world.run(where="messages[0]")
    assert not world.gets


def test_rebinding_changes_nothing() -> None:
    """A name is looked up once per exchange, and the connection goes to what was checked."""
    flow = fetch(START, MediaPolicy())
    assert isinstance(next(flow), Resolve)
    first = flow.send((PUBLIC,))
    assert isinstance(flow.send(to("/b.png")), Resolve)
    second = flow.send((PUBLIC_TOO,))
    assert isinstance(first, Get)
    assert isinstance(second, Get)
    assert (first.address, second.address) == (PUBLIC, PUBLIC_TOO)
    with pytest.raises(StopIteration):
        flow.send(ok())


def test_rebinding_between_redirects_is_refused() -> None:
    flow = fetch(START, MediaPolicy())
    assert isinstance(next(flow), Resolve)
    assert isinstance(flow.send((PUBLIC,)), Get)
    assert isinstance(flow.send(to("/b.png")), Resolve)
    with pytest.raises(BlockedAddress):
        flow.send((PRIVATE,))


def test_private_hosts_when_they_are_allowed() -> None:
    world = World({START: ok()}, {"example.com": [PRIVATE]})
    assert world.run(policy=MediaPolicy(allow_private_hosts={"example.com"})).data == PNG
    assert world.gets[0].address == PRIVATE


def test_metadata_stays_closed_when_private_hosts_are_open() -> None:
    world = World({START: ok()}, {"example.com": ["169.254.169.254"]})
    with pytest.raises(BlockedAddress, match="metadata"):
        world.run(policy=OPEN)


def test_the_next_address_is_tried_three_at_most() -> None:
    down = ConnectionFailed("connection refused")
    addresses = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]
    world = World({START: ok()}, {"example.com": addresses}, {"1.1.1.1": down, "1.1.1.2": FetchError("reset")})
    assert world.run().data == PNG
    assert [get.address for get in world.gets] == addresses[:3]

    world = World({START: ok()}, {"example.com": addresses}, dict.fromkeys(addresses, down))
    with pytest.raises(FetchError, match=r"example\.com/a\.png: connection refused") as caught:
        world.run(where="messages[1]")
    assert len(world.gets) == 3
    assert caught.value.__cause__ is down
    assert caught.value.where == "messages[1]"


def test_both_families_get_a_try() -> None:
    six = [f"2606:4700::{number}" for number in range(1, 5)]
    down = ConnectionFailed("network unreachable")
    world = World({START: ok()}, {"example.com": [*six, six[0], PUBLIC]}, dict.fromkeys(six, down))
    world.run()
    assert [get.address for get in world.gets] == [six[0], PUBLIC]


@pytest.mark.parametrize(
    "failure", [BlockedAddress("no"), MediaTooLarge("too much", limit=1), ProviderTimeout("late")], ids=repr
)
def test_other_failures_are_final(failure: InstructorError) -> None:
    world = World({START: ok()}, {"example.com": [PUBLIC, PUBLIC_TOO]}, {PUBLIC: failure})
    with pytest.raises((FetchError, MediaTooLarge)):
        world.run()
    assert len(world.gets) == 1


def test_a_timeout_is_told_as_the_driver_tells_it() -> None:
    world = World({START: ProviderTimeout("nothing came for 20 s (MediaPolicy.read_timeout)")})
    with pytest.raises(FetchError, match=r"a\.png: nothing came for 20 s \(MediaPolicy\.read_timeout\)"):
        world.run()


@pytest.mark.parametrize("failure", [ConnectionFailed("no such host"), FetchError("no such host")], ids=repr)
def test_names_that_do_not_resolve(failure: InstructorError) -> None:
    with pytest.raises(FetchError, match="cannot be resolved: no such host"):
        World(names={"example.com": failure}).run()


def test_names_without_address() -> None:
    with pytest.raises(FetchError, match="no address"):
        World(names={"example.com": ()}).run()


# ── redirects ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "final"),
    [
        ("b.png", "https://example.com/b.png"),
        ("/x/b.png", "https://example.com/x/b.png"),
        ("?v=2", "https://example.com/a.png?v=2"),
        ("//cdn.example.org/b.png#part", "https://cdn.example.org/b.png"),
        ("https://cdn.example.org/b c.png", "https://cdn.example.org/b%20c.png"),
        ("HTTPS://CDN.example.org", "https://cdn.example.org/"),
        (" /b.png ", "https://example.com/b.png"),
        ("\\\\10.0.0.5\\b.png", "https://example.com/%5C%5C10.0.0.5%5Cb.png"),
    ],
)
def test_redirects_are_followed(status: int, location: str, final: str) -> None:
    world = World({START: to(location, status), final: ok()})
    assert world.run().url == final
    assert [get.url for get in world.gets] == [START, final]
    assert len(world.asked) == 4


@pytest.mark.parametrize(
    ("location", "error", "words"),
    [
        ("http://127.0.0.1/", BlockedAddress, "loopback"),
        ("https://127.0.0.1/", BlockedAddress, "loopback"),
        ("//169.254.169.254/latest/", BlockedAddress, "metadata"),
        ("https://[::1]/", BlockedAddress, "loopback"),
        ("https://localhost/", BlockedAddress, "loopback"),
        ("https://metadata.google.internal/", BlockedAddress, "metadata"),
        ("https://internal.example.org/", BlockedAddress, "private"),
        ("http://example.com/a.png", BlockedAddress, "from https to http"),
        ("file:///etc/passwd", BlockedAddress, "scheme"),
        ("gopher://example.com/", BlockedAddress, "scheme"),
        ("data:image/png;base64,AAAA", FetchError, "not an absolute URL"),
        ("https://user:pw@example.com/", FetchError, "user name"),
        ("https://0x7f.1/", FetchError, "number"),
        ("https://2130706433/", FetchError, "number"),
        ("https://[::1/", FetchError, "malformed"),
        ("https://example.com\t@127.0.0.1/", FetchError, "Location"),
        ("/b\r\nx", FetchError, "Location"),
        ("", FetchError, "Location"),
        ("   ", FetchError, "Location"),
        ("https://example.com:99999/", FetchError, "port"),
    ],
)
def test_redirects_are_checked_as_the_first_url_was(location: str, error: type[FetchError], words: str) -> None:
    world = World({START: to(location)}, {"internal.example.org": [PUBLIC, PRIVATE]})
    with pytest.raises(error, match=words) as caught:
        world.run(where="messages[3]")
    assert type(caught.value) is error
    assert caught.value.where == "messages[3]"
    assert "pw" not in str(caught.value)
    assert len(world.gets) == 1


def test_a_redirect_error_names_both_urls() -> None:
    with pytest.raises(BlockedAddress, match=r"a\.png redirects: https://127\.0\.0\.1/x\?… leads to"):
        World({START: to("https://127.0.0.1/x?secret")}).run()


def test_a_redirect_without_location() -> None:
    with pytest.raises(FetchError, match="HTTP 302 without"):
        World({START: Got(302, {}, b"")}).run()


def test_downgrades_are_refused_under_any_policy_and_upgrades_taken() -> None:
    plain = "http://example.com/a.png"
    with pytest.raises(BlockedAddress, match="from https to http"):
        World({START: to(plain)}).run(policy=OPEN)
    assert World({plain: to(START), START: ok()}).run(plain).url == START


def test_loops() -> None:
    world = World({START: to("/b"), "https://example.com/b": to("https://EXAMPLE.com:443/a.png#again")})
    with pytest.raises(FetchError, match="in a circle"):
        world.run()
    assert len(world.gets) == 2
    with pytest.raises(FetchError, match="in a circle"):
        World({START: to("")} | {START: to("#")}).run()


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_the_number_of_redirects(limit: int) -> None:
    def chain(length: int) -> World:
        pages: dict[str, Got | Exception] = {START: to("/1"), f"https://example.com/{length}": ok()}
        pages |= {f"https://example.com/{n}": to(f"/{n + 1}") for n in range(1, length)}
        return World(pages if length else {START: ok()})

    assert chain(limit).run(policy=MediaPolicy(max_redirects=limit)).data == PNG
    world = chain(limit + 1)
    with pytest.raises(FetchError, match=rf"more than {limit} times \(MediaPolicy\.max_redirects\)"):
        world.run(policy=MediaPolicy(max_redirects=limit))
    assert len(world.gets) == limit + 1


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "404 Not Found"),
        (403, "403 Forbidden"),
        (401, "401 Unauthorized"),
        (410, "410 Gone"),
        (429, "429 Too Many Requests"),
        (500, "500 Internal Server Error"),
        (503, "503"),
        (204, "204 No Content"),
        (206, "206 Partial Content"),
        (300, "300"),
        (304, "304 Not Modified"),
        (305, "305"),
        (999, "999$"),
    ],
)
def test_statuses(status: int, words: str) -> None:
    url = "https://example.com/a.png?sig=secret"
    with pytest.raises(FetchError, match=rf"a\.png\?…: HTTP {words}") as caught:
        World({url: Got(status, {"location": "/x"}, PNG)}).run(url, where="messages[0].content[1]")
    assert caught.value.where == "messages[0].content[1]"
    assert "secret" not in str(caught.value)


def test_empty_bodies() -> None:
    for got in (ok(b""), ok(gzip.compress(b""), content_encoding="gzip")):
        with pytest.raises(FetchError, match="empty"):
            World({START: got}).run()


def test_html_is_not_judged_here() -> None:
    assert World({START: ok(b"<html>", content_type="text/html")}).run().media_type == "text/html"


def test_bodies_over_the_limit() -> None:
    with pytest.raises(MediaTooLarge, match=r"over 4 bytes \(MediaPolicy\.max_bytes\)") as caught:
        World({START: ok()}).run(policy=MediaPolicy(max_bytes=4), where="messages[0]")
    assert (caught.value.limit, caught.value.actual, caught.value.where) == (4, 8, "messages[0]")

    with pytest.raises(MediaTooLarge, match=r"^messages\[0\]: https://example\.com/a\.png: over") as caught:
        World({START: MediaTooLarge("over 9 bytes", limit=9)}).run(where="messages[0]")
    assert caught.value.limit == 9


def test_coded_bodies_are_decoded_off_the_loop() -> None:
    world = World({START: ok(gzip.compress(PNG), content_encoding="gzip")})
    assert world.run().data == PNG
    assert isinstance(world.asked[-1], Work)


@pytest.mark.parametrize(
    ("got", "error", "words"),
    [
        (ok(gzip.compress(bytes(10_000)), content_encoding="gzip"), MediaTooLarge, "once decoded"),
        (ok(PNG, content_encoding="gzip"), FetchError, "not valid gzip"),
        (ok(PNG, content_encoding="br"), FetchError, "not taken"),
    ],
)
def test_bad_codings(got: Got, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=rf"^messages\[0\]: https://example\.com/a\.png: .*{words}"):
        World({START: got}).run(policy=MediaPolicy(max_bytes=1000), where="messages[0]")
