"""Uploads through the Files APIs: once, again when they are gone, by hand, and never silently."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import instructor
from instructor import PDF, Audio, Hooks, UploadPolicy, Video
from instructor.errors import ConfigurationError, NotFound, UnsupportedMedia, UploadFailed
from instructor.providers._files import gemini as gemini_files
from instructor.testing import Loopback
from tests.unit.fit_av.making import film as made

from .conftest import recording
from .filing import OWN, ROADS, Note, Road, every_own_road, every_road
from .ways import settled

INVOICE = Path(__file__).parents[2] / "examples/invoice.pdf"
MB = 1024 * 1024


@pytest.fixture(scope="module")
def house() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture
def server(house: Loopback) -> Iterator[Loopback]:
    yield house
    house.clear()
    house.uploads.__init__()  # type: ignore[misc]  # as new


@pytest.fixture
def policy(tmp_path: Path) -> UploadPolicy:
    return UploadPolicy("always", directory=str(tmp_path / "notes"))


@pytest.fixture
def quick() -> Iterator[None]:
    """No pause between two looks at a film that is being processed."""
    before = gemini_files.FILES.pause
    object.__setattr__(gemini_files.FILES, "pause", 0.001)
    yield
    object.__setattr__(gemini_files.FILES, "pause", before)


def asked(server: Loopback) -> list[Any]:
    """The requests to a model."""
    return [request for request in server.requests if "/files" not in request.path]


def posts(server: Loopback) -> int:
    """How often an upload began."""
    return sum(
        request.method == "POST" and "/files" in request.path and "upload_id" not in request.query
        for request in server.requests
    )


SHORT = made("mp4", each=0.2)
"""A film of a second."""


def padded(size: int, filling: bytes = b"") -> bytes:
    """A whole film of so many bytes: what is too much stands in a box that players pass over (ISO/IEC 14496-12, `free`)."""
    room = size - len(SHORT)
    return SHORT + room.to_bytes(4, "big") + b"free" + (filling or bytes(room - 8))


def notes_of(policy: UploadPolicy, pattern: str = "*.json") -> list[Path]:
    """The notes of what was uploaded."""
    return sorted(Path(str(policy.directory)).rglob(pattern))


def film(path: Path, size: int) -> Video:
    """The same in a file with a hole."""
    path.write_bytes(padded(len(SHORT) + 8)[:-8] + (size - len(SHORT)).to_bytes(4, "big") + b"free")
    os.truncate(path, size)
    return Video.from_path(path)


# ── once ─────────────────────────────────────────────────────────────────────────────────────────


@every_road
async def test_a_file_is_uploaded_once_and_named_in_each_request(
    road: Road, server: Loopback, policy: UploadPolicy
) -> None:
    told: list[Any] = []
    hooks = Hooks({"media:uploaded": lambda uploaded, where: told.append((uploaded, where))})
    for _ in range(2):
        async with road.open(server, uploads=policy, hooks=hooks) as client:
            server.reply({"title": "one"}).reply({"title": "two"})
            assert await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)])) == Note(title="one")
            assert await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)])) == Note(title="two")
    assert posts(server) == 1
    (stored,) = server.uploads.files.values()
    assert (stored.data, stored.name, stored.media_type) == (INVOICE.read_bytes(), "invoice.pdf", "application/pdf")
    assert len(asked(server)) == 4
    for request in asked(server):
        assert request.refused is None
        assert stored.id in request.body.decode()
        assert len(request.body) < 3000
    ((uploaded, where),) = told
    assert (uploaded.file.id, uploaded.medium.name, where) == (stored.id, "invoice.pdf", "messages[0].content[1]")


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "mistral"])
async def test_our_sender_and_the_sdk_share_what_one_account_has_uploaded(
    name: str, server: Loopback, policy: UploadPolicy
) -> None:
    for road in (road for road in ROADS if road.name == name):
        async with road.open(server, uploads=policy) as client:
            await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
    assert posts(server) == 1
    async with Road(name, False, False).open(server, key="sk-other", uploads=policy) as client:
        client.create(Note, ["Read.", PDF.from_path(INVOICE)])
    assert posts(server) == 2, "another account's files are not there for this one"


@every_own_road
async def test_nothing_that_is_secret_is_noted(road: Road, server: Loopback, policy: UploadPolicy) -> None:
    async with road.open(server, key="sk-hush", uploads=policy) as client:
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
    (note,) = notes_of(policy, "*.*")
    assert "hush" not in str(note) + note.read_text()
    assert "invoice" not in str(note) + note.read_text()
    assert note.stat().st_mode & 0o077 == 0


async def test_calls_side_by_side_share_one_upload(server: Loopback, policy: UploadPolicy) -> None:
    async with Road("openai", False, True).open(server, uploads=policy) as client:
        await asyncio.gather(*(client.create(Note, ["Read.", PDF.from_path(INVOICE)]) for _ in range(10)))
    assert posts(server) == 1
    assert len(asked(server)) == 10


PROCESS = """
import sys
from pydantic import BaseModel
import instructor
from instructor import PDF, UploadPolicy

class Note(BaseModel):
    title: str

url, directory, path = sys.argv[1:]
policy = UploadPolicy("always", directory=directory)
with instructor.from_provider("openai/gpt-4o-mini", base_url=url, api_key="k", uploads=policy) as client:
    client.create(Note, ["Read.", PDF.from_path(path)])
"""


async def test_processes_share_one_upload(server: Loopback, policy: UploadPolicy) -> None:
    command = [sys.executable, "-c", PROCESS, server.openai_url, str(policy.directory), str(INVOICE)]
    running = [await asyncio.create_subprocess_exec(*command) for _ in range(2)]
    assert [await process.wait() for process in running] == [0, 0]
    assert posts(server) == 1
    assert len(asked(server)) == 2


# ── gone ─────────────────────────────────────────────────────────────────────────────────────────


@every_road
async def test_a_deleted_file_is_uploaded_again(road: Road, server: Loopback, policy: UploadPolicy) -> None:
    async with road.open(server, uploads=policy) as client:
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
        (first,) = server.uploads.files
        server.uploads.drop(first)
        server.reply({"title": "again"})
        assert await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)])) == Note(title="again")
        (second,) = server.uploads.files
        assert posts(server) == 2
        assert second in asked(server)[-1].body.decode()
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
        assert posts(server) == 2, "the new one is noted"


@every_own_road
async def test_a_stream_and_a_retry_go_on_with_the_new_file(road: Road, server: Loopback, policy: UploadPolicy) -> None:
    async with road.open(server, uploads=policy) as client:
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
        server.uploads.drop(next(iter(server.uploads.files)))
        server.reply({"title": 5}).reply({"title": "good"})
        assert await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)])) == Note(title="good")
        assert [request.refused is None for request in asked(server)] == [True, False, True, True]
        server.uploads.drop(next(iter(server.uploads.files)))
        server.reply({"title": "streamed"})
        stream = client.create_partial(Note, ["Read.", PDF.from_path(INVOICE)])
        seen = [item async for item in stream] if road.asynchronous else list(stream)
        assert seen[-1] == Note(title="streamed")
        assert posts(server) == 3


async def test_a_file_that_is_gone_again_is_an_error(server: Loopback, policy: UploadPolicy) -> None:
    async with Road("openai", False, False).open(server, uploads=policy) as client:
        server.fail(404, message="No such File object: any").fail(404, message="No such File object: any")
        with pytest.raises(NotFound):
            client.create(Note, ["Read.", PDF.from_path(INVOICE)])
        assert posts(server) == 2
        server.clear()
        server.fail(404, message="The model does not exist.")
        with pytest.raises(NotFound, match="model"):
            client.create(Note, ["Read.", PDF.from_path(INVOICE)])
        assert posts(server) == 0, "that was about something else"


@every_own_road
async def test_a_file_whose_time_has_passed_is_uploaded_again(
    road: Road, server: Loopback, policy: UploadPolicy
) -> None:
    async with road.open(server, uploads=policy) as client:
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
        (note,) = notes_of(policy)
        facts = json.loads(note.read_text())
        assert (facts["expires_at"] is None) == (road.api == "mistral")
        note.write_text(json.dumps({**facts, "expires_at": 1.0}))
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
    assert posts(server) == 2
    assert not any(request.refused for request in server.requests)


# ── failures ─────────────────────────────────────────────────────────────────────────────────────


@every_road
async def test_a_refused_upload_is_one_error_and_nothing_is_sent(
    road: Road, server: Loopback, policy: UploadPolicy
) -> None:
    async with road.open(server, uploads=policy) as client:
        server.uploads.fail(403, "Storage is full.")
        with pytest.raises(UploadFailed, match="Storage is full") as caught:
            await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
    error = caught.value
    assert (error.status, error.where, error.retryable) == (403, "messages[0].content[1]", False)
    assert isinstance(error.__cause__, instructor.errors.PermissionDenied)
    assert asked(server) == []
    assert notes_of(policy) == []


@pytest.mark.parametrize("name", ["openai", "anthropic", "mistral"])
async def test_an_upload_that_broke_off_is_made_again(name: str, server: Loopback, policy: UploadPolicy) -> None:
    async with Road(name, False, True).open(server, uploads=policy) as client:
        server.uploads.fail(500)
        await client.create(Note, ["Read.", PDF.from_path(INVOICE)])
    assert posts(server) == 2


async def test_a_file_that_changes_is_not_uploaded(server: Loopback, policy: UploadPolicy, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(INVOICE.read_bytes())
    document = PDF.from_path(path)
    path.write_bytes(INVOICE.read_bytes() + b"\n")
    async with Road("openai", False, False).open(server, uploads=policy) as client:
        with pytest.raises(instructor.errors.UnreadableMedia, match="changed"):
            client.create(Note, ["Read.", document])
    assert server.requests == []


# ── Gemini: films ────────────────────────────────────────────────────────────────────────────────

GEMINI = [road for road in ROADS if road.name == "gemini"]


# what google-genai does with aiohttp, where that is installed
@pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")
@pytest.mark.parametrize("road", GEMINI, ids=str)
@pytest.mark.usefixtures("quick")
async def test_what_is_too_large_for_a_request_is_uploaded_and_waited_for(
    road: Road, server: Loopback, policy: UploadPolicy, tmp_path: Path
) -> None:
    server.uploads.processing = 2
    video = film(tmp_path / "film.mp4", 17 * MB)
    async with road.open(server, uploads=UploadPolicy(directory=policy.directory)) as client:
        await settled(client.create(Note, ["Watch.", video]))
    (stored,) = server.uploads.files.values()
    assert (len(stored.data), stored.media_type, stored.polls) == (17 * MB, "video/mp4", 0)
    pieces = [request.headers["x-goog-upload-command"] for request in server.requests if "upload_id" in request.query]
    assert pieces == ["upload", "upload", "upload, finalize"]
    assert sum(request.method == "GET" for request in server.requests) == 2
    assert stored.id in asked(server)[-1].body.decode()


@pytest.mark.parametrize("road", GEMINI, ids=str)
async def test_a_film_that_cannot_be_processed(
    road: Road, server: Loopback, policy: UploadPolicy, tmp_path: Path
) -> None:
    server.uploads.processing = -1
    async with road.open(server, uploads=policy) as client:
        with pytest.raises(UploadFailed, match="The film could not be processed"):
            await settled(client.create(Note, ["Watch.", film(tmp_path / "film.mp4", 100_000)]))
    assert asked(server) == []


@pytest.mark.usefixtures("quick")
async def test_patience_ends(server: Loopback, policy: UploadPolicy, tmp_path: Path) -> None:
    server.uploads.processing = 1_000_000
    patient = UploadPolicy("always", patience=0.01, directory=policy.directory)
    async with Road("gemini", False, True).open(server, uploads=patient) as client:
        with pytest.raises(UploadFailed, match="patience"):
            await client.create(Note, ["Watch.", film(tmp_path / "film.mp4", 100_000)])


@pytest.mark.parametrize("road", [road for road in GEMINI if not road.sdk], ids=str)
async def test_a_broken_upload_is_resumed_where_it_stands(
    road: Road, server: Loopback, policy: UploadPolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gemini_files, "PIECE_BYTES", 256 * 1024)
    size = len(SHORT) + 600 * 1024
    content = padded(size, random.Random(1).randbytes(600 * 1024 - 8))
    async with road.open(server, uploads=policy) as client:
        original = server.uploads._resumable

        def breaking(arrived: Any, *rest: Any) -> Any:
            answer = original(arrived, *rest)
            if arrived.headers.get("x-goog-upload-offset") == str(256 * 1024) and not server.uploads._faults:
                monkeypatch.setattr(server.uploads, "_resumable", original)
                raise ConnectionAbortedError
            return answer

        monkeypatch.setattr(server.uploads, "_resumable", breaking)
        await settled(client.create(Note, ["Watch.", Video.from_bytes(content)]))
    (stored,) = server.uploads.files.values()
    assert stored.data == content
    commands = [request.headers["x-goog-upload-command"] for request in server.requests if "upload_id" in request.query]
    assert commands == ["upload", "upload", "query", "upload, finalize"]


# ── Mistral: signed addresses ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("road", [road for road in ROADS if road.name == "mistral"], ids=str)
async def test_a_recording_is_named_by_an_address_that_is_kept_nowhere(
    road: Road, server: Loopback, policy: UploadPolicy
) -> None:
    sound = Audio.from_bytes(recording())
    async with road.open(server, uploads=policy) as client:
        await settled(client.create(Note, ["Listen.", sound]))
        await settled(client.create(Note, ["Listen.", sound]))
        by_hand = await settled(client.files.upload(sound))
        await settled(client.create(Note, ["Listen.", by_hand]))
    assert posts(server) == 1
    (stored,) = server.uploads.files.values()
    assert stored.fields["purpose"] == "audio"
    for request in asked(server):
        chunk = request.json["messages"][0]["content"][1]
        assert chunk["type"] == "input_audio"
        assert chunk["input_audio"].startswith(f"{server.url}/mistral/v1/files/{stored.id}/content?")
    (note,) = notes_of(policy)
    assert "signature" not in note.read_text()


# ── which way ────────────────────────────────────────────────────────────────────────────────────


@every_own_road
async def test_what_goes_inline_goes_inline(road: Road, server: Loopback, tmp_path: Path) -> None:
    async with road.open(server, uploads=UploadPolicy(directory=str(tmp_path))) as client:
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
        assert posts(server) == 0
        over = UploadPolicy(over_bytes=1000, directory=str(tmp_path))
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)], uploads=over))
        assert posts(server) == 1
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)], uploads="never"))
        assert posts(server) == 1
        assert len(asked(server)[-1].body) > 5000


async def test_never_leaves_the_limits_as_they_are(server: Loopback, tmp_path: Path) -> None:
    video = film(tmp_path / "film.mp4", 17 * MB)
    async with Road("gemini", False, False).open(server, uploads="never", fit="strict") as client:
        with pytest.raises(instructor.errors.MediaError, match="20,971,520"):
            client.create(Note, ["Watch.", video])
        plan = client.plan(Note, ["Watch.", video], uploads=UploadPolicy(directory=str(tmp_path)))
    assert plan.problem is None
    assert server.requests == []


async def test_a_provider_without_a_files_api(server: Loopback) -> None:
    client = instructor.from_provider("groq/any", api_key="k", uploads="always")
    with pytest.raises(ConfigurationError, match="groq has no Files API"):
        client.create(Note, ["Read."])
    with pytest.raises(ConfigurationError, match="groq has no Files API"):
        client.files.list()
    with pytest.raises(ConfigurationError, match='"auto", "always" or "never"'):
        instructor.from_provider("groq/any", api_key="k", uploads="sometimes")


@every_own_road
async def test_a_plan_names_uploads_and_makes_none(road: Road, server: Loopback, policy: UploadPolicy) -> None:
    async with road.open(server, uploads=policy) as client:
        plan = await settled(client.plan(Note, ["Read.", PDF.from_path(INVOICE)]))
        assert plan.uploads == (f"messages[0].content[1] {PDF.from_path(INVOICE)!r}",)
        assert "uploaded first" in str(plan)
        assert "<uploaded first>" in json.dumps(plan.request)
        assert server.requests == []
        assert notes_of(policy) == []
        await settled(client.create(Note, ["Read.", PDF.from_path(INVOICE)]))
        plan = await settled(client.plan(Note, ["Read.", PDF.from_path(INVOICE)]))
        assert plan.uploads == ()
        assert next(iter(server.uploads.files)) in json.dumps(plan.request)


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


@every_road
async def test_files_by_hand(road: Road, server: Loopback, policy: UploadPolicy) -> None:
    told: list[Any] = []
    hooks = Hooks({"media:uploaded": lambda uploaded, where: told.append(uploaded.file.id)})
    async with road.open(server, uploads=policy, hooks=hooks) as client:
        first = await settled(client.files.upload(PDF.from_path(INVOICE), keep=3600))
        assert told == list(server.uploads.files)
        assert first.source_kind == "id"
        assert await settled(client.files.upload(PDF.from_path(INVOICE))) == first
        assert posts(server) == 1
        await settled(client.create(Note, ["Read.", first]))
        (stored,) = server.uploads.files.values()
        assert stored.id in asked(server)[-1].body.decode()
        if road.api in ("openai", "anthropic"):
            assert stored.expires is not None
            assert round(stored.expires - stored.created) == 3600
        foreign = server.uploads.put(road.api, "foreign.pdf", b"%PDF-1.4", owner="sk-test")
        server.uploads.page = 1
        listed = await settled(client.files.list())
        assert [file.id for file in listed] == [stored.id, foreign.id]
        assert [file.size for file in listed] == [INVOICE.stat().st_size, 8]
        await settled(client.files.delete(foreign.id))
        with pytest.raises(instructor.errors.ProviderError):
            await settled(client.files.delete(foreign.id))
        await settled(client.files.delete(first))
        assert server.uploads.files == {}
        await settled(client.files.upload(PDF.from_path(INVOICE)))
        assert posts(server) == 2, "a deleted one is forgotten"
        server.uploads.put(road.api, "foreign.pdf", b"%PDF-1.4", owner="sk-test")
        assert await settled(client.files.clear()) == 1
        assert [file.name for file in server.uploads.files.values()] == ["foreign.pdf"]
        assert await settled(client.files.clear()) == 0


async def test_by_hand_needs_content(server: Loopback, policy: UploadPolicy) -> None:
    async with Road("openai", False, False).open(server, uploads=policy) as client:
        with pytest.raises(UnsupportedMedia, match="no content to upload"):
            client.files.upload(PDF.from_url("https://example.com/a.pdf"))
        with pytest.raises(ConfigurationError, match="named by its id"):
            client.files.delete(PDF.from_path(INVOICE))
        with pytest.raises(ConfigurationError, match="3,600 to 2,592,000"):
            client.files.upload(PDF.from_path(INVOICE), keep=5)


async def test_clear_passes_over_what_is_gone_already(server: Loopback, policy: UploadPolicy) -> None:
    for road in OWN:
        if road.asynchronous:
            continue
        async with road.open(server, uploads=policy) as client:
            client.files.upload(PDF.from_path(INVOICE))
            server.uploads.drop(next(iter(server.uploads.files)))
            assert client.files.clear() == 0


# ── memory ───────────────────────────────────────────────────────────────────────────────────────

UPLOADING = """
import asyncio, sys
from pydantic import BaseModel
import instructor
from instructor import UploadPolicy, Video

class Note(BaseModel):
    title: str

url, name, asynchronous, directory, *paths = sys.argv[1:]

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

client = instructor.from_provider(
    name, base_url=url, api_key="k", async_client=asynchronous == "True", uploads=UploadPolicy("always", directory=directory)
)

async def slowly():
    for path in paths:
        peaks.append(peak())
        await client.files.upload(Video.from_path(path))
    await client.close()

peaks = []
if asynchronous == "True":
    asyncio.run(slowly())
else:
    for path in paths:
        peaks.append(peak())
        client.files.upload(Video.from_path(path))
    client.close()
print(peak() - peaks[-1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read as Linux tells it")
@pytest.mark.parametrize(("name", "asynchronous"), [("openai/gpt-4o", False), ("gemini/gemini-2.5-flash", True)])
async def test_a_large_file_never_sits_in_memory(
    name: str, asynchronous: bool, server: Loopback, tmp_path: Path
) -> None:
    paths = [tmp_path / "small.mp4", tmp_path / "large.mp4"]
    film(paths[0], MB)
    film(paths[1], 64 * MB)
    url = server.openai_url if name.startswith("openai") else server.url
    command = [sys.executable, "-c", UPLOADING, url, name, str(asynchronous), str(tmp_path / "notes"), *map(str, paths)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert sorted(len(file.data) for file in server.uploads.files.values()) == [MB, 64 * MB]
    assert int(said) < 12 * MB
