"""`client.files`: what the provider holds of a client's account, by hand.

    upload     a medium ─▶ the same medium, as a file of the provider
    list       every file of the account
    delete     one
    clear      all that was uploaded by this library

Files and AsyncFiles differ in `await` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from . import uploads
from .adapter import Provider
from .drivers import AsyncWorld, Deadline, World, arun, filing, run
from .drivers.filestore import FileStore
from .effects import Flow
from .errors import ConfigurationError
from .filing import ProviderFile
from .hooks import Hooks
from .media import Media
from .retry import Backoff
from .uploads import Uploading, UploadPolicy

T = TypeVar("T")
M = TypeVar("M", bound=Media)

NONE = "has no Files API for media that this library knows, or not through this client"


def uploading(provider: Provider, sender: Any, policy: UploadPolicy, backoff: Backoff) -> Uploading | None:
    """How the uploads of one call go; None where there are none.

    Raises:
        ConfigurationError: all media are to be uploaded, and the provider takes no files.
    """
    if policy.when == "never":
        return None
    api = provider.files
    if api is None or not filing.serves(sender):
        if policy.when == "always":
            raise ConfigurationError(f'{provider.adapter.name} {NONE}: leave out uploads="always"')
        return None
    return Uploading(api, policy, FileStore(policy.directory), filing.account(sender, api), backoff)


class Owner(Protocol):
    """What of a client its files need."""

    provider: str
    hooks: Hooks
    timeout: float | None

    @property
    def uploads(self) -> Any: ...
    @property
    def _sender(self) -> Any: ...
    def _uploading(self, uploads: UploadPolicy) -> Uploading | None: ...


def _desk(owner: Owner, options: Mapping[str, Any] | None = None) -> Uploading:
    policy = replace(owner.uploads, when="auto", **(options or {}))
    found = owner._uploading(policy)
    if found is None:
        raise ConfigurationError(f"{owner.provider} {NONE}")
    return found


class Files:
    """`client.files` of an `Instructor`."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def upload(self, medium: M, **options: Any) -> M:
        """The medium as a file of the provider, for any number of calls. What is there already is not uploaded again.

        Args:
            medium: any whose content is at hand.
            **options: fields of the `UploadPolicy` that are otherwise for this one, such as `keep`.

        Raises:
            UploadFailed: the provider refuses it, or cannot be reached.
            ConfigurationError: the provider takes no files.
        """
        return self._run(uploads.put(_desk(self._owner, options), medium))

    def list(self) -> list[ProviderFile]:
        """Every file that the account has there, whoever uploaded it."""
        return self._run(uploads.listed(_desk(self._owner)))

    def delete(self, id: str | Media) -> None:
        """Delete a file: by its id, or by a medium that is one.

        Raises:
            NotFound: there is none.
        """
        self._run(uploads.removed(_desk(self._owner), _id(id)))

    def clear(self) -> int:
        """Delete all that this library has uploaded with this account and noted in its directory; says how many."""
        return self._run(uploads.cleared(_desk(self._owner)))

    def _run(self, flow: Flow[T]) -> T:
        owner = self._owner
        return run(flow, World(owner._sender, owner.hooks, Deadline.after(owner.timeout)))


class AsyncFiles:
    """`client.files` of an `AsyncInstructor`."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    async def upload(self, medium: M, **options: Any) -> M:
        """As `Files.upload`."""
        return await self._run(uploads.put(_desk(self._owner, options), medium))

    async def list(self) -> list[ProviderFile]:
        """As `Files.list`."""
        return await self._run(uploads.listed(_desk(self._owner)))

    async def delete(self, id: str | Media) -> None:
        """As `Files.delete`."""
        await self._run(uploads.removed(_desk(self._owner), _id(id)))

    async def clear(self) -> int:
        """As `Files.clear`."""
        return await self._run(uploads.cleared(_desk(self._owner)))

    async def _run(self, flow: Flow[T]) -> T:
        owner, deadline = self._owner, Deadline.after(self._owner.timeout)
        return await arun(flow, AsyncWorld(owner._sender, owner.hooks, deadline), deadline)


def _id(of: object) -> str:
    if isinstance(of, Media) and of.source_kind == "id":
        return str(of.source)
    if isinstance(of, str) and of:
        return of
    raise ConfigurationError(f"a file is named by its id, or by a medium that is one, not by {type(of).__name__}")
