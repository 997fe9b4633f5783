"""What the caller allows when media are fetched or read.

    MediaPolicy                 frozen, checked when made
    ├── allow_private_hosts     False | True | names, addresses and networks
    ├── schemes                 https, http, and what of s3, gs, az … is named
    ├── max_bytes · max_redirects · timeout · read_timeout · at_once · cache_bytes
    ├── download · proxy
    └── local_roots             None | directories       → inside_roots(path, roots)

What `allow_private_hosts` opens, by the kind of a row in `networks`:

    row         True    a name, for that host    a network    exactly that address
    ───         ────    ─────────────────────    ─────────    ────────────────────
    private     yes     yes                      yes          yes
    special     no      no                       yes          yes
    metadata    no      no                       no           yes
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import field
from ipaddress import IPv4Address, IPv6Address, ip_network
from math import isfinite
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..media import LOCAL, inside_roots
from ..values import dataclass
from .hosts import canonical

__all__ = ["SCHEMES", "MediaPolicy", "inside_roots"]

SCHEMES = frozenset({"https", "http"})
"""What is fetched by default. What is in a storage is read with this machine's own credentials: only if asked for."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,31}")


@dataclass(frozen=True, slots=True)
class MediaPolicy:
    """Where media may come from, and how much of them.

    Args:
        allow_private_hosts: `True` opens private, loopback and link-local addresses; a set opens the host names,
            addresses and networks in it (`{"files.corp", "10.2.0.0/16", "::1"}`). A cloud's metadata service is
            opened by its own address only.
        schemes: the schemes of the addresses to read: `https` and `http` unless said otherwise. `s3`, `gs`, `az` and
            others that fsspec knows are read with the credentials that this machine has for them, so they have to be
            named: `{"https", "s3"}`. A provider that reads such an address by itself is not concerned.
        max_bytes: the largest body, both as sent and as decoded.
        max_redirects: how many redirects to follow; each is checked as the first URL was.
        timeout: seconds for one exchange, from connecting to the last byte.
        read_timeout: seconds to wait for the next bytes.
        at_once: how many media of one request are fetched side by side.
        cache_bytes: how much of what was fetched a client keeps, to fetch it anew only where its server wants that
            (`Cache-Control`, `ETag`, `Last-Modified`); 0 keeps nothing.
        download: whether media are fetched here although the provider would fetch their addresses itself.
        proxy: the address of an HTTP proxy, `http://[user:password@]host:port`, through which a tunnel is asked for
            to the address that was checked. `None` connects directly, whatever the environment says; for its proxy
            pass it: `proxy=os.environ["HTTPS_PROXY"]`.
        local_roots: the directories that local files may be in, with links resolved; `None` leaves them unconfined.
            Holds for every file of a request: named by text, by a path, or by a medium.

    Raises:
        ConfigurationError: a value is of the wrong type or out of range.
    """

    allow_private_hosts: bool | Collection[str] = False
    schemes: Collection[str] = SCHEMES
    max_bytes: int = 100 * 1024 * 1024
    max_redirects: int = 5
    timeout: float = 60.0
    read_timeout: float = 20.0
    at_once: int = 8
    cache_bytes: int = 32 * 1024 * 1024
    download: bool = False
    proxy: str | None = field(default=None, repr=False)
    local_roots: Collection[str | os.PathLike[str]] | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "allow_private_hosts", _hosts(self.allow_private_hosts))
        put(self, "schemes", _schemes(self.schemes))
        put(self, "local_roots", _roots(self.local_roots))
        _number("max_bytes", self.max_bytes, 1)
        _number("max_redirects", self.max_redirects, 0)
        _number("at_once", self.at_once, 1)
        _number("cache_bytes", self.cache_bytes, 0)
        _flag("download", self.download)
        _proxy(self.proxy)
        _seconds("timeout", self.timeout)
        _seconds("read_timeout", self.read_timeout)

    @property
    def opens_private(self) -> bool:
        """Whether every private host is allowed."""
        return self.allow_private_hosts is True

    def opens_host(self, host: str) -> bool:
        """Whether this host is allowed by its name."""
        return host in _entries(self)

    def opens_network(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether the address is in a network that is allowed."""
        return any("/" in entry and address in ip_network(entry) for entry in _entries(self))

    def opens_address(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether exactly this address is allowed."""
        return f"{address}/{address.max_prefixlen}" in _entries(self)


# ── values of the policy ─────────────────────────────────────────────────────────────────────────


def _entries(policy: MediaPolicy) -> Collection[str]:
    hosts = policy.allow_private_hosts
    return () if isinstance(hosts, bool) else hosts


def _hosts(value: object) -> bool | frozenset[str]:
    if isinstance(value, bool):
        return value
    return frozenset(_host(entry) for entry in _strings("allow_private_hosts", value, "True, False or a set of hosts"))


def _host(entry: str) -> str:
    """A network as `address/bits`, a name in its canonical spelling."""
    if "%" in entry:
        raise _wrong("allow_private_hosts", "addresses without a zone", entry)
    try:
        return str(ip_network(entry.removeprefix("[").removesuffix("]")))
    except ValueError as error:
        if "/" in entry:
            raise _wrong("allow_private_hosts", f"networks such as '10.2.0.0/16' ({error})", entry) from None
    try:
        return canonical(entry)
    except ValueError:
        raise _wrong(
            "allow_private_hosts",
            "host names, addresses and networks, without scheme, port or wildcard",
            entry,
        ) from None


def _schemes(value: object) -> frozenset[str]:
    wanted = "names of schemes such as 'https', 's3' and 'gs', and none that leads to local files"
    schemes = frozenset(entry.lower() for entry in _strings("schemes", value, wanted))
    if not schemes or schemes & LOCAL or not all(map(_SCHEME.fullmatch, schemes)):
        raise _wrong("schemes", wanted, value)
    return schemes


def _roots(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    wanted = "None or directories"
    if isinstance(value, str | bytes | os.PathLike) or not isinstance(value, Iterable):
        raise _wrong("local_roots", wanted, value)
    roots = [os.fspath(root) if isinstance(root, os.PathLike) else root for root in value]
    if not all(isinstance(root, str) and root and "\0" not in root for root in roots):
        raise _wrong("local_roots", wanted, value)
    return tuple(os.path.abspath(os.path.expanduser(root)) for root in roots)


def _strings(name: str, value: object, wanted: str) -> list[str]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _wrong(name, wanted, value)
    entries = list(value)
    if not all(isinstance(entry, str) for entry in entries):
        raise _wrong(name, wanted, value)
    return entries


def _number(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise _wrong(name, f"a whole number, at least {least}", value)


def _seconds(name: str, value: object) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value > 0:
        return
    raise _wrong(name, "a positive number of seconds", value)


def _flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _wrong(name, "True or False", value)


def _proxy(value: object) -> None:
    """Errors do not repeat the address: it may hold a password."""
    wanted = "MediaPolicy(proxy=…) takes None or the address of a proxy: 'http://[user:password@]host:port'"
    if value is None:
        return
    try:
        parts = urlsplit(value) if isinstance(value, str) and value.isascii() and value.isprintable() else None
        good = parts is not None and parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigurationError(wanted)


def _wrong(name: str, wanted: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"MediaPolicy({name}=…) takes {wanted}, not {value!r:.100}")
