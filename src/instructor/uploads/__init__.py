"""Media that go through the provider's Files API: which do, once for each content and account, and again when they are gone.

    settle ─▶ media, fitted ─▶ ways ─▶ each distinct content ─▶ the store ─ known ─▶ its id
                                                                   └─ not ─▶ upload ─▶ ready? ─▶ store ─▶ its id
    sending ─▶ the provider no longer has a file ─▶ forget it, upload it again, send again: once

policy     UploadPolicy; ways: which media are uploaded, by the row of their kind and the caller's policy
flow       Uploading, the uploads of one call: before a request is sent, and while it is
hand       client.files, as flows

Nothing here touches the network or the disk: uploads are `Filing` effects, and the store is asked in `Work`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later
from .policy import UploadPolicy, ways

if TYPE_CHECKING:
    from .flow import Store, Uploaded, Uploading, bounded, through, uploaded
    from .hand import cleared, listed, put, removed
else:
    __getattr__ = later(
        __name__,
        homes(
            flow="Store Uploaded Uploading bounded through uploaded",
            hand="cleared listed put removed",
        ),
    )

__all__ = [
    "Store",
    "UploadPolicy",
    "Uploaded",
    "Uploading",
    "bounded",
    "cleared",
    "listed",
    "put",
    "removed",
    "through",
    "uploaded",
    "ways",
]
