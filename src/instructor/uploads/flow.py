"""The uploads of one call: before its request is sent, and while it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from ..adapter import Accepts, Rows, Whole, Wire
from ..effects import Emit, Flow, Sleep, Together, Work
from ..errors import ConfigurationError, ProtocolError, ProviderError, UploadFailed
from ..events import MediaUploaded
from ..filing import FilesApi, Filing, ProviderFile, file_name
from ..ir import Message, exchanged, media_in
from ..media import FileId, Media, Url
from ..retry import Backoff, sending
from ..values import dataclass
from .policy import UploadPolicy, goes, ways

T = TypeVar("T")

AT_ONCE = 4
"""Uploads of one call that go on at a time."""


class Store(Protocol):
    """What has been uploaded, by key. Its methods may read and write the disk."""

    def find(self, key: str) -> ProviderFile | None: ...
    def keep(self, key: str, file: ProviderFile) -> None: ...
    def forget(self, key: str, id: str) -> None: ...
    def all(self, account: str) -> list[tuple[str, ProviderFile]]: ...
    def lock(self, key: str) -> Callable[[], None] | None:
        """How to let go of what nobody else uploads meanwhile; None while somebody does."""
        ...


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What hooks of `media:uploaded` are told: a medium was uploaded."""

    medium: Media
    file: ProviderFile

    def __str__(self) -> str:
        return f"{self.medium!r} was uploaded"


@dataclass(frozen=True, slots=True)
class Sent:
    """An uploaded medium in a request: its content, the file that stands for it, and the text that names the file."""

    medium: Media
    where: str
    key: str
    file: ProviderFile
    linked: bool
    reference: str


@dataclass(slots=True)
class Uploading:
    """The uploads of one call. `planned` collects what would be uploaded, where nothing may be."""

    api: FilesApi
    policy: UploadPolicy
    store: Store
    account: str
    backoff: Backoff = Backoff.NEVER
    planned: list[str] | None = None
    sent: dict[str, Sent] = field(default_factory=dict)
    renewed: dict[str, str] = field(default_factory=dict)

    def rehearsed(self) -> Uploading:
        """The same, uploading nothing."""
        return replace(self, planned=[], sent={}, renewed={})


def bounded(up: Uploading | None, row: Accepts, medium: Media) -> Accepts:
    """The row that bounds a medium before it is fitted: an upload's limits, where one of its size would be uploaded."""
    if up is None or row.uploads is None or not medium.at_hand or not goes(up.policy, row, medium):
        return row
    return replace(row, limits=row.uploads)


# ── before a request is sent ─────────────────────────────────────────────────────────────────────


def uploaded(
    up: Uploading, rows: Rows, whole: Whole | None, messages: tuple[Message, ...]
) -> Flow[tuple[Message, ...]]:
    """The messages with files of the provider in the place of the media that go there as such.

    Raises:
        UploadFailed: one could not be uploaded. The request was not sent.
    """
    places = list(media_in(messages))
    taken = ways(up.policy, rows, whole, [medium for _, medium in places])
    chosen = [place for place, yes in zip(places, taken, strict=True) if yes]
    asked = yield from _addresses(up, rows, places)
    if not chosen and not asked:
        return messages
    first: dict[int, tuple[str, Media]] = {}
    for where, medium in chosen:
        first.setdefault(id(medium), (where, medium))
    flows = tuple(_sending(up, where, medium, rows[type(medium)].linked) for where, medium in first.values())
    done: tuple[Sent, ...] = yield Together(flows, AT_ONCE)
    up.sent.update((sent.reference, sent) for sent in done)
    named = asked | {each: _named(sent) for each, sent in zip(first, done, strict=True)}
    return exchanged(messages, named)


def _addresses(up: Uploading, rows: Rows, places: list[tuple[str, Media]]) -> Flow[dict[int, Media]]:
    """Media that are files of the provider already, where it wants their addresses, not their ids."""
    found: dict[int, Media] = {}
    for where, medium in places:
        row = rows.get(type(medium))
        if row is None or not row.linked or not isinstance(medium.origin, FileId) or id(medium) in found:
            continue
        try:
            url = NOT_YET.reference if up.planned is not None else (yield from _linked(up, medium.origin.id))
        except ProviderError as error:
            raise failed(up, medium, where, error.message, error) from error
        found[id(medium)] = medium.at(Url(url))
    return found


def _named(sent: Sent) -> Media:
    return sent.medium.at(Url(sent.reference) if sent.linked else FileId(sent.reference))


def _sending(up: Uploading, where: str, medium: Media, linked: bool) -> Flow[Sent]:
    try:
        key, file = yield from held(up, medium, where)
        reference = file.reference
        if linked and up.planned is None:
            reference = yield from _linked(up, file.id)
    except ProviderError as error:
        if isinstance(error, UploadFailed):
            raise
        raise failed(up, medium, where, error.message, error) from error
    return Sent(medium, where, key, file, linked, reference)


def _linked(up: Uploading, id: str) -> Flow[str]:
    json = yield from sending(Filing(up.api, "link", id), up.backoff)
    url = json.get("url") if isinstance(json, Mapping) else None
    if not isinstance(url, str):
        raise ProtocolError("the answer holds no address of the file", provider=up.api.name)
    return url


def failed(up: Uploading, medium: Media, where: str, why: str, cause: ProviderError | None = None) -> UploadFailed:
    """The error of an upload."""
    error = UploadFailed(
        f"{medium!r} was not uploaded: {why}",
        provider=up.api.name,
        status=cause.status if cause else None,
        code=cause.code if cause else None,
        body=cause.body if cause else None,
        request_id=cause.request_id if cause else None,
        retry_after=cause.retry_after if cause else None,
        where=where,
    )
    error.retryable = bool(cause and cause.retryable)
    return error


def key_of(up: Uploading, medium: Media) -> str:
    """The name under which an upload is noted: of the account, then of content, type and API. Reads the content."""
    words = f"{up.api.name}\n{medium.media_type}\n{medium.digest}"
    return f"{up.account}/{hashlib.sha256(words.encode()).hexdigest()}"


NOT_YET = ProviderFile("<uploaded first>", "<uploaded first>")
"""Stands in a plan for a file that there is not yet."""


def held(up: Uploading, medium: Media, where: str) -> Flow[tuple[str, ProviderFile]]:
    """The provider's file of a medium's content, uploaded unless it is there already; and its key."""
    key: str = yield Work(partial(key_of, up, medium))
    found: ProviderFile | None = yield Work(partial(up.store.find, key))
    if found is not None:
        return key, found
    if up.planned is not None:
        up.planned.append(f"{where} {medium!r}")
        return key, NOT_YET
    release = yield from _alone(up, medium, where, key)
    try:
        found = yield Work(partial(up.store.find, key))  # somebody else may just have uploaded it
        if found is None:
            found = yield from _put(up, medium, where)
            yield Work(partial(up.store.keep, key, found))
    finally:
        release()
    return key, found


def _alone(up: Uploading, medium: Media, where: str, key: str) -> Flow[Callable[[], None]]:
    """Wait until nobody else uploads the same, in this process or another."""
    waited, pause = 0.0, 0.02
    while True:
        release: Callable[[], None] | None = yield Work(partial(up.store.lock, key))
        if release is not None:
            return release
        if waited > up.policy.patience:
            raise failed(up, medium, where, f"somebody else has been uploading it for {waited:.0f} s (patience)")
        yield Sleep(pause)
        waited, pause = waited + pause, min(1.0, pause * 1.5)


def _put(up: Uploading, medium: Media, where: str) -> Flow[ProviderFile]:
    """Upload, and wait until the file can be used."""
    filing = Filing(up.api, "upload", medium=medium, name=file_name(medium), expires=_expires(up))
    file = up.api.reading((yield from sending(filing, up.backoff)))
    waited = 0.0
    while file.state == "pending":
        if waited >= up.policy.patience:
            raise failed(up, medium, where, f"it is still being processed after {waited:.0f} s (UploadPolicy.patience)")
        yield Sleep(up.api.pause)
        waited += up.api.pause
        file = up.api.reading((yield from sending(Filing(up.api, "show", file.id), up.backoff)))
    if file.state == "failed":
        raise failed(up, medium, where, f"the provider could not process it: {file.problem or 'it does not say why'}")
    yield Emit(MediaUploaded(where=where, uploaded=Uploaded(medium, file)))
    return file


def _expires(up: Uploading) -> int | None:
    if up.api.lasts is None or up.policy.keep is None:
        return None
    least, most = up.api.lasts
    if not least <= up.policy.keep <= most:
        raise ConfigurationError(
            f"{up.api.name} keeps uploads for {least:,} to {most:,} seconds, or for good: UploadPolicy.keep is "
            f"{up.policy.keep:,}"
        )
    return int(up.policy.keep)


# ── while it is sent ─────────────────────────────────────────────────────────────────────────────


def through(up: Uploading | None, wire: Wire, send: Callable[[Wire], Flow[T]]) -> Flow[T]:
    """What `send` gives. Where the provider says that it no longer has an uploaded file, that is uploaded anew, once."""
    return send(wire) if up is None or not up.sent else _renewing(up, wire, send)


def _renewing(up: Uploading, wire: Wire, send: Callable[[Wire], Flow[T]]) -> Flow[T]:
    try:
        return (yield from send(_current(wire, up.renewed)))
    except ProviderError as error:
        lost = _lost(up, error)
        if not lost:
            raise
    for sent in lost:
        yield Work(partial(up.store.forget, sent.key, sent.file.id))
        again = yield from _sending(up, sent.where, sent.medium, sent.linked)
        up.renewed[sent.reference] = again.reference
    return (yield from send(_current(wire, up.renewed)))


GONE_STATUSES = (400, 403, 404, 410, 422)


def _lost(up: Uploading, error: ProviderError) -> list[Sent]:
    """The uploaded files that an error says are gone: those that it names, or all, if it names none. Each only once."""
    told = f"{error.code} {error.message} {error.body}"
    if error.status not in GONE_STATUSES or not up.api.gone.search(told):
        return []
    left = [sent for sent in up.sent.values() if sent.reference not in up.renewed]
    named = [sent for sent in left if sent.file.id.removeprefix("files/") in told]
    return named or (left if "file" in told.lower() else [])


def _current(wire: Any, renewed: Mapping[str, str]) -> Any:
    """A wire value in which files that were uploaded anew are named as they are now."""
    if not renewed:
        return wire
    if isinstance(wire, str):
        return renewed.get(wire, wire)
    if isinstance(wire, dict):
        return {key: _current(item, renewed) for key, item in wire.items()}
    return [_current(item, renewed) for item in wire] if isinstance(wire, list) else wire
