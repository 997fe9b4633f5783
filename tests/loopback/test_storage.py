"""Media in buckets: read through fsspec while a request is settled, from emulators of S3 and of Google Cloud Storage."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import fsspec
import httpx2
import pytest

import instructor
from instructor import PDF, Audio, Image, MediaPolicy
from instructor.drivers import storage
from instructor.effects import Read
from instructor.errors import BlockedAddress, FetchError, MediaError, MediaTooLarge, MissingExtra, ProviderTimeout
from instructor.testing import Loopback

from .conftest import picture, recording
from .ways import User, Way, every_way

OPEN = MediaPolicy(schemes={"https", "s3", "gs", "az", "memory", "sftp"})
LARGE = picture("PNG", (3000, 40)) + bytes(range(256)) * 40_000  # more than one read, and every byte told apart
OBJECTS = {"folder/cat.png": picture("PNG"), "lying.jpg": picture("PNG"), "empty.png": b"", "large.png": LARGE}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a bucket in moto's server, which the credentials of this machine lead to."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y",
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            }.items():  # fmt: skip
                patch.setenv(name, value)
            files = fsspec.filesystem("s3")
            files.mkdir("pictures")
            for name, data in OBJECTS.items():
                files.pipe(f"pictures/{name}", data)
            yield "s3://pictures"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def gs() -> Iterator[str]:
    """The same in an emulator of Google Cloud Storage."""
    from gcp_storage_emulator.server import create_server

    for name in ("gcsfs", "gcp_storage_emulator", "gcsfs.extended_gcsfs"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="pictures")
    server.start()
    try:
        place = f"http://127.0.0.1:{server._api._httpd.server_address[1]}"
        for name, data in OBJECTS.items():
            where = f"{place}/upload/storage/v1/b/pictures/o?uploadType=media&name={quote(name, safe='')}"
            if data:  # this emulator takes no empty objects
                httpx2.post(where, content=data, headers={"content-type": "image/jpeg"}).raise_for_status()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STORAGE_EMULATOR_HOST", place)
            patch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
            patch.setitem(fsspec.config.conf, "gs", {"token": "anon"})  # how callers say their credentials
            yield "gs://pictures"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def memory() -> Iterator[str]:
    files = fsspec.filesystem("memory")
    for name, data in OBJECTS.items():
        files.pipe(f"/pictures/{name}", data)
    yield "memory://pictures"
    files.rm("/pictures", recursive=True)


@pytest.fixture(params=["s3", "gs", "memory"])
def bucket(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def sent(server: Loopback) -> str:
    return str(server.requests[-1].json)


@every_way
async def test_an_object_is_sent_with_its_content(way: Way, server: Loopback, bucket: str) -> None:
    image = Image.from_url(f"{bucket}/folder/cat.png")
    assert image.data is None
    await way.create(User, ["Who?", image, image], made={"policy": OPEN})
    encoded = Image.from_bytes(OBJECTS["folder/cat.png"]).data
    assert encoded is not None
    assert sent(server).count(encoded) == 2


def test_the_bytes_are_the_objects(bucket: str) -> None:
    for name in ("folder/cat.png", "large.png"):
        assert storage.read(Read(f"{bucket}/{name}", 100_000_000, 20)) == OBJECTS[name]


FAILING: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("none.png", {}, FetchError, "none.png: there is no such object"),
    ("empty.png", {}, FetchError, "empty.png: the object is empty"),
    ("folder", {}, FetchError, "folder: it is a folder"),
    ("large.png", {"max_bytes": 1000}, MediaTooLarge, r"large.png: it has [\d,]+ bytes, over 1,000 bytes"),
    ("folder/cat.png", {"schemes": {"https"}}, BlockedAddress, r"MediaPolicy\(schemes={'https', '(s3|gs|memory)'}\)"),
]


@pytest.mark.parametrize(("name", "narrowed", "error", "words"), FAILING, ids=[row[0] for row in FAILING])
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_cannot_be_read(
    name: str,
    narrowed: dict[str, Any],
    error: type[Exception],
    words: str,
    asynchronous: bool,
    bucket: str,
    server: Loopback,
) -> None:
    if bucket.startswith("gs:") and not OBJECTS.get(name, b"x"):
        words = "there is no such object"
    way = Way("openai", False, asynchronous)
    policy = MediaPolicy(**{"schemes": OPEN.schemes, **narrowed})
    with pytest.raises(error, match=words) as caught:
        await way.create(User, ["Who?", Image.from_url(f"{bucket}/{name}")], made={"policy": policy})
    assert caught.value.where == "messages[0].content[1]"  # type: ignore[attr-defined]
    assert server.requests == []


@every_way
async def test_storages_are_closed_by_default(way: Way, server: Loopback, s3: str) -> None:
    for messages in (["Who?", Image.from_url(f"{s3}/folder/cat.png")], ["Who?", f"{s3}/folder/cat.png"]):
        with pytest.raises(BlockedAddress, match="with this machine's own credentials"):
            await way.create(User, messages, autodetect_images=True)
    assert server.requests == []


async def test_content_decides_there_too(server: Loopback, s3: str) -> None:
    told: list[Any] = []
    client = instructor.from_provider("openai/gpt-4o-mini", policy=OPEN)
    client.on("media:fitted", lambda fitted, where: told.append((where, *map(str, fitted.changes))))
    client.create(User, ["Who?", Image.from_url(f"{s3}/lying.jpg")])
    assert "data:image/png;base64," in sent(server)
    (change,) = told
    assert "its name says image/jpeg, the content is image/png" in change[1]
    client.close()


def test_a_plan_reads_nothing(server: Loopback, s3: str) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", policy=OPEN)
    plan = client.plan(User, ["Who?", Image.from_url("s3://nowhere/cat.png")])
    assert plan.fetches == ("s3://nowhere/cat.png",)
    client.close()


async def test_the_loop_goes_on(server: Loopback) -> None:
    fsspec.register_implementation("slow", Slow, clobber=True)
    policy = MediaPolicy(schemes={"slow"}, timeout=0.8)
    client = instructor.from_provider("openai/gpt-4o-mini", async_client=True, policy=policy)
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.005)
            gaps.append(time.perf_counter() - begun)

    ticking = asyncio.create_task(tick())
    with pytest.raises(FetchError, match=r"within 0\.8 s"):
        await client.create(User, ["Who?", Image.from_url("slow://a.png")])
    ticking.cancel()
    await client.close()
    assert max(gaps) < 0.5


# ── what is no storage ───────────────────────────────────────────────────────────────────────────

NONE: list[tuple[str, type[Exception], str]] = [
    ("file:///etc/passwd", FetchError, "no storage of its own"),
    ("local:///etc/passwd", FetchError, "no storage of its own"),
    ("zip://a::file:///etc/passwd", FetchError, "no storage of its own"),
    ("generic://file:///etc/passwd", FetchError, "no storage of its own"),
    ("https://127.0.0.1/a.png", FetchError, "no storage of its own"),
    ("nothing://bucket/a.png", FetchError, "fsspec knows no storage 'nothing'"),
]


@pytest.mark.parametrize(("url", "error", "words"), NONE, ids=[row[0] for row in NONE])
def test_what_is_not_read_through_fsspec(url: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        storage.read(Read(url, 1000, 5))


def test_without_the_package_of_a_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adlfs", None)
    with pytest.raises(MissingExtra, match="pip install adlfs"):
        storage.read(Read("az://container/a.png", 1000, 5))


def test_without_fsspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtra, match=r'pip install "instructor-multimodal\[fsspec\]"'):
        storage.read(Read("s3://bucket/a.png", 1000, 5))


class Slow(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """A storage that takes its time, and one that fails with a key in its words."""

    protocol = "slow"

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        if "secret" in path:
            raise RuntimeError("denied for key AKIA-SECRET")
        time.sleep(1)
        return {"type": "file", "size": 3}


def test_time_and_secrets(server: Loopback) -> None:
    fsspec.register_implementation("slow", Slow, clobber=True)
    with pytest.raises(ProviderTimeout, match=r"no complete answer within 0\.1 s"):
        storage.read(Read("slow://a.png", 1000, 0.1))
    with pytest.raises(FetchError) as caught:
        storage.read(Read("slow://secret.png", 1000, 5))
    assert "AKIA" not in str(caught.value)
    assert "RuntimeError" in str(caught.value)
    client = instructor.from_provider("openai/gpt-4o-mini", policy=MediaPolicy(schemes={"slow"}, timeout=0.1))
    with pytest.raises(FetchError, match=r"slow://a\.png: no complete answer within 0.1 s"):
        client.create(User, ["Who?", Image.from_url("slow://a.png")])
    client.close()


async def test_all_of_a_request_is_told_at_once(server: Loopback, s3: str) -> None:
    way = Way("openai", False, True)
    media = [Image.from_url(f"{s3}/none.png"), PDF.from_url(f"{s3}/folder/cat.png"), Audio.from_bytes(recording())]
    with pytest.raises(MediaError, match="2 media cannot be sent") as caught:
        await way.create(User, ["x", *media], made={"policy": OPEN})
    assert "messages[0].content[1]: s3://pictures/none.png: there is no such object" in str(caught.value)
    assert "use Image" in str(caught.value)
