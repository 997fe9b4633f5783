"""A URL into bytes, as effects.

    check_url ─→ Resolve ─→ check_address, every one ─→ Get, pinned ─→ 200 ─→ Fetched
        ↑        (a name)                                  │ └─ no connection: the next address, three at most
        └────────────── redirect, resolved ────────────────┘
    s3://, gs://, … ─→ stored (storage.py)

The connection goes to an address that was checked, never to a name that could mean another one by then. A redirect
starts from the beginning. Errors name the URL in its safe form; `where` puts the medium's place before it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from functools import partial
from http import HTTPStatus
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import urljoin

from ..effects import Effect, Flow, Get, Got, Resolve, Work
from ..errors import BlockedAddress, ConnectionFailed, FetchError, MediaTooLarge, ProviderTimeout
from ..values import dataclass
from .coding import decoded, is_identity
from .guard import Target, check_url, has_controls, safe_url
from .networks import check_address
from .policy import MediaPolicy
from .storage import is_stored, stored

MAX_ADDRESSES = 3
"""How many addresses of a host are tried."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
COMPLETE = frozenset({200, 203})

HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "instructor-multimodal"}

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL led to. `media_type` is what the server declared; `url` is where the redirects ended."""

    data: bytes
    media_type: str | None
    url: str

    def __repr__(self) -> str:
        return f"Fetched({len(self.data):,} bytes, {self.media_type}, {safe_url(self.url)})"


def fetch(url: str, policy: MediaPolicy, *, where: str | None = None) -> Flow[Fetched]:
    """Fetch a URL under a policy.

    Args:
        url: an absolute http or https URL, or an address of a storage.
        policy: where it may lead, and how much may come back.
        where: the place of the medium in the messages, for errors.

    Raises:
        BlockedAddress: it, or a redirect from it, leads where the policy does not allow.
        MediaTooLarge: the body is over `policy.max_bytes`.
        FetchError: no connection, an error status, no content, or a redirect that leads nowhere.
    """
    if is_stored(url):
        return Fetched((yield from stored(url, policy, where=where)), None, url)
    target = check_url(url, policy, where=where)
    seen = {target.url}
    for _ in range(policy.max_redirects + 1):
        got = yield from _exchange(target, policy, where)
        if got.status not in REDIRECTS:
            return (yield from _content(target, got, policy, where))
        target = _follow(target, got, policy, where)
        if target.url in seen:
            raise FetchError(f"{safe_url(url)} redirects in a circle, by {target.safe}", where=where)
        seen.add(target.url)
    raise FetchError(
        f"{safe_url(url)} redirects more than {policy.max_redirects} times (MediaPolicy.max_redirects)",
        where=where,
    )


# ── one exchange ─────────────────────────────────────────────────────────────────────────────────


def _exchange(target: Target, policy: MediaPolicy, where: str | None) -> Generator[Effect, Any, Got]:
    """One GET, at the first address that takes the connection."""
    failure: Exception | None = None
    for address in (yield from _addresses(target, policy, where)):
        try:
            got: Got = yield _get(target, address, policy)
        except BlockedAddress:
            raise
        except (ConnectionFailed, FetchError) as error:
            failure = error
        except ProviderTimeout as error:
            raise FetchError(f"{target.safe}: {_problem(error)}", where=where) from error
        except MediaTooLarge as error:
            raise _too_large(target, error, where) from error
        else:
            return got
    raise FetchError(f"{target.safe}: {_problem(failure)}", where=where) from failure


def _get(target: Target, address: str, policy: MediaPolicy) -> Get:
    keep = policy.cache_bytes > 0
    return Get(target.url, address, policy.max_bytes, policy.timeout, HEADERS, policy.read_timeout, keep, policy.proxy)


def _addresses(target: Target, policy: MediaPolicy, where: str | None) -> Generator[Effect, Any, list[str]]:
    """The addresses to try, of which every one passed."""
    if target.address is not None:
        return [target.address]
    try:
        found: Iterable[str] = yield Resolve(target.host, target.port, policy.timeout)
    except (ConnectionFailed, ProviderTimeout, FetchError) as error:
        raise FetchError(f"{target.safe}: the host name cannot be resolved: {_problem(error)}", where=where) from error
    addresses = list(dict.fromkeys(found))
    if not addresses:
        raise FetchError(f"{target.safe}: the host name has no address", where=where)
    for address in addresses:
        check_address(address, policy, host=target.host, url=target.safe, where=where)
    return _mixed(addresses)[:MAX_ADDRESSES]


def _mixed(addresses: list[str]) -> list[str]:
    """Both families in turn, the first one's first (RFC 8305 §4): one that is cut off must not use up the tries."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    second = [address for address in addresses if address not in first]
    return [address for address in chain.from_iterable(zip_longest(first, second)) if address]


# ── what came back ───────────────────────────────────────────────────────────────────────────────


def _follow(target: Target, got: Got, policy: MediaPolicy, where: str | None) -> Target:
    """Where a redirect leads, checked as any URL is."""
    location = got.headers.get("location", "").strip(" \t")
    if not location or has_controls(location):
        raise FetchError(f"{target.safe}: HTTP {got.status} without a usable Location", where=where)
    try:
        url = urljoin(target.url, location)
    except ValueError:
        raise FetchError(f"{target.safe}: HTTP {got.status} to a malformed URL", where=where) from None
    try:
        onward = check_url(url, policy, where=where)
    except FetchError as error:
        raise type(error)(f"{target.safe} redirects: {error.problem}", where=where) from error
    if target.scheme == "https" and onward.scheme == "http":
        raise BlockedAddress(
            f"{target.safe} redirects from https to {onward.safe}: refused. If it is meant, pass that URL",
            where=where,
        )
    return onward


def _content(target: Target, got: Got, policy: MediaPolicy, where: str | None) -> Generator[Effect, Any, Fetched]:
    if got.status not in COMPLETE:
        raise FetchError(f"{target.safe}: HTTP {_status(got.status)}", where=where)
    data, coding = got.body, got.headers.get("content-encoding", "")
    try:
        if len(data) > policy.max_bytes:
            raise MediaTooLarge(
                f"over {policy.max_bytes:,} bytes (MediaPolicy.max_bytes)",
                limit=policy.max_bytes,
                actual=len(data),
            )
        if not is_identity(coding):
            data = yield Work(partial(decoded, data, coding, policy.max_bytes))
    except MediaTooLarge as error:
        raise _too_large(target, error, where) from error
    except FetchError as error:
        raise FetchError(f"{target.safe}: {error.problem}", where=where) from error
    if not data:
        raise FetchError(f"{target.safe}: the answer is empty", where=where)
    return Fetched(data, _media_type(got.headers.get("content-type", "")), target.url)


def _media_type(header: str) -> str | None:
    """The type that a `Content-Type` header declares, without parameters."""
    declared = header.partition(";")[0].strip().lower()
    return declared if _MEDIA_TYPE.fullmatch(declared) else None


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _too_large(target: Target, error: MediaTooLarge, where: str | None) -> MediaTooLarge:
    return MediaTooLarge(f"{target.safe}: {error.problem}", limit=error.limit, actual=error.actual, where=where)


def _problem(error: Exception | None) -> str:
    match error:
        case FetchError(problem=problem):
            return problem
        case ConnectionFailed(message=message) | ProviderTimeout(message=message):
            return message
        case _:
            return str(error)
