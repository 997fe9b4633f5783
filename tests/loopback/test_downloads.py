"""Gets as they are performed: pinned, bounded in bytes and time, on connections that are kept, from answers that are kept."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import ssl
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from instructor.drivers import AsyncWorld, Deadline, World, arun, connections, run
from instructor.drivers.download import AsyncDownloads, Downloads, resolve
from instructor.effects import Get, Got, Resolve
from instructor.errors import (
    BlockedAddress,
    ConnectionFailed,
    FetchError,
    MediaError,
    MediaTooLarge,
    ProviderTimeout,
)
from instructor.fetch import MediaPolicy, fetch
from instructor.hooks import Hooks

from .ways import settled
from .web import PNG, Asked, Web, dripping, endless, ok

LOCAL = MediaPolicy(allow_private_hosts={"127.0.0.1", "::1", "media.test", "other.test"})


class Way:
    """Downloads of one kind, driven from a test's loop."""

    def __init__(self, asynchronous: bool, cache_bytes: int = 10_000) -> None:
        self.asynchronous = asynchronous
        self.downloads: Any = (AsyncDownloads if asynchronous else Downloads)(cache_bytes)

    async def get(self, url: str, **fields: Any) -> Got:
        options: dict[str, Any] = {"max_bytes": 10_000, "timeout": 5, "headers": {"accept": "*/*"}} | fields
        effect = Get(url, options.pop("address", "127.0.0.1"), **options)
        got: Got = await (
            self.downloads.get(effect) if self.asynchronous else asyncio.to_thread(self.downloads.get, effect)
        )
        return got

    async def fetch(self, url: str, policy: MediaPolicy = LOCAL) -> Any:
        deadline, flow = Deadline.after(None), fetch(url, policy)
        if self.asynchronous:
            return await arun(flow, AsyncWorld(None, Hooks(), deadline, self.downloads), deadline)  # type: ignore[arg-type]
        return await asyncio.to_thread(run, flow, World(None, Hooks(), deadline, self.downloads))  # type: ignore[arg-type]


@pytest.fixture(params=[False, True], ids=["sync", "async"])
async def way(request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    one = Way(request.param)
    yield one
    await settled(one.downloads.close())


def always(answer: bytes) -> Callable[[Asked], bytes]:
    return lambda asked: answer


# ── connections ──────────────────────────────────────────────────────────────────────────────────


async def test_a_connection_is_used_again(way: Way) -> None:
    with Web(always(ok())) as web:
        for path in ("/a.png", "/b.png", "/c.png?q=1"):
            assert (await way.get(web.url(path))).body == PNG
        assert [asked.target for asked in web.asked] == ["/a.png", "/b.png", "/c.png?q=1"]
        assert web.connections == 1


async def test_not_for_another_name_at_the_same_address(way: Way) -> None:
    with Web(always(ok())) as web:
        for host in ("media.test", "other.test", "media.test"):
            await way.get(web.url(host=host))
        assert [asked.headers["host"] for asked in web.asked] == [
            f"media.test:{web.port}",
            f"other.test:{web.port}",
            f"media.test:{web.port}",
        ]
        assert [asked.connection for asked in web.asked] == [1, 2, 1]


async def test_not_for_the_same_name_at_another_address(way: Way) -> None:
    with Web(always(ok())) as web:
        await way.get(web.url(host="media.test"))
        with pytest.raises(ConnectionFailed, match=r"no connection to 127\.0\.0\.2"):
            # nothing listens there: a connection by name alone would have been used
            await way.get(web.url(host="media.test"), address="127.0.0.2")
        assert web.connections == 1


async def test_closing_closes_them_and_a_later_get_opens_a_new_one(way: Way) -> None:
    with Web(always(ok())) as web:
        await way.get(web.url())
        await settled(way.downloads.close())
        await settled(way.downloads.close())
        await way.get(web.url())
        assert web.connections == 2


async def test_one_that_was_closed_at_the_other_end_is_replaced(way: Way) -> None:
    def last(asked: Asked) -> bytes | Iterable[bytes]:
        # says that it keeps the connection, and closes it once the next request is on its way
        return ok() if asked.target == "/a.png" or asked.connection > 1 else iter(())

    with Web(last) as web:
        await way.get(web.url("/a.png"))
        assert (await way.get(web.url("/b.png"))).body == PNG
        assert [(asked.connection, asked.target) for asked in web.asked] == [
            (1, "/a.png"),
            (1, "/b.png"),
            (2, "/b.png"),
        ]


async def test_a_server_that_never_answers_is_asked_twice_at_most(way: Way) -> None:
    with Web(lambda asked: iter(())) as web:
        with pytest.raises(ConnectionFailed, match="the connection broke"):
            await way.get(web.url())
        assert len(web.asked) == 2


async def test_many_at_once(way: Way) -> None:
    with Web(lambda asked: dripping(PNG, 2, 0.1)) as web:
        await asyncio.gather(*(way.get(web.url(f"/{n}.png")) for n in range(20)))
        assert web.connections == 20


async def test_neither_cookies_nor_proxies_nor_credentials_of_the_environment(
    way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Web(always(ok(set_cookie="a=b"))) as web:
        for _ in range(2):
            await way.fetch(web.url())
        assert all({"cookie", "authorization"}.isdisjoint(asked.headers) for asked in web.asked)


def test_the_end_of_a_loop_closes_its_connections() -> None:
    """A client that nobody closes leaves no open socket behind, and works in the next loop."""
    downloads = AsyncDownloads()
    with Web(always(ok())) as web, warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            effect = Get(web.url(), "127.0.0.1", 1000, 5, {})
            assert asyncio.run(downloads.get(effect)).status == 200
            gc.collect()  # an open socket would be warned of, and that is an error here
        assert web.connections == 3


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────

TLS = Path(__file__).parents[1] / "data" / "tls"


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> tuple[ssl.SSLContext, list[str | None]]:
    """A server's context with a certificate for media.test, which clients trust, and the names that they ask for."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(TLS / "cert.pem")
    monkeypatch.setattr(connections, "tls", lambda: trusting)
    names: list[str | None] = []
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    serving.sni_callback = lambda _, name, __: names.append(name)
    return serving, names


async def test_tls_has_the_urls_name_though_the_address_is_pinned(
    way: Way, secure: tuple[ssl.SSLContext, list[str | None]]
) -> None:
    context, names = secure
    with Web(always(ok()), context) as web:
        for path in ("/a.png", "/b.png"):
            assert (await way.get(web.url(path, "media.test"))).body == PNG
        assert names == ["media.test"]
        assert [asked.headers["host"] for asked in web.asked] == [f"media.test:{web.port}"] * 2


@pytest.mark.parametrize("host", ["other.test", "127.0.0.1"])
async def test_a_certificate_for_another_name_is_refused(
    way: Way, secure: tuple[ssl.SSLContext, list[str | None]], host: str
) -> None:
    with Web(always(ok()), secure[0]) as web:
        await way.get(web.url(host="media.test"))
        with pytest.raises(ConnectionFailed, match="certificate"):
            await way.get(web.url(host=host))
        assert [asked.headers["host"] for asked in web.asked] == [f"media.test:{web.port}"]


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(lambda _: endless(b"x" * 5000), id="endless body"),
        pytest.param(lambda _: endless(b"1388\r\n" + b"x" * 5000 + b"\r\n", CHUNKED), id="endless chunks"),
        pytest.param(lambda _: ok(bytes(10_001)), id="declared"),
        pytest.param(
            lambda _: [b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 4000 + b"\r\n\r\n"], id="absurd length"
        ),
    ],
)
async def test_bodies_that_are_too_large(way: Way, say: Any) -> None:
    with Web(say) as web, pytest.raises((MediaTooLarge, ConnectionFailed)):
        await asyncio.wait_for(way.get(web.url()), 5)


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n"

SLOW = {
    "a body byte by byte": lambda: endless(b"x", HEAD, 0.02),
    "headers byte by byte": lambda: endless(b"x", b"HTTP/1.1 200 OK\r\nx-name: ", 0.02),
    "interim answers": lambda: endless(b"HTTP/1.1 100 Continue\r\n\r\n", b"", 0.01),
    "a chunk's size byte by byte": lambda: endless(b"0", CHUNKED, 0.02),
}


@pytest.mark.parametrize("name", SLOW)
async def test_the_whole_has_an_end_however_slowly_it_comes(way: Way, name: str) -> None:
    began = time.monotonic()
    with (
        Web(lambda _: SLOW[name]()) as web,
        pytest.raises(ProviderTimeout, match=r"within 0\.3 s \(MediaPolicy\.timeout"),
    ):
        await asyncio.wait_for(way.get(web.url(), timeout=0.3), 10)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("head", [b"", HEAD], ids=["before the headers", "in the body"])
async def test_a_wait_has_an_end(way: Way, head: bytes) -> None:
    with (
        Web(lambda _: endless(b"", head, 0.05)) as web,
        pytest.raises(ProviderTimeout, match=r"nothing came for 0\.2 s \(MediaPolicy\.read_timeout\)"),
    ):
        await asyncio.wait_for(way.get(web.url(), read_timeout=0.2), 10)


@pytest.mark.usefixtures("secure")
async def test_a_handshake_has_an_end(way: Way) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises((ConnectionFailed, ProviderTimeout)):
        await asyncio.wait_for(way.get(f"https://media.test:{silent.getsockname()[1]}/", timeout=0.3), 10)


async def test_a_body_that_nobody_looks_at_is_not_read_to_its_end(way: Way) -> None:
    with Web(lambda _: endless(b"x" * 5000, b"HTTP/1.1 404 Not Found\r\n\r\n")) as web:
        got = await asyncio.wait_for(way.get(web.url()), 5)
        assert (got.status, got.body) == (404, b"")


async def test_a_body_that_breaks_off_is_not_taken(way: Way) -> None:
    with Web(lambda _: iter([HEAD, PNG])) as web, pytest.raises(ConnectionFailed, match="the connection broke"):
        await way.get(web.url())
    assert len(web.asked) == 1


async def test_what_is_no_http(way: Way) -> None:
    with Web(lambda _: iter([b"SSH-2.0-OpenSSH_9.6\r\n"])) as web, pytest.raises(ConnectionFailed):
        await way.get(web.url())


async def test_a_gzip_bomb(way: Way) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    policy = MediaPolicy(allow_private_hosts=True, max_bytes=100_000)
    with Web(always(ok(bomb, content_encoding="gzip"))) as web, pytest.raises(MediaTooLarge, match="once decoded"):
        await way.fetch(web.url(), policy)
    assert len(bomb) < policy.max_bytes


async def test_a_name_that_takes_too_long_to_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer.wait(10))
    began = time.monotonic()
    with pytest.raises(ProviderTimeout):
        await asyncio.to_thread(resolve, Resolve("media.test", 443, 0.1))
    answer.set()
    assert time.monotonic() - began < 5


async def test_redirects_are_checked_at_each_hop(way: Way) -> None:
    def say(asked: Asked) -> bytes:
        onward = {"/1": "/2", "/2": "http://169.254.169.254/latest/"}[asked.target]
        return ok(b"", "302 Found", location=onward)

    with Web(say) as web:
        with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1:\d+/2 redirects.*169\.254\.169\.254"):
            await way.fetch(web.url("/1"))
        assert [asked.target for asked in web.asked] == ["/1", "/2"]
        assert web.connections == 1


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────


async def test_what_is_fresh_is_not_asked_for(way: Way) -> None:
    with Web(always(ok(cache_control="max-age=60"))) as web:
        first, second = await way.fetch(web.url()), await way.fetch(web.url())
        assert first == second
        assert len(web.asked) == 1


async def test_what_may_be_stale_is_asked_about(way: Way) -> None:
    def say(asked: Asked) -> bytes:
        return ok(b"", "304 Not Modified") if asked.headers.get("if-none-match") == '"1"' else ok(etag='"1"')

    with Web(say) as web:
        bodies = [(await way.fetch(web.url())).data for _ in range(3)]
        assert bodies == [PNG] * 3
        assert ["if-none-match" in asked.headers for asked in web.asked] == [False, True, True]


async def test_what_changed_is_new(way: Way) -> None:
    with Web(lambda asked: ok(PNG + str(len(web.asked)).encode(), etag=f'"{len(web.asked)}"')) as web:
        assert (await way.fetch(web.url())).data != (await way.fetch(web.url())).data
        assert web.asked[1].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize(
    ("policy", "headers"),
    [
        (LOCAL, {}),
        (LOCAL, {"cache_control": "no-store", "etag": '"1"'}),
        (MediaPolicy(allow_private_hosts=True, cache_bytes=0), {"cache_control": "max-age=60"}),
    ],
)
async def test_what_is_not_kept(way: Way, policy: MediaPolicy, headers: dict[str, str]) -> None:
    with Web(always(ok(PNG, **headers))) as web:
        for _ in range(2):
            await way.fetch(web.url(), policy)
        assert len(web.asked) == 2
        assert "if-none-match" not in web.asked[1].headers


async def test_what_is_kept_is_still_checked(way: Way) -> None:
    with Web(always(ok(cache_control="max-age=60"))) as web:
        await way.fetch(web.url())
        with pytest.raises(BlockedAddress):
            await way.fetch(web.url(), MediaPolicy())


# ── through a proxy ──────────────────────────────────────────────────────────────────────────────


class Tunnel(Web):
    """A proxy that opens tunnels to `inner`, whatever it is asked for."""

    inner: Web

    def __init__(self, inner: Web, status: bytes = b"200 OK") -> None:
        super().__init__(lambda asked: iter(()))
        self.inner, self.status = inner, status

    def _serve(self, plain: socket.socket, number: int) -> None:
        head = plain.recv(65536).decode()
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.asked.append(Asked(number, method, target, headers))
        plain.sendall(b"HTTP/1.1 " + self.status + b"\r\nvia: x\r\n\r\n")
        if self.status.startswith(b"200"):
            self.inner._open.append(plain)
            self.inner._serve(plain, number)
        else:
            plain.close()


async def test_a_proxy_is_asked_for_a_tunnel_to_the_checked_address(way: Way) -> None:
    with Web(always(ok())) as web, Tunnel(web) as tunnel:
        policy = MediaPolicy(allow_private_hosts=True, proxy=f"http://me:s%40crt@127.0.0.1:{tunnel.port}")
        assert "crt" not in repr(policy)
        for path in ("/a.png", "/b.png"):
            assert (await way.fetch(web.url(path), policy)).data == PNG
        (asked,) = tunnel.asked
        assert (asked.method, asked.target) == ("CONNECT", f"127.0.0.1:{web.port}")
        assert asked.headers["proxy-authorization"] == "Basic bWU6c0BjcnQ="
        assert [(one.target, one.headers["host"]) for one in web.asked] == [
            ("/a.png", f"127.0.0.1:{web.port}"),
            ("/b.png", f"127.0.0.1:{web.port}"),
        ]
        assert not any("proxy-authorization" in one.headers for one in web.asked)


async def test_tls_goes_through_the_tunnel(way: Way, secure: tuple[ssl.SSLContext, list[str | None]]) -> None:
    with Web(always(ok()), secure[0]) as web, Tunnel(web) as tunnel:
        got = await way.get(web.url(host="media.test"), proxy=f"http://127.0.0.1:{tunnel.port}")
        assert got.body == PNG
        assert secure[1] == ["media.test"]
        assert tunnel.asked[0].target == f"127.0.0.1:{web.port}"


async def test_a_proxy_that_refuses(way: Way) -> None:
    with Web(always(ok())) as web, Tunnel(web, b"407 Proxy Authentication Required") as tunnel:
        policy = MediaPolicy(allow_private_hosts=True, proxy=f"http://127.0.0.1:{tunnel.port}")
        with pytest.raises(FetchError, match="the proxy opens no tunnel to the address: it answers 407") as caught:
            await way.fetch(web.url(), policy)
        assert isinstance(caught.value, MediaError)
        assert web.asked == []
