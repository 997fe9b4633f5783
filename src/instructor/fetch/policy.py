"""What the caller allows when media are fetched or read.

    MediaPolicy                 frozen, checked when made
    ├── allow_private_hosts     False | True | names, addresses and networks
    ├── schemes                 of https, http
    ├── max_bytes · max_redirects · timeout
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
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from math import isfinite

from ..errors import ConfigurationError
from .hosts import canonical

SCHEMES = frozenset({"https", "http"})
"""What can be fetched at all."""

PSEUDO = ("/proc", "/sys", "/dev")
"""Trees that hold no files: inside no root but one that lies in them itself, such as /dev/shm."""


@dataclass(frozen=True, slots=True)
class MediaPolicy:
    """Where media may come from, and how much of them.

    Args:
        allow_private_hosts: `True` opens private, loopback and link-local addresses; a set opens the host names,
            addresses and networks in it (`{"files.corp", "10.2.0.0/16", "::1"}`). A cloud's metadata service is
            opened by its own address only.
        schemes: the URL schemes to fetch, of `https` and `http`.
        max_bytes: the largest body, both as sent and as decoded.
        max_redirects: how many redirects to follow; each is checked as the first URL was.
        timeout: seconds for one exchange, from connecting to the last byte.
        local_roots: the directories that local files may be in; `None` leaves them unconfined.

    Raises:
        ConfigurationError: a value is of the wrong type or out of range.
    """

    allow_private_hosts: bool | Collection[str] = False
    schemes: Collection[str] = SCHEMES
    max_bytes: int = 100 * 1024 * 1024
    max_redirects: int = 5
    timeout: float = 60.0
    local_roots: Collection[str | os.PathLike[str]] | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "allow_private_hosts", _hosts(self.allow_private_hosts))
        put(self, "schemes", _schemes(self.schemes))
        put(self, "local_roots", _roots(self.local_roots))
        _number("max_bytes", self.max_bytes, 1)
        _number("max_redirects", self.max_redirects, 0)
        _seconds("timeout", self.timeout)

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


def inside_roots(path: str | os.PathLike[str], roots: Iterable[str | os.PathLike[str]] | None) -> bool:
    """Whether a path, with `~`, `..` and symbolic links resolved, lies in one of the directories.

    `roots=None` confines nothing, an empty collection allows nothing. The file need not exist. A link that is
    changed between this answer and the opening of the file is not seen: open `os.path.realpath(path)`.
    """
    if roots is None:
        return True
    try:
        real = _real(path)
        return any(_within(real, root) and not _pseudo(real, root) for root in map(_real, roots))
    except (OSError, ValueError):
        return False


def _real(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    if not text:
        raise ValueError("an empty path")
    return os.path.normcase(os.path.realpath(os.path.expanduser(text)))


def _within(path: str, root: str) -> bool:
    try:
        return os.path.commonpath((path, root)) == root
    except ValueError:
        return False


def _pseudo(path: str, root: str) -> bool:
    return any(_within(path, tree) and not _within(root, tree) for tree in PSEUDO)


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
    wanted = f"some of {sorted(SCHEMES)}"
    schemes = frozenset(entry.lower() for entry in _strings("schemes", value, wanted))
    if not schemes or not schemes <= SCHEMES:
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


def _wrong(name: str, wanted: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"MediaPolicy({name}=…) takes {wanted}, not {value!r:.100}")
