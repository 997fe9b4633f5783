"""An object of a storage into bytes, as effects.

    s3://bucket/key ─→ named in MediaPolicy.schemes? ─→ Read ─→ Fetched

A storage is read with this machine's own credentials, through fsspec, by the drivers. So it is read only where the caller
has named its scheme: whoever writes the address must not choose what those credentials open.
"""

from __future__ import annotations

from ..effects import Flow, Read
from ..errors import BlockedAddress, ConnectionFailed, FetchError, MediaTooLarge, ProviderTimeout
from ..media import LOCAL, is_url
from .guard import PORTS, safe_url
from .policy import MediaPolicy


def is_stored(url: str) -> bool:
    """Whether an address leads to a storage and not to the web."""
    scheme = url.partition(":")[0].lower()
    return scheme not in PORTS and scheme not in LOCAL and is_url(url)


def stored(url: str, policy: MediaPolicy, *, where: str | None = None) -> Flow[bytes]:
    """Read an object of a storage, under a policy.

    Raises:
        BlockedAddress: the policy does not name its scheme.
        MediaTooLarge: it is over `policy.max_bytes`.
        FetchError: there is no such object, no access to it, or nothing in it.
        MissingExtra: fsspec, or the package that it reads this storage with, is not installed.
    """
    shown, scheme = safe_url(url), url.partition(":")[0].lower()
    if scheme not in policy.schemes:
        named = ", ".join(map(repr, [*sorted(policy.schemes), scheme]))
        raise BlockedAddress(
            f"{shown}: the scheme {scheme!r:.20} is not fetched unless it is named, since it is read with this machine's own "
            f"credentials: MediaPolicy(schemes={{{named}}})",
            where=where,
        )
    try:
        data: bytes = yield Read(url, policy.max_bytes, policy.timeout)
    except (ConnectionFailed, ProviderTimeout) as error:
        raise FetchError(f"{shown}: {error.message}", where=where) from error
    except MediaTooLarge as error:
        raise MediaTooLarge(f"{shown}: {error.problem}", limit=error.limit, actual=error.actual, where=where) from error
    except FetchError as error:
        raise FetchError(f"{shown}: {error.problem}", where=where) from error
    if not data:
        raise FetchError(f"{shown}: the object is empty", where=where)
    return data
