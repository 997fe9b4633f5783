"""What our two ways of sending share: how pictures are given, and the options that a job needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import instructor
from benchmarks.work import Job

OPEN: Mapping[str, Callable[[Any], instructor.Image]] = {
    "path": instructor.Image.from_path,
    "bytes": instructor.Image.from_bytes,
    "base64": instructor.Image.from_raw_base64,
    "url": instructor.Image.from_url,
}
FETCHING = instructor.MediaPolicy(allow_private_hosts={"127.0.0.1"}, download=True)


def of_client(job: Job) -> dict[str, Any]:
    """Options that the client is made with."""
    return {"policy": FETCHING} if job.how == "url" else {}


def of_call(job: Job) -> dict[str, Any]:
    """Options of every call."""
    options: dict[str, Any] = {}
    if job.retries:
        options["max_retries"] = job.retries
    if job.autodetect:
        options["autodetect_images"] = True
    return options
