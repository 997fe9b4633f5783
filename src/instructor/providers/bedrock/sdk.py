"""Amazon Bedrock through AWS's own library: the bridge to a `boto3` client, and its signer for our own sender.

    Boto3   a `bedrock-runtime` client: bytes for media, its answers as the HTTP API's JSON, its exceptions by table
    sign    the headers of Signature Version 4, with the credentials that botocore finds; nothing beside a bearer key

botocore is imported when it is needed.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ...adapter import Wire
from ...errors import (
    AuthenticationError,
    ConnectionFailed,
    InstructorError,
    MissingExtra,
    MissingKey,
    ProtocolError,
    ProviderTimeout,
    RequestError,
)

NAME = "bedrock"

EXTRAS = ("extra_headers", "extra_query")


class Boto3:
    """A `bedrock-runtime` client of boto3. It blocks; whoever drives it asynchronously uses threads."""

    raw_bytes = True
    blocks = True

    def call(self, client: Any, wire: Wire, *, streaming: bool, asynchronous: bool, timeout: float | None) -> Any:
        """Converse, or ConverseStream. The time that a client waits is in its own configuration."""
        if extra := [key for key in EXTRAS if wire.get(key)]:
            raise RequestError(f"boto3 has no {extra[0]} for one call: set it on the client, or use from_provider()")
        fields = {key: value for key, value in wire.items() if key not in (*EXTRAS, "extra_body", "model")}
        arguments = {"modelId": wire["model"], **_blobs(fields), **(wire.get("extra_body") or {})}
        return client.converse_stream(**arguments)["stream"] if streaming else client.converse(**arguments)

    def json(self, raw: Any) -> Mapping[str, Any]:
        """As the HTTP API has it: blobs are base64, and nothing is told about the exchange itself."""
        fields = raw if isinstance(raw, Mapping) else {}
        return {key: _json(value) for key, value in fields.items() if key != "ResponseMetadata"}

    def error(self, error: Exception) -> tuple[int, Any, Mapping[str, str]] | InstructorError | None:
        """What botocore's exceptions mean, by the names of their classes."""
        names = [cls.__name__ for cls in type(error).__mro__ if cls.__module__.startswith(("botocore", "urllib3"))]
        if "ClientError" in names:
            return _answered(error)
        for name in names:
            if name in MEANINGS:
                cls, what = MEANINGS[name]
                return cls(f"{what}: {error}"[:500], **({} if cls is RequestError else {"provider": NAME}))
        return None


MEANINGS: Mapping[str, tuple[type[InstructorError], str]] = {
    "ParamValidationError": (RequestError, "botocore refuses the request"),
    "ConnectTimeoutError": (ConnectionFailed, "no connection"),
    "ReadTimeoutError": (ProviderTimeout, "no complete answer in time"),
    "NoCredentialsError": (AuthenticationError, "boto3 has no credentials"),
    "PartialCredentialsError": (AuthenticationError, "boto3 has half of its credentials"),
    "CredentialRetrievalError": (AuthenticationError, "boto3 cannot get credentials"),
    "NoAuthTokenError": (AuthenticationError, "boto3 has no token"),
    "TokenRetrievalError": (AuthenticationError, "boto3 cannot get a token"),
    "SSOError": (AuthenticationError, "boto3 cannot sign in"),
    "LoginError": (AuthenticationError, "boto3 cannot sign in"),
    "ConnectionError": (ConnectionFailed, "no connection"),
    "HTTPClientError": (ConnectionFailed, "the connection broke"),
    "IncompleteReadError": (ConnectionFailed, "the connection broke"),
    "HTTPError": (ConnectionFailed, "the connection broke"),  # urllib3's, while a stream arrives
    "ParserError": (ProtocolError, "the stream is not of the provider's format"),
    "BotoCoreError": (RequestError, "botocore refuses the request"),
}
"""botocore's class → ours, and what to say. The first of the exception's own classes that is here counts."""


def _answered(error: Any) -> tuple[int, Any, Mapping[str, str]]:
    """An error that the service answered with."""
    said = error.response.get("Error") or {}
    about = error.response.get("ResponseMetadata") or {}
    headers = {str(key).lower(): str(value) for key, value in (about.get("HTTPHeaders") or {}).items()}
    body = {"message": said.get("Message") or str(error), "__type": said.get("Code") or ""}
    return int(about.get("HTTPStatusCode") or 0), body, headers


def _blobs(value: Any) -> Any:
    """Base64 text where botocore wants the bytes themselves, because it encodes them."""
    if isinstance(value, Mapping):
        return {
            key: b64decode(item) if key in BLOBS and isinstance(item, str) else _blobs(item)
            for key, item in value.items()
            if key not in DOCUMENTS
        } | {key: item for key, item in value.items() if key in DOCUMENTS}
    return [_blobs(item) for item in value] if isinstance(value, list | tuple) else value


BLOBS = ("bytes", "redactedContent")
"""Members of the type blob, in all shapes of a message."""

DOCUMENTS = ("input", "json", "additionalModelRequestFields")
"""Members that hold JSON of whatever form."""


def _json(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, list | tuple) else value


# ── the signer ───────────────────────────────────────────────────────────────────────────────────


def sign(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
    """The headers that sign a request; none where it carries a key already.

    Raises:
        MissingExtra: botocore, which signs, is not installed.
        MissingKey: there is no key, and there are no credentials.
    """
    if "authorization" in headers:
        return {}
    try:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
    except ImportError:
        raise MissingExtra("botocore", "bedrock", "sign requests where AWS_BEARER_TOKEN_BEDROCK is not set") from None
    credentials = _session().get_credentials()
    if credentials is None:
        raise MissingKey(
            "bedrock needs a key or credentials: set AWS_BEARER_TOKEN_BEDROCK, pass api_key=…, or set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    request = AWSRequest(method, url, dict(headers), body)
    SigV4Auth(credentials.get_frozen_credentials(), "bedrock", region(url)).add_auth(request)
    return {key.lower(): value for key, value in request.headers.items() if key.lower() not in headers}


def region(url: str) -> str:
    """The region in an address of the service; else the one that AWS's configuration names."""
    found = re.search(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.", urlsplit(url).hostname or "")
    return found[1] if found else str(_session().get_config_variable("region") or "us-east-1")


@cache
def _session() -> Any:
    from botocore.session import get_session

    return get_session()
