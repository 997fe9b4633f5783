"""What `client.files` does, as flows."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from ..effects import Flow, Work
from ..errors import NotFound, ProviderError, UnsupportedMedia, UploadFailed
from ..filing import Filing, ProviderFile
from ..media import FileId, Media
from ..retry import sending
from .flow import Uploading, failed, held

M = TypeVar("M", bound=Media)


def put(up: Uploading, medium: M) -> Flow[M]:
    """The medium as a file of the provider, uploaded unless it is there already."""
    if not medium.at_hand:
        raise UnsupportedMedia(f"{medium!r} holds no content to upload: make it from a path or from bytes")
    try:
        _, file = yield from held(up, medium, "")
    except UploadFailed:
        raise
    except ProviderError as error:
        raise failed(up, medium, "", error.message, error) from error
    return medium.at(FileId(file.reference))


def listed(up: Uploading) -> Flow[list[ProviderFile]]:
    """All files of the account, whoever uploaded them."""
    rows = yield from sending(Filing(up.api, "list"), up.backoff)
    return [up.api.reading(row) for row in rows]


def removed(up: Uploading, id: str) -> Flow[None]:
    """Delete a file, by its id or by what names it in a message."""
    noted: list[tuple[str, ProviderFile]] = yield Work(partial(up.store.all, up.account))
    same = [(key, file) for key, file in noted if id in (file.id, file.reference)]
    for key, file in same:
        id = file.id
        yield Work(partial(up.store.forget, key, file.id))
    yield from sending(Filing(up.api, "delete", id), up.backoff)


def cleared(up: Uploading) -> Flow[int]:
    """Delete what was uploaded by this library with this account, as far as it is noted here; how many there were."""
    noted: list[tuple[str, ProviderFile]] = yield Work(partial(up.store.all, up.account))
    count = 0
    for key, file in noted:
        try:
            yield from sending(Filing(up.api, "delete", file.id), up.backoff)
            count += 1
        except ProviderError as error:
            if not isinstance(error, NotFound) and not up.api.gone.search(f"{error.code} {error.message}"):
                raise
        yield Work(partial(up.store.forget, key, file.id))
    return count
