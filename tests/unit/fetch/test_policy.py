"""What a policy takes, and which local files lie inside its roots."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from instructor.errors import ConfigurationError
from instructor.fetch import MediaPolicy, inside_roots


def test_the_default_is_closed() -> None:
    policy = MediaPolicy()
    assert policy.allow_private_hosts is False
    assert policy.schemes == {"https", "http"}
    assert MediaPolicy(schemes=["HTTPS", "s3", "gs", "az", "sftp"]).schemes == {"https", "s3", "gs", "az", "sftp"}
    assert (policy.max_bytes, policy.max_redirects, policy.timeout) == (100 * 1024 * 1024, 5, 60.0)
    assert policy.local_roots is None


def test_policies_are_values() -> None:
    first = MediaPolicy(allow_private_hosts=["10.0.0.0/8", "Files.Corp"], schemes=["HTTPS"])
    second = MediaPolicy(allow_private_hosts={"files.corp.", "10.0.0.0/8"}, schemes={"https"})
    assert first == second
    assert hash(first) == hash(second)
    assert first.allow_private_hosts == {"10.0.0.0/8", "files.corp"}
    with pytest.raises(AttributeError):
        first.max_bytes = 1  # type: ignore[misc]


def test_roots_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    policy = MediaPolicy(local_roots=["media", Path("more"), "~/pictures"])
    assert policy.local_roots == tuple(str(tmp_path / name) for name in ("media", "more", "home/pictures"))


@pytest.mark.parametrize(
    "values",
    [
        {"allow_private_hosts": "localhost"},
        {"allow_private_hosts": None},
        {"allow_private_hosts": 1},
        {"allow_private_hosts": {1}},
        {"allow_private_hosts": {""}},
        {"allow_private_hosts": {"http://localhost"}},
        {"allow_private_hosts": {"localhost:8000"}},
        {"allow_private_hosts": {"*.corp"}},
        {"allow_private_hosts": {"10.0.0.1/8"}},
        {"allow_private_hosts": {"10.0.0.0/33"}},
        {"allow_private_hosts": {"127.1"}},
        {"allow_private_hosts": {"fe80::1%eth0"}},
        {"schemes": "https"},
        {"schemes": set()},
        {"schemes": {"file"}},
        {"schemes": {"https", "s3://"}},
        {"schemes": None},
        {"max_bytes": 0},
        {"max_bytes": -1},
        {"max_bytes": 1.5},
        {"max_bytes": True},
        {"max_bytes": None},
        {"max_redirects": -1},
        {"max_redirects": "5"},
        {"timeout": 0},
        {"timeout": -1.0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"timeout": True},
        {"timeout": None},
        {"read_timeout": 0},
        {"at_once": 0},
        {"at_once": True},
        {"cache_bytes": -1},
        {"download": "yes"},
        {"download": None},
        {"proxy": ""},
        {"proxy": "127.0.0.1:3128"},
        {"proxy": "https://proxy.corp"},
        {"proxy": "socks5://proxy.corp"},
        {"proxy": "http://"},
        {"proxy": "http://proxy.corp:99999"},
        {"proxy": "http://proxy.corp\r\nx: y"},
        {"proxy": True},
        {"local_roots": "/srv"},
        {"local_roots": Path("/srv")},
        {"local_roots": [""]},
        {"local_roots": [1]},
        {"local_roots": ["/srv\0"]},
    ],
    ids=str,
)
def test_wrong_values_are_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=rf"MediaPolicy\({next(iter(values))}=…\) takes"):
        MediaPolicy(**values)


# ── roots ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """inside/, inside/deep/, inside-not/, outside/ with a file each, and links between them."""
    for name in ("inside", "inside/deep", "inside-not", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"x")
    links = {
        "inside/file": "../outside/a.png",
        "inside/folder": "../outside",
        "inside/absolute": str(tmp_path / "outside"),
        "inside/twice": "file",
        "inside/deep/own": "../a.png",
        "inside/gone": "../outside/none.png",
        "inside/ring": "ring",
        "outside/into": "../inside",
        "alias": "inside",
    }
    for link, to in links.items():
        (tmp_path / link).symlink_to(to)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("inside", True),
        ("inside/a.png", True),
        ("inside/deep/a.png", True),
        ("inside/deep/../a.png", True),
        ("inside/./deep//a.png", True),
        ("inside/none.png", True),
        ("inside/deep/own", True),
        ("alias/a.png", True),
        ("outside/into/a.png", True),
        ("outside/../inside/a.png", True),
        ("outside/a.png", False),
        ("inside-not/a.png", False),
        ("inside/../outside/a.png", False),
        ("inside/../../etc/passwd", False),
        ("inside/deep/../../outside/a.png", False),
        ("inside/file", False),
        ("inside/folder/a.png", False),
        ("inside/absolute/a.png", False),
        ("inside/twice", False),
        ("inside/gone", False),
        ("inside/folder/../a.png", False),
        ("inside/folder/into/../a.png", False),
        ("", False),
    ],
)
def test_inside_roots(tree: Path, path: str, expected: bool) -> None:
    assert inside_roots(f"{tree}/{path}" if path else "", [tree / "inside"]) is expected


def test_paths_are_relative_to_the_working_directory(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "inside")
    assert inside_roots("a.png", [tree / "inside"])
    assert not inside_roots("../outside/a.png", [tree / "inside"])


def test_the_home_directory_is_meant(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tree / "outside"))
    monkeypatch.chdir(tree / "inside")
    assert not inside_roots("~/a.png", [tree / "inside"])
    assert inside_roots("~/a.png", ["~"])


def test_roots_that_are_links(tree: Path) -> None:
    assert inside_roots(tree / "inside/a.png", [tree / "alias"])
    assert not inside_roots(tree / "outside/a.png", [tree / "alias"])


def test_no_roots_and_empty_roots(tree: Path) -> None:
    assert inside_roots(tree / "outside/a.png", None)
    assert not inside_roots(tree / "outside/a.png", ())


def test_any_of_several_roots(tree: Path) -> None:
    assert inside_roots(tree / "outside/a.png", [tree / "inside", tree / "outside"])


def test_odd_paths(tree: Path) -> None:
    assert not inside_roots("a\0b", [tree])
    assert inside_roots(tree / "inside/ring", [tree / "inside"])
    assert not inside_roots("/" + "a" * 5000, [tree])


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc on this system")
def test_pseudo_files_are_inside_no_wider_root(tree: Path) -> None:
    for path in ("/proc/self/environ", "/dev/null", "/sys/kernel"):
        assert not inside_roots(path, ["/"])
    assert inside_roots(tree / "inside/a.png", ["/"])
    assert inside_roots("/dev/shm/a.png", ["/dev/shm"])
    assert not inside_roots("/proc/self/root/etc/passwd", [tree])
