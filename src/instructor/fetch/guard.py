"""Whether a URL may be fetched, as a function of the URL and the policy.

    url → no control characters → scheme → no user info → one spelling of the host → port → names → literal address
        → Target(scheme, host, port, url, address)        or FetchError · BlockedAddress

The Target's URL is built anew from the parts that were judged, so that no other parser can read it differently. A
host that is a name has been judged by name only: its addresses are judged by `networks` once they are known.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from ..errors import BlockedAddress, FetchError
from ..values import dataclass
from .hosts import canonical, literal
from .networks import check_address
from .policy import SCHEMES, MediaPolicy

MAX_URL_CHARS = 16_384
"""Longer than any signed address in use, and far below what HTTP clients take."""

PORTS = {"http": 80, "https": 443}

METADATA_NAMES = {
    "metadata": "Google Cloud",
    "metadata.google.internal": "Google Cloud",
    "metadata.goog": "Google Cloud",
    "instance-data": "AWS",
    "instance-data.ec2.internal": "AWS",
    "metadata.azure.internal": "Azure",
    "metadata.azure.com": "Azure",
    "metadata.tencentyun.com": "Tencent Cloud",
    "metadata.packet.net": "Equinix Metal",
    "metadata.platformequinix.com": "Equinix Metal",
    "metadata.oraclecloud.com": "Oracle Cloud",
    "kubernetes.default.svc": "Kubernetes",
    "kubernetes.default.svc.cluster.local": "Kubernetes",
}
"""Names of metadata and control services, refused before they are looked up."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.ASCII | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\[\]@]*\]|[^:@\[\]]*)(?::([0-9]{0,5}))?", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# What stays as written; the rest is percent-encoded (WHATWG URL, path and query percent-encode sets, and `\`).
_PATH_SAFE = "!$%&'()*+,/:;=@[]^|~"
_QUERY_SAFE = _PATH_SAFE + "?`{}"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched, with its parts. `address`: the host, where it is an IP address."""

    scheme: str
    host: str
    port: int
    url: str
    address: str | None

    @property
    def safe(self) -> str:
        """The URL as errors may show it."""
        return safe_url(self.url)

    def __repr__(self) -> str:
        return f"Target({self.safe})"


def check_url(url: str, policy: MediaPolicy, *, where: str | None = None) -> Target:
    """The parts of a URL that may be fetched.

    Args:
        url: an absolute URL.
        policy: what is allowed.
        where: the place of the medium in the messages, for errors.

    Raises:
        BlockedAddress: the policy does not allow its scheme, name or address.
        FetchError: it is malformed, holds credentials, or spells its host in an ambiguous way.
    """
    shown = safe_url(url)
    scheme, authority, path, query = _split(url, shown, where)
    if scheme not in policy.schemes or scheme not in PORTS:
        known = f": MediaPolicy(schemes=…) leaves {scheme} out" if scheme in SCHEMES else ""
        raise BlockedAddress(f"{shown}: the scheme {scheme!r:.20} is not fetched{known}", where=where)
    host, port = _place(scheme, authority, shown, where)
    address = literal(host)
    _check_name(host, policy, shown, where)
    if address is not None:
        check_address(address, policy, host=host, url=shown, where=where)
    clean = _join(scheme, host, port, path, query)
    if len(clean) > MAX_URL_CHARS:
        raise FetchError(f"{shown}: the URL is too long", where=where)
    return Target(scheme, host, port, clean, address)


def safe_url(url: str) -> str:
    """A URL without user info, query and fragment, which may hold secrets; short, and on one line."""
    found = _URL.fullmatch(url)
    if found is None:
        text = re.split(r"[?#]", url, maxsplit=1)[0].rpartition("@")[2]
    elif _AUTHORITY.fullmatch(authority := found[2].rpartition("@")[2]):
        text = f"{found[1]}://{authority}{found[3]}" + ("?…" if found[4] else "")
    else:
        text = f"{found[1]}://…" + (authority + found[3]).rpartition("@")[2]
    short = text if len(text) <= 160 else text[:159] + "…"
    return "".join(character if character.isprintable() else "�" for character in short)


def has_controls(text: str) -> bool:
    """Whether a text holds characters that parsers drop, or that cannot be encoded."""
    return _CONTROLS.search(text) is not None


# ── the parts ────────────────────────────────────────────────────────────────────────────────────


def _split(url: str, shown: str, where: str | None) -> tuple[str, str, str, str | None]:
    if len(url) > MAX_URL_CHARS:
        raise FetchError(f"{shown}: the URL is too long", where=where)
    if has_controls(url):
        raise FetchError(f"{shown}: the URL holds control characters", where=where)
    found = _URL.fullmatch(url)
    if found is None:
        raise FetchError(f"{shown!r} is not an absolute URL", where=where)
    return found[1].lower(), found[2], found[3], found[4]


def _place(scheme: str, authority: str, shown: str, where: str | None) -> tuple[str, int]:
    if "@" in authority:
        raise FetchError(f"{shown}: a URL with a user name or password in it is not fetched", where=where)
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise FetchError(f"{shown}: its host or port is malformed", where=where)
    port = int(found[2]) if found[2] else PORTS[scheme]
    if not 0 < port < 65_536:
        raise FetchError(f"{shown}: there is no port {port}", where=where)
    try:
        return canonical(found[1]), port
    except ValueError as error:
        raise FetchError(f"{shown}: {error}", where=where) from None


def _check_name(host: str, policy: MediaPolicy, shown: str, where: str | None) -> None:
    if host == "localhost" or host.endswith(".localhost"):
        check_address("127.0.0.1", policy, host=host, url=shown, where=where)  # RFC 6761 §6.3
    elif host.endswith(".onion"):
        raise BlockedAddress(f"{shown}: .onion names are not in DNS (RFC 7686)", where=where)
    elif (owner := METADATA_NAMES.get(host)) and not policy.opens_host(host):
        raise BlockedAddress(
            f"{shown} names a metadata or control service ({owner}), which is refused. If it is meant: "
            f'MediaPolicy(allow_private_hosts={{"{host}", …}}) with the name and the address',
            where=where,
        )


def _join(scheme: str, host: str, port: int, path: str, query: str | None) -> str:
    place = f"[{host}]" if ":" in host else host
    if port != PORTS[scheme]:
        place = f"{place}:{port}"
    tail = "" if query is None else "?" + quote(query, safe=_QUERY_SAFE)
    return f"{scheme}://{place}{quote(path, safe=_PATH_SAFE) or '/'}{tail}"
