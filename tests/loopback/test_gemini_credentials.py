"""Vertex without a token: google-auth's own service account, renewed at a token endpoint on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import instructor
from instructor.errors import MissingKey
from instructor.providers.gemini import credentials
from instructor.testing import Loopback

from .ways import JASON, User, settled


class Tokens(BaseHTTPRequestHandler):
    """Gives a token, valid for an hour."""

    given = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        Tokens.given += 1
        answer = json.dumps(
            {"access_token": f"ya29.{Tokens.given}", "expires_in": 3600, "token_type": "Bearer"}
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    credentials._found.cache_clear()
    tokens = ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    thread = threading.Thread(target=tokens.serve_forever, args=(0.02,))
    thread.start()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account",
        "client_email": "a@p.iam.gserviceaccount.com",
        "private_key": pem,
        "token_uri": f"http://127.0.0.1:{tokens.server_address[1]}/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN", raising=False)
    yield
    tokens.shutdown()
    tokens.server_close()
    thread.join()
    credentials._found.cache_clear()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_token_is_found_and_kept(asynchronous: bool, account: None) -> None:
    before = Tokens.given
    with Loopback() as server:
        client: Any = instructor.from_provider(
            "vertexai/gemini-2.5-flash", base_url=server.url, project="p", async_client=asynchronous
        )
        for _ in range(2):
            server.reply(JASON)
            assert await settled(client.create(User, "Jason is 20")) == User(**JASON)
        await settled(client.close())
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer ya29.{before + 1}"}
    assert Tokens.given == before + 1


def test_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials._found.cache_clear()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN", raising=False)
    with (
        instructor.from_provider("vertexai/gemini-2.5-flash", project="p") as client,
        pytest.raises(MissingKey, match="gcloud auth print-access-token"),
    ):
        client.create(User, "hi")
