"""Uploads driven by hand: which media go, under which names, and what is done when a file is gone."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor.adapter import Accepts, Whole
from instructor.effects import Emit, Sleep, Together, Work
from instructor.errors import BadRequest, ConfigurationError, NotFound, PermissionDenied, ProviderError, UploadFailed
from instructor.filing import Filing, Multipart, ProviderFile, Slice, file_name
from instructor.fit import Limits
from instructor.ir import Message, Text, ToolResult
from instructor.media import PDF, FileId, Image, Media
from instructor.providers import _registry
from instructor.providers._files.gemini import FILES as GEMINI
from instructor.providers._files.openai import FILES
from instructor.uploads import Uploading, UploadPolicy, bounded, through, uploaded, ways

MIMES = frozenset({"application/pdf"})


def pdf(size: int = 100, mark: bytes = b"x", name: str | None = "a.pdf") -> PDF:
    head = b"%PDF-1.7\n1 0 obj\n"
    return PDF.from_bytes(head + mark * (size - len(head)), name=name)


def row(inline: int | None = 1000, most: int | None = 5000, **more: Any) -> Accepts:
    return Accepts(Limits(MIMES, max_bytes=inline), frozenset({"bytes"}), lambda medium: {}, upload_bytes=most, **more)


class Notes:
    """A store in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, ProviderFile] = {}
        self.taken: set[str] = set()

    def find(self, key: str) -> ProviderFile | None:
        return self.kept.get(key)

    def keep(self, key: str, file: ProviderFile) -> None:
        self.kept[key] = file

    def forget(self, key: str, id: str) -> None:
        if key in self.kept and self.kept[key].id == id:
            del self.kept[key]

    def all(self, account: str) -> list[tuple[str, ProviderFile]]:
        return list(self.kept.items())

    def lock(self, key: str) -> Callable[[], None] | None:
        if key in self.taken:
            return None
        self.taken.add(key)
        return lambda: self.taken.discard(key)


def uploading(**policy: Any) -> Uploading:
    return Uploading(FILES, UploadPolicy(**policy), Notes(), "openai-account")


def drive(flow: Any, answer: Callable[[Any], Any]) -> Any:
    """A flow to its end; `answer` stands for the outside world, except for work and what runs side by side."""
    value: Any = None
    failure: BaseException | None = None
    while True:
        try:
            effect = flow.throw(failure) if failure else flow.send(value)
        except StopIteration as end:
            return end.value
        value = failure = None
        try:
            if isinstance(effect, Work):
                value = effect.run()
            elif isinstance(effect, Together):
                value = tuple(drive(inner, answer) for inner in effect.flows)
            else:
                value = answer(effect)
        except Exception as error:
            failure = error


class World:
    """A provider that numbers its files."""

    def __init__(self, *failures: Exception) -> None:
        self.filings: list[Filing] = []
        self.told: list[Emit] = []
        self.slept = 0.0
        self.failures = list(failures)

    def __call__(self, effect: Any) -> Any:
        if isinstance(effect, Filing):
            self.filings.append(effect)
            if self.failures:
                raise self.failures.pop(0)
            return {"id": f"file-{len(self.filings)}", "filename": effect.name}
        if isinstance(effect, Sleep):
            self.slept += effect.seconds
        elif isinstance(effect, Emit):
            self.told.append(effect)
        return None


# ── which ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("policy", "size", "goes"),
    [
        (UploadPolicy(), 1000, False),
        (UploadPolicy(), 1001, True),
        (UploadPolicy(), 5001, False),  # no way is open: the limits that hold inline are told
        (UploadPolicy("never"), 1001, False),
        (UploadPolicy("always"), 100, True),
        (UploadPolicy(over_bytes=500), 500, False),
        (UploadPolicy(over_bytes=500), 501, True),
        (UploadPolicy("never", over_bytes=1), 501, False),
    ],
)
def test_the_way_of_one_medium(policy: UploadPolicy, size: int, goes: bool) -> None:
    assert ways(policy, {PDF: row()}, None, [pdf(size)]) == [goes]
    up, one, fixed = Uploading(FILES, policy, Notes(), "a"), row(), row(most=None)
    assert bounded(up, one, pdf(size)).limits.max_bytes == (5000 if goes else 1000)
    assert bounded(None, one, pdf(size)) is one
    assert bounded(up, fixed, pdf(size)) is fixed


def test_kinds_that_are_not_taken_as_files_stay_inline() -> None:
    assert ways(UploadPolicy("always"), {PDF: row(most=None)}, None, [pdf()]) == [False]
    elsewhere: list[Media] = [PDF.from_url("https://example.com/a.pdf"), PDF.from_file_id("file-1")]
    assert ways(UploadPolicy("always"), {PDF: row()}, None, elsewhere) == [False, False]


def test_the_largest_go_where_together_they_are_too_much() -> None:
    rows = {PDF: row(10_000_000, 50_000_000), Image: row(None, None)}
    media: list[Media] = [pdf(3_000_000), pdf(1_000_000), pdf(2_000_000)]
    whole = Whole(max_body=6_000_000)
    assert ways(UploadPolicy(), rows, whole, media) == [True, False, False]
    assert ways(UploadPolicy(), rows, Whole(max_media=2_000_000), media) == [True, False, True]
    assert ways(UploadPolicy("never"), rows, whole, media) == [False] * 3
    assert ways(UploadPolicy(), rows, Whole(max_body=60_000_000), media) == [False] * 3


def test_each_row_that_takes_uploads_is_of_a_provider_that_has_them() -> None:
    for name in ("openai", "openai-responses", "anthropic", "gemini", "mistral"):
        provider = _registry.find(name)
        assert provider.files is not None
        taken = {kind for kind, bound in provider.adapter.media.items() if bound.uploads}
        assert PDF in taken
        for kind in taken:
            bound = provider.adapter.media[kind]
            assert "id" in bound.sources or bound.linked, f"{name} names no uploaded {kind.__name__}"
            room = bound.limits.room
            assert room is None or (bound.upload_bytes or 0) >= room, "what goes inline could be uploaded, too"
    assert _registry.find("vertexai").files is None


@pytest.mark.parametrize(
    "wrong",
    [{"when": "now"}, {"over_bytes": -1}, {"over_bytes": True}, {"keep": 0}, {"patience": "long"}],
)
def test_policies_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        UploadPolicy(**wrong)
    with pytest.raises(ConfigurationError):
        UploadPolicy.parse(5)


# ── before ───────────────────────────────────────────────────────────────────────────────────────


def test_equal_content_is_uploaded_once_wherever_it_stands() -> None:
    first, second = pdf(), pdf().replace(cache_control=True)
    messages = (
        Message("user", (Text("a"), first, second)),
        Message("tool", (ToolResult("call", (first,)),)),
    )
    world, up = World(), uploading(when="always")
    done = drive(uploaded(up, {PDF: row()}, None, messages), world)
    assert [filing.verb for filing in world.filings] == ["upload"]
    assert (world.filings[0].name, world.filings[0].expires) == ("a.pdf", 7 * 86_400)
    parts = done[0].parts
    assert parts[1].origin == parts[2].origin == done[1].parts[0].parts[0].origin == FileId("file-1")
    assert (parts[1].cache_control, parts[2].cache_control) == (None, second.cache_control)
    assert parts[1].name == "a.pdf"
    assert parts[1].media_type == "application/pdf"
    assert [emitted.event.name for emitted in world.told] == ["media:uploaded"]
    assert messages[0].parts[1] is first, "nothing of the caller's is written to"


def test_messages_without_uploads_are_the_same_objects() -> None:
    messages = (Message("user", (pdf(),)),)
    assert drive(uploaded(uploading(), {PDF: row()}, None, messages), World()) is messages


def test_somebody_else_is_waited_for() -> None:
    up, medium = uploading(when="always"), pdf()
    world, found = World(), ProviderFile("file-9", "file-9")
    notes: Any = up.store

    def answer(effect: Any) -> Any:
        if isinstance(effect, Sleep) and world.slept > 1:
            for key in notes.taken:
                notes.kept[key] = found
            notes.taken.clear()
        return world(effect)

    original = notes.lock
    notes.lock = lambda key: (notes.taken.add(key), setattr(notes, "lock", original))[0]  # somebody has it
    (message,) = drive(uploaded(up, {PDF: row()}, None, (Message("user", (medium,)),)), answer)
    assert message.parts[0].origin == FileId("file-9")
    assert world.filings == []
    assert notes.taken == set()


@pytest.mark.parametrize("error", [PermissionDenied("no", status=403), BadRequest("bad", status=400)])
def test_a_failed_upload_leaves_nothing_behind(error: ProviderError) -> None:
    up, world = uploading(when="always"), World(error)
    with pytest.raises(UploadFailed, match=r"messages\[0\]\.content\[0\]") as caught:
        drive(uploaded(up, {PDF: row()}, None, (Message("user", (pdf(),)),)), world)
    assert caught.value.__cause__ is error
    notes: Any = up.store
    assert (notes.kept, notes.taken) == ({}, set())


# ── while ────────────────────────────────────────────────────────────────────────────────────────


def sent(*media: PDF) -> tuple[Uploading, World, dict[str, Any]]:
    up, world = uploading(when="always"), World()
    (message,) = drive(uploaded(up, {PDF: row()}, None, (Message("user", media),)), world)
    return up, world, {"model": "m", "parts": [{"file_id": str(part.source)} for part in message.parts]}


def sending_to(*failures: Exception) -> tuple[list[Any], Callable[[Any], Any]]:
    wires: list[Any] = []
    left = list(failures)

    def send(wire: Any) -> Any:
        wires.append(wire)
        if left:
            raise left.pop(0)
        return "answer"
        yield

    return wires, send


@pytest.mark.parametrize(
    "error",
    [
        NotFound("No such File object: file-1", status=404),
        NotFound("File not found: file-1", status=404),
        BadRequest("The file has expired", status=404, code="file_expired"),
        PermissionDenied("You do not have permission to access the File file-1 or it may not exist.", status=403),
        BadRequest("x", status=400, body={"error": {"message": "file-1 was deleted"}}),
    ],
)
def test_a_file_that_is_gone_is_uploaded_again_and_the_request_sent_again(error: ProviderError) -> None:
    up, world, wire = sent(pdf())
    wires, send = sending_to(error)
    assert drive(through(up, wire, send), world) == "answer"
    assert wires == [wire, {"model": "m", "parts": [{"file_id": "file-2"}]}]
    wires.clear()
    assert drive(through(up, wire, send), world) == "answer"
    assert wires == [{"model": "m", "parts": [{"file_id": "file-2"}]}], "later attempts name the new one at once"


def test_only_the_file_that_is_named_is_uploaded_again() -> None:
    up, world, wire = sent(pdf(mark=b"1"), pdf(mark=b"2"))
    wires, send = sending_to(NotFound("No such File object: file-2", status=404))
    drive(through(up, wire, send), world)
    assert wires[1]["parts"] == [{"file_id": "file-1"}, {"file_id": "file-3"}]


@pytest.mark.parametrize(
    "error",
    [
        NotFound("The model m does not exist", status=404),
        BadRequest("file-1 is not a PDF", status=400),
        ProviderError("file-1 not found", status=500),
    ],
)
def test_other_errors_are_not_taken_for_it(error: ProviderError) -> None:
    up, world, wire = sent(pdf())
    wires, send = sending_to(error)
    with pytest.raises(type(error)):
        drive(through(up, wire, send), world)
    assert len(world.filings) == len(wires) == 1


def test_it_is_tried_once() -> None:
    up, world, wire = sent(pdf())
    wires, send = sending_to(*(NotFound("No such File object", status=404) for _ in range(9)))
    with pytest.raises(NotFound):
        drive(through(up, wire, send), world)
    assert len(wires) == 2
    with pytest.raises(NotFound):
        drive(through(up, wire, send), world)
    assert len(world.filings) == 2, "nor in a later attempt of the same call"


# ── how ──────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.binary(min_size=1, max_size=3000), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
)
def test_a_form_is_read_as_it_was_written(content: bytes, name: str) -> None:
    medium = PDF.from_bytes(b"%PDF-1.7\n" + content)
    body = Multipart({"purpose": "user_data", "a[b]": "1"}, file_name(medium.replace(name=name or None)), medium)
    whole = b"".join(body)
    assert len(whole) == body.length
    read = message_from_bytes(b"Content-Type: " + body.media_type.encode() + b"\r\n\r\n" + whole)
    fields = [part.get_param("name", header="content-disposition") for part in read.get_payload()]  # type: ignore[union-attr]
    assert fields == ["purpose", "a[b]", "file"]
    assert whole.split(b"\r\n\r\n", 3)[3].rpartition(b"\r\n--")[0] == b"%PDF-1.7\n" + content


def test_a_slice_is_a_part_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(1000, b"ab").read())
    medium = PDF.from_path(path)
    assert b"".join(Slice(medium, 100, 50)) == medium.read()[100:150]
    assert Slice(medium, 0, 1).streams
    assert not Slice(pdf(), 0, 1).streams


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", "a.pdf"),
        ("A.PDF", "A.PDF"),
        (None, "pdf.pdf"),
        ("scan.jpg", "scan.jpg.pdf"),
        ('x<>:"|?*\\/y.pdf', "x_________y.pdf"),
        ("../../etc/passwd", ".._.._etc_passwd.pdf"),
        ("n" * 300 + ".pdf", "n" * 200 + ".pdf"),
    ],
)
def test_names(name: str | None, expected: str) -> None:
    assert file_name(pdf(name=name)) == expected


@pytest.mark.parametrize("id", ["files/abc", "abc", "https://generativelanguage.googleapis.com/v1beta/files/abc"])
def test_geminis_files_have_several_names(id: str) -> None:
    assert GEMINI.one(id) == "/v1beta/files/abc"
