"""Read: an object of a storage, through fsspec, with the credentials that this machine has for it.

One object is read, as it is: no chains of addresses (`zip://a::s3://…`), no folders, nothing local, no web addresses: those
have their own ways, with their own guards. What a storage's library says in its errors is not repeated, since it may hold
parts of keys; the class of the error is, and the error itself is the `__cause__`.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from ..effects import Read
from ..errors import ConnectionFailed, FetchError, MediaTooLarge, MissingExtra
from .sdk import in_time

CHUNK_BYTES = 8 * 1024 * 1024

REFUSED = frozenset(
    {"file", "local", "http", "https", "data", "dir", "reference", "generic", "zip", "tar", "libarchive", "archive"}
    | {"cached", "blockcache", "filecache", "simplecache", "asynclocal", "async_wrapper", "memfs"}
)
"""fsspec's protocols that read local files, web pages, or something inside of another address."""

PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "adl": "adlfs", "oci": "ocifs", "oss": "ossfs", "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol",
    "hdfs": "pyarrow", "hf": "huggingface_hub", "gdrive": "gdrivefs", "dropbox": "dropboxdrivefs", "box": "boxfs",
}  # fmt: skip
"""Scheme → the package that fsspec reads it with."""


def read(effect: Read) -> bytes:
    """The object's content.

    Raises:
        MediaTooLarge: it is over `max_bytes`.
        FetchError: there is no such object, no access to it, or the storage cannot be read.
        ProviderTimeout: it took longer than `timeout`.
        MissingExtra: fsspec, or the package for this storage, is not installed.
    """
    return in_time(partial(_read, effect), effect.timeout)


def _read(effect: Read) -> bytes:
    try:
        system, path = _system(effect.url)
        facts = system.info(path)
        if facts.get("type") == "directory":
            raise FetchError("it is a folder, not an object")
        size = facts.get("size")
        if size is not None and size > effect.max_bytes:
            raise _too_large(effect, size)
        return _content(system, path, effect)
    except (FetchError, MediaTooLarge, MissingExtra):
        raise
    except FileNotFoundError as error:
        raise FetchError("there is no such object") from error
    except PermissionError as error:
        raise FetchError("access is denied to the credentials of this machine") from error
    except (ConnectionError, TimeoutError) as error:
        raise ConnectionFailed(f"the storage does not answer ({type(error).__name__})") from error
    except Exception as error:
        raise FetchError(f"the storage cannot be read ({type(error).__name__})") from error


def _system(url: str) -> tuple[Any, str]:
    """The file system of the address, and the path in it."""
    scheme = url.partition(":")[0].lower()
    try:
        from fsspec import get_filesystem_class
    except ModuleNotFoundError as error:
        raise MissingExtra("fsspec", "fsspec", f"read {scheme}:// addresses") from error
    try:
        kind = get_filesystem_class(scheme)
    except ImportError as error:
        raise MissingExtra(PACKAGES.get(scheme, f"fsspec[{scheme}]"), None, f"read {scheme}:// addresses") from error
    except ValueError as error:
        raise FetchError(f"fsspec knows no storage {scheme!r}") from error
    names = {kind.protocol} if isinstance(kind.protocol, str) else set(kind.protocol)
    if names & REFUSED:
        raise FetchError(f"{scheme!r} is no storage of its own")
    options = kind._get_kwargs_from_urls(url)
    # fsspec keeps an instance for each thread. Those that work on its own loop may be shared, with their connections.
    system = _shared(kind, tuple(sorted(options.items()))) if kind.async_impl else kind(**options)
    return system, kind._strip_protocol(url)


@lru_cache(maxsize=32)
def _shared(kind: Any, options: tuple[tuple[str, Any], ...]) -> Any:
    return kind(**dict(options))


def _content(system: Any, path: str, effect: Read) -> bytes:
    data = bytearray()
    with system.open(path, "rb", block_size=CHUNK_BYTES, cache_type="none") as stream:
        while piece := stream.read(CHUNK_BYTES):
            data += piece
            if len(data) > effect.max_bytes:
                raise _too_large(effect, None)
    return bytes(data)


def _too_large(effect: Read, size: int | None) -> MediaTooLarge:
    held = f"it has {size:,} bytes, " if size is not None else ""
    return MediaTooLarge(
        f"{held}over {effect.max_bytes:,} bytes (MediaPolicy.max_bytes)", limit=effect.max_bytes, actual=size
    )
