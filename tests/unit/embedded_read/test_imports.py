"""The heavy libraries are imported on use, and a missing one is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from instructor.errors import MissingExtra
from instructor.providers.embedded import unreadable
from instructor.providers.embedded.read import read

HEAVY = ("numpy", "PIL", "cv2", "rapidocr", "onnxruntime", "pypdfium2", "pypdfium2_raw", "zxingcpp", "pocketsphinx")


def test_importing_the_readers_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from instructor.providers.embedded import read, ocr, codes, documents, speech, pictures, texts, rows\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_text_is_read_without_any_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HEAVY:
        monkeypatch.setitem(sys.modules, name, None)
    assert read(b"Total 5", "text/plain").text == "Total 5"


@pytest.mark.parametrize(
    ("module", "package"),
    [("zxingcpp", "zxing-cpp"), ("PIL.Image", "pillow"), ("pypdfium2", "pypdfium2")],
)
def test_a_missing_library_is_named_with_its_extra(module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra) as caught:
        unreadable.need(module)
    assert (caught.value.package, caught.value.extra) == (package, "embedded")


def test_the_ocr_models_are_on_disk_and_no_socket_is_opened() -> None:
    program = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from tests.unit.embedded_read import paint\n"
        "from instructor.providers.embedded.read import read\n"
        "print(read(paint.encoded(paint.draw([[(20, 'Offline 7')]], (300, 120))), 'image/png').text)"
    )
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-W", "error", "-c", program, root]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (result.stdout.strip(), result.stderr) == ("Offline 7", "")
