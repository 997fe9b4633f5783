"""What text in messages may stand for, and which local files it may name."""

from __future__ import annotations

import base64
import io
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from instructor.chat import may_read_files, parse
from instructor.errors import BlockedFile, MediaError, MediaNotFound, UnreadableMedia
from instructor.ir import Message, Text, ToolResult
from instructor.media import PDF, Audio, Document, File, Image, Media, Video, autodetect, confined, named


def picture(format: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    stream = io.BytesIO()
    Pillow.new("RGB", size).save(stream, format)
    return stream.getvalue()


PNG = picture()
B64 = base64.b64encode(PNG).decode()
PDF_B64 = base64.b64encode(b"%PDF-1.7\n" + bytes(range(256)) * 2 + b"x").decode()


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside / "deep", outside, tmp_path / "inside2"):
        folder.mkdir(parents=True)
        (folder / "cat.png").write_bytes(PNG)
    (inside / "cat.png").write_bytes(PNG)
    (inside / "my cat.png").write_bytes(PNG)
    (inside / "no suffix").write_bytes(PNG)
    (inside / "notes.txt").write_text("hello")
    (inside / "fake.png").write_text("hello")
    (inside / "empty.png").touch()
    (inside / "folder.png").mkdir()
    (inside / "link.png").symlink_to(inside / "cat.png")
    (inside / "out.png").symlink_to(outside / "cat.png")
    (inside / "out").symlink_to(outside)
    (inside / "ring.png").symlink_to(inside / "ring.png")
    os.mkfifo(inside / "pipe.png")
    os.mkfifo(inside / "pipe")
    monkeypatch.chdir(inside)
    return tmp_path


# ── text ─────────────────────────────────────────────────────────────────────────────────────────

MEDIA: dict[str, tuple[str, type[Media]]] = {
    "a path": ("cat.png", Image),
    "a path with a space": ("my cat.png", Image),
    "a path without a suffix": ("no suffix", Image),
    "a path from here": ("./cat.png", Image),
    "a way round": ("../inside/deep/cat.png", Image),
    "a link": ("link.png", Image),
    "a data URI": (f"data:image/png;base64,{B64}", Image),
    "a data URI in capitals": (f"DATA:IMAGE/PNG;BASE64,{B64}", Image),
    "a data URI of another kind": (f"data:application/pdf;base64,{PDF_B64}", PDF),
    "base64 of a picture": (B64, Image),
    "base64 of a large picture": (base64.b64encode(picture("BMP", (300, 300))).decode(), Image),
    "https": ("https://x.org/a", Image),
    "http": ("HTTP://x.org/a.mp3?x=1#y", Audio),
    "gs": ("gs://bucket/a.mp4", Video),
    "s3": ("s3://bucket/a.pdf", PDF),
    "s3, a document": ("s3://bucket/a.docx", Document),
}

TEXT: dict[str, str] = {
    "words": "hello",
    "nothing": "",
    "spaces": "   ",
    "text that begins like a data URI": "data: the quick, brown fox",
    "a data URI and more": f"data:image/png;base64,{B64} what is this?",
    "an address and more": "https://x.org/a.png is a picture",
    "an address behind something": "see https://x.org/a.png",
    "two addresses": "https://x.org/a.png\nhttps://x.org/b.png",
    "an address of another scheme": "ftp://x.org/a",
    "a file address": "file:///etc/passwd",
    "a path and more": "cat.png and dog.png",
    "a path behind something": "see cat.png",
    "a path and a line break": "cat.png\n",
    "a path with a zero": "cat.png\0",
    "a path of text": "notes.txt",
    "a missing path of text": "missing.txt",
    "a folder": "deep",
    "a pipe without a suffix": "pipe",
    "a missing path with a space": "describe cat.jpg",
    "another machine's file": "//server/share/cat.png",
    "another machine's file, on Windows": "\\\\server\\share\\cat.png",
    "the system's own": "/proc/self/environ",
    "a secret": "/etc/passwd",
    "base64 and more": B64 + " ?",
    "base64 cut off": B64[:-1],
    "base64 for addresses": B64.replace("+", "-").replace("/", "_") + "-_==",
    "base64 of something else": base64.b64encode(b"words " * 40).decode(),
    "base64 of a PDF": PDF_B64,
    "base64 that is too short": base64.b64encode(PNG[:40]).decode(),
    "a number in hexadecimal": "89504e470d0a1a0a" * 8,
    "a long word": "A" * 4000,
    "a long path": "/" * 5000 + ".png",
}


@pytest.mark.parametrize(("text", "kind"), MEDIA.values(), ids=MEDIA)
def test_what_stands_for_media(text: str, kind: type[Media]) -> None:
    (message,) = parse([{"role": "user", "content": ["look:", text]}], autodetect_media=True)
    assert [type(part) for part in message.parts] == [Text, kind]


@pytest.mark.parametrize("text", TEXT.values(), ids=TEXT)
def test_what_stays_text(text: str) -> None:
    (message,) = parse([{"role": "user", "content": [text, "x"]}], autodetect_media=True)
    assert message.parts == (Text(text), Text("x"))


WRONG: dict[str, tuple[str, type[MediaError], str]] = {
    "missing": ("none.png", MediaNotFound, "looks like the path of a medium and there is no such file"),
    "missing, of a document": ("deep/report.docx", MediaNotFound, "no such file"),
    "missing, in a folder": ("../outside/none.mp3", MediaNotFound, "no such file"),
    "missing, with a space": ("./my dog.png", MediaNotFound, "no such file"),
    "missing, absolute, with a space": ("/srv/pictures/my dog.png", MediaNotFound, "no such file"),
    "not what it is called": ("fake.png", UnreadableMedia, "a file that holds no media: it is plain text"),
    "empty": ("empty.png", UnreadableMedia, "is empty"),
    "a folder": ("folder.png", MediaNotFound, "is a directory"),
    "a pipe": ("pipe.png", MediaNotFound, "not a regular file"),
    "a ring": ("ring.png", MediaNotFound, "no such file"),
    "a damaged data URI": ("data:image/png;base64,AAAA", UnreadableMedia, "not a picture"),
    "a data URI of wrong base64": ("data:image/png;base64,!!!!", UnreadableMedia, "not valid base64"),
}


@pytest.mark.parametrize(("text", "error", "words"), WRONG.values(), ids=WRONG)
def test_what_is_an_error_and_not_text(text: str, error: type[MediaError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        parse([{"role": "user", "content": ["x", text]}], autodetect_media=True)
    assert caught.value.where == "messages[0].content[1]"


@pytest.mark.parametrize("role", ["system", "developer", "assistant"])
def test_only_users_are_listened_to(role: str) -> None:
    for text in (*(row[0] for row in MEDIA.values()), "none.png"):
        (message,) = parse([{"role": role, "content": text}], autodetect_media=True)
        assert message.parts == (Text(text),)
    result = {"role": "tool", "tool_call_id": "c", "content": "cat.png"}
    assert parse([result], autodetect_media=True)[0].parts == (ToolResult("c", (Text("cat.png"),)),)
    inner = {"type": "tool_result", "tool_use_id": "c", "content": "cat.png"}
    (message,) = parse([{"role": "user", "content": [inner]}], autodetect_media=True)
    assert message.parts == (ToolResult("c", (Text("cat.png"),)),)
    assert parse([{"role": "user", "content": "cat.png"}])[0].parts == (Text("cat.png"),)


LONG: dict[str, str] = {
    "prose": "The quick brown fox. " * 50_000,
    "a word": "A" * 1_000_000,
    "like an address": "https://x.org/" + "a" * 1_000_000,
    "like a path": "/" + "a/" * 500_000 + "b.png",
    "like a data URI": "data: " + "words, " * 150_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_text_is_never_looked_up(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the disk was asked")

    for name in ("os.stat", "os.lstat", "os.open", "os.path.realpath", "os.path.expanduser"):
        monkeypatch.setattr(name, refuse)
    spent = []
    for _ in range(5):
        begun = time.perf_counter()
        assert autodetect(text) is None
        spent.append(time.perf_counter() - begun)
    monkeypatch.undo()
    assert min(spent) < 0.001


# ── roots ────────────────────────────────────────────────────────────────────────────────────────

WAYS = {
    "text": lambda path: [{"role": "user", "content": [str(path)]}],
    "a path": lambda path: [{"role": "user", "content": [Path(path)]}],
    "a path by itself": lambda path: Path(path),
    "a dict": lambda path: [{"role": "user", "content": [{"type": "image", "source": str(path)}]}],
    "a dict of a path": lambda path: [{"role": "system", "content": [{"type": "image", "source": Path(path)}]}],
    "a value": lambda path: [{"role": "user", "content": [Image.from_path(path)]}],
    "a value by itself": lambda path: Image.from_path(path),
    "a value in a dict": lambda path: [
        {"role": "user", "content": [{"type": "image", "source": Image.from_path(path)}]}
    ],
    "a value in a message": lambda path: [Message("user", (Image.from_path(path),))],
    "a value in a tool's result": lambda path: [Message("tool", (ToolResult("c", (Image.from_path(path),)),))],
    "an open file": lambda path: [{"role": "user", "content": [opened(path)]}],
}


def opened(path: object) -> Any:
    with open(str(path), "rb") as stream:
        return Image.from_file(stream)


def found(messages: tuple[Message, ...]) -> Media:
    (part,) = messages[0].parts
    part = part.parts[0] if isinstance(part, ToolResult) else part
    assert isinstance(part, Media)
    return part


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_roots_hold_whoever_names_the_file(way: Any, tree: Path) -> None:
    roots = [str(tree / "inside")]
    for path in ("cat.png", "deep/cat.png", "link.png", str(tree / "inside/cat.png"), "deep/../cat.png"):
        medium = found(parse(way(path), autodetect_media=True, roots=roots))
        assert medium.read() == PNG
        assert isinstance(medium.origin, File)
        assert medium.origin.pin is not None
    for path in ("../outside/cat.png", "out.png", "out/cat.png", str(tree / "outside/cat.png"), "../inside2/cat.png"):
        with pytest.raises(BlockedFile, match=r"cat\.png|out\.png") as caught:
            parse(way(path), autodetect_media=True, roots=roots)
        assert "local_roots" in str(caught.value)
        assert str(caught.value.where).startswith("messages")
        assert found(parse(way(path), autodetect_media=True)).read() == PNG


def test_no_roots_allow_nothing() -> None:
    with pytest.raises(BlockedFile):
        parse([{"role": "user", "content": ["cat.png"]}], autodetect_media=True, roots=())
    (message,) = parse(["hello", Image.from_bytes(PNG)], autodetect_media=True, roots=())
    assert message.parts == (Text("hello"), Image.from_bytes(PNG))


@pytest.mark.parametrize("path", ["../outside/none.png", "/srv/none.png", "~/none.png", "/etc/passwd.png"])
def test_what_lies_outside_is_not_told(path: str, tree: Path) -> None:
    """Whether a file outside exists shows in nothing."""
    with pytest.raises(BlockedFile):
        parse([{"role": "user", "content": [path]}], autodetect_media=True, roots=[str(tree / "inside")])
    with pytest.raises(BlockedFile):
        parse([{"role": "user", "content": [Path(path)]}], roots=[str(tree / "inside")])


def test_text_that_is_no_media_stays_text_under_roots(tree: Path) -> None:
    texts = [text for text in TEXT.values() if text]
    (message,) = parse([{"role": "user", "content": texts}], autodetect_media=True, roots=[str(tree / "inside")])
    assert message.parts == tuple(map(Text, texts))


def test_base64_in_a_dict_is_no_path_outside(tree: Path) -> None:
    part = {"type": "image", "source": B64}
    for roots in ((), [str(tree / "outside")]):
        (message,) = parse([{"role": "user", "content": [part]}], autodetect_media=True, roots=roots)
        assert message.parts == (Image.from_bytes(PNG),)


SYSTEM = ["/proc/self/environ", "/proc/self/fd/0", "/sys/kernel/notes", "/dev/null", "/dev/zero", "/dev/stdin"]


@pytest.mark.parametrize("path", [path for path in SYSTEM if os.path.exists(path)])
@pytest.mark.parametrize("roots", [None, ["/"]])
def test_the_systems_own_files_are_refused(path: str, roots: Any) -> None:
    for messages in ([Path(path)], [{"role": "user", "content": [{"type": "image", "source": path}]}]):
        with pytest.raises((MediaNotFound, BlockedFile)):
            parse(messages, autodetect_media=True, roots=roots)
    assert parse(path, autodetect_media=True, roots=roots)[0].parts == (Text(path),)
    with pytest.raises(MediaNotFound):
        Image.from_path(path)


def test_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.png")
        for make in (lambda: Image.from_path("s.png"), lambda: parse([Path("s.png")]), lambda: autodetect("s.png")):
            with pytest.raises(MediaNotFound, match="not a regular file"):
                make()


def test_a_pipe_is_never_waited_for(tree: Path) -> None:
    done = threading.Event()

    def look() -> None:
        for roots in (None, [str(tree / "inside")]):
            for messages in ([Path("pipe.png")], [{"role": "user", "content": ["pipe.png"]}], "pipe"):
                try:
                    parse(messages, autodetect_media=True, roots=roots)
                except MediaNotFound:
                    continue
        done.set()

    threading.Thread(target=look, daemon=True).start()
    assert done.wait(5)


# ── races ────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_swapped_for_a_link_after_it_was_named_is_not_read(tree: Path) -> None:
    image = found(parse([Path("cat.png")], roots=[str(tree / "inside")]))
    os.remove("cat.png")
    os.symlink(tree / "outside/cat.png", "cat.png")
    with pytest.raises(UnreadableMedia):
        image.read()


def test_a_folder_swapped_for_a_link_after_it_was_named_is_not_read(tree: Path) -> None:
    image = found(parse([Path("deep/cat.png")], roots=[str(tree / "inside")]))
    stamp = os.stat("deep/cat.png")
    os.rename("deep", "deeper")
    os.symlink(tree / "outside", "deep")
    os.utime(tree / "outside/cat.png", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # alike in size and time
    with pytest.raises(UnreadableMedia, match="another file"):
        image.read()


def test_a_link_that_changes_while_it_is_looked_at(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside when it is checked, outside when it is opened: what was opened is not what is inside."""
    place = named("deep/cat.png", None)
    opening = os.open

    def late(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if str(path).endswith("cat.png"):
            os.rename("deep", "away")
            os.symlink(tree / "outside", "deep")
            stamp = os.stat("away/cat.png")
            os.utime(tree / "outside/cat.png", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
            number = opening(path, flags, *rest, **more)
            os.remove("deep")
            os.rename("away", "deep")
            return number
        return opening(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", late)
    with pytest.raises(BlockedFile):
        confined(place, [str(tree / "inside")])


# ── objects ──────────────────────────────────────────────────────────────────────────────────────


def test_objects_in_messages() -> None:
    array, drawn = np.zeros((2, 3, 3), np.uint8), Pillow.new("RGB", (3, 2))
    for given in ([array, drawn, io.BytesIO(PNG)], [{"role": "user", "content": [array, drawn, io.BytesIO(PNG)]}]):
        (message,) = parse(given)
        assert message.parts[:2] == (Image.from_array(array), Image.from_pil(drawn))
        assert message.parts[2] == Image.from_bytes(PNG)
        assert may_read_files(given, False)
    assert parse(drawn)[0].parts == (Image.from_pil(drawn),)
    assert parse([{"role": "user", "content": array}])[0].parts == (Image.from_array(array),)
    with open("notes.txt", "rb") as stream:
        assert parse(stream)[0].parts == (Document.from_bytes(b"hello", name="notes.txt"),)
    part = {"type": "image", "source": io.BytesIO(PNG), "detail": "low"}
    assert parse([{"role": "user", "content": [part]}])[0].parts == (Image.from_bytes(PNG, detail="low"),)
    with pytest.raises(UnreadableMedia, match=r"messages\.content\[1\]: the file is open as text"):
        parse(["a", io.StringIO("x")])


@pytest.mark.parametrize(("roots", "expected"), [(None, False), ((), True), (["/srv"], True)])
def test_roots_are_looked_up_off_the_loop(roots: Any, expected: bool) -> None:
    assert may_read_files("hello", False, roots) is expected
