"""What may be used again, by what a server said; and the shelf that it stands on."""

from __future__ import annotations

import threading

import pytest

from instructor.effects import Get, Got
from instructor.fetch.caching import Bodies, Kept, directives, lifetime, may_keep

URL = "https://example.com/a.png"
DATE, LATER, EARLIER = (f"Mon, 23 Nov 2026 {hour}:00:00 GMT" for hour in ("10", "11", "09"))


def got(status: int = 200, body: bytes = b"body", **headers: str) -> Got:
    return Got(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def get(url: str = URL, keep: bool = True) -> Get:
    return Get(url, "93.184.215.14", 1000, 60, {"accept": "*/*"}, keep=keep)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (got(), 0),
        (got(cache_control="max-age=60"), 60),
        (got(cache_control='MAX-AGE="60"'), 60),
        (got(cache_control="public, max-age = 60 , immutable"), 60),
        (got(cache_control="max-age=60, max-age=5"), 60),
        (got(cache_control="s-maxage=60"), 0),  # for shared caches, which this is not
        (got(cache_control="max-age=60", age="20"), 40),
        (got(cache_control="max-age=60", age="90"), 0),
        (got(cache_control="max-age=60, no-cache"), 0),
        (got(cache_control="max-age=-1"), 0),
        (got(cache_control="max-age=soon"), 0),
        (got(cache_control="max-age"), 0),
        (got(cache_control="max-age=" + "9" * 4000), 999_999_999),
        (got(cache_control="max-age=٣"), 0),
        (got(date=DATE, expires=LATER), 3600),
        (got(date=DATE, expires=LATER, age="600"), 3000),
        (got(date=DATE, expires=EARLIER), 0),
        (got(date=DATE, expires="0"), 0),
        (got(expires=LATER), 0),
        (got(date=DATE, expires=LATER, cache_control="max-age=5"), 5),
    ],
)
def test_how_long_it_is_fresh(answer: Got, seconds: float) -> None:
    assert lifetime(answer.headers) == seconds


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (got(cache_control="max-age=60"), True),
        (got(etag='"1"'), True),
        (got(last_modified=DATE), True),
        (got(etag='"1"', cache_control="no-cache"), True),
        (got(etag='"1"', cache_control="private"), True),
        (got(etag='"1"', vary="accept-encoding"), True),
        (got(status=203, cache_control="max-age=60"), True),
        (got(), False),
        (got(cache_control="max-age=60, no-store"), False),
        (got(etag='"1"', cache_control="No-Store"), False),
        (got(cache_control="no-cache"), False),
        (got(etag='"1"', vary="*"), False),
        (got(status=404, cache_control="max-age=60"), False),
        (got(status=206, etag='"1"'), False),
        (got(status=302, cache_control="max-age=60"), False),
    ],
)
def test_what_is_kept(answer: Got, kept: bool) -> None:
    assert may_keep(answer) is kept
    shelf = Bodies(100)
    assert shelf.settled(get(), None, answer, now=0) is answer
    assert (shelf.find(get()) is not None) is kept


def test_hostile_headers_are_no_trouble() -> None:
    for value in ("=", ",,,", '"', 'max-age="', "\x00", "a=b" * 5000, 'x="' + "y" * 100_000):
        directives({"cache-control": value})
        assert not may_keep(got(cache_control=value, age=value, expires=value, date=value, vary=value))


def test_what_is_stale_is_asked_about_and_renewed_by_a_304() -> None:
    shelf = Bodies(100)
    shelf.settled(get(), None, got(etag='W/"1"', last_modified=DATE, content_type="image/png"), now=0)
    kept = shelf.find(get())
    assert kept is not None
    assert kept.until == 0
    asking = kept.asking(get())
    assert asking.headers == {"accept": "*/*", "if-none-match": 'W/"1"', "if-modified-since": DATE}
    same = Got(304, {"cache-control": "max-age=60", "content-length": "0", "content-type": "text/html"}, b"")
    renewed = shelf.settled(get(), kept, same, now=100)
    assert (renewed.status, renewed.body, renewed.headers["content-type"]) == (200, b"body", "image/png")
    again = shelf.find(get())
    assert again is not None
    assert again.until == 160
    assert again.got.body is kept.got.body


def test_a_new_answer_takes_the_old_ones_place_and_an_error_drops_it() -> None:
    shelf = Bodies(100)
    shelf.settled(get(), None, got(etag='"1"'), now=0)
    shelf.settled(get(), shelf.find(get()), got(body=b"new", etag='"2"'), now=0)
    kept = shelf.find(get())
    assert isinstance(kept, Kept)
    assert kept.got.body == b"new"
    gone = got(status=404)
    assert shelf.settled(get(), kept, gone, now=0) is gone
    assert shelf.find(get()) is None


def test_a_304_that_nobody_asked_for_is_no_answer() -> None:
    assert Bodies(100).settled(get(), None, got(status=304), now=0).status == 304


def test_who_does_not_want_it_kept() -> None:
    shelf = Bodies(100)
    shelf.settled(get(keep=False), None, got(etag='"1"'), now=0)
    assert shelf.find(get()) is None
    shelf.settled(get(), None, got(etag='"1"'), now=0)
    assert shelf.find(get(keep=False)) is None


def test_the_least_recently_used_goes_first() -> None:
    shelf = Bodies(100)
    for name in "abc":
        shelf.settled(get(name), None, got(body=bytes(40), etag=name), now=0)
    assert [shelf.find(get(name)) is not None for name in "abc"] == [False, True, True]
    shelf.find(get("b"))
    shelf.settled(get("d"), None, got(body=bytes(40), etag="d"), now=0)
    assert [shelf.find(get(name)) is not None for name in "bcd"] == [True, False, True]


def test_what_is_larger_than_the_shelf_is_not_kept_and_moves_nothing() -> None:
    shelf = Bodies(100)
    shelf.settled(get("a"), None, got(body=bytes(40), etag="a"), now=0)
    shelf.settled(get("b"), None, got(body=bytes(101), etag="b"), now=0)
    assert shelf.find(get("a")) is not None
    assert shelf.find(get("b")) is None
    assert Bodies(0).settled(get(), None, got(etag='"1"'), now=0).status == 200


def test_many_threads() -> None:
    shelf = Bodies(1000)

    def work(seed: int) -> None:
        for i in range(300):
            one = get(str((seed * 7 + i) % 20))
            shelf.settled(one, shelf.find(one), got(body=bytes(90), etag="x"), now=0)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [shelf.find(get(str(n))) for n in range(20)]
    assert sum(len(kept.got.body) for kept in held if kept) <= 1000
    assert sum(kept is not None for kept in held) == 11
