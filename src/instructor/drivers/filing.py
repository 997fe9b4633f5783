"""Filing: what is asked of a provider's Files API, through our own sender or through the caller's SDK client.

Filing ─▶ HttpSender ─▶ filing.steps ─▶ one HTTP exchange after the other; a file is read while it goes out
       └▶ SdkSender · BridgedSender ─▶ FilesApi.sdk ─▶ the SDK's own methods: its keys, proxies and retries hold
"""

from __future__ import annotations

import hashlib
import inspect
import json
import secrets
from collections.abc import Mapping
from typing import Any, BinaryIO, NoReturn
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from ..effects import Call
from ..errors import ConfigurationError, MediaError, ProtocolError, RequestError
from ..filing import Answered, FilesApi, Filing, Step, steps
from .body import Body
from .bridged import AsyncBridgedSender, BridgedSender
from .exchange import Exchange, Posting
from .http import AsyncHttpSender, HttpSender
from .sdk import AsyncSdkSender, SdkSender, in_time, raise_translated
from .stepping import Steps

OWN = (HttpSender, AsyncHttpSender)
SDKS = (SdkSender, AsyncSdkSender, BridgedSender, AsyncBridgedSender)


def serves(sender: Any) -> bool:
    """Whether files go where this sender sends to: SDKs have clients without a Files API, for other clouds."""
    return isinstance(sender, OWN) or (isinstance(sender, SDKS) and hasattr(sender._client, "files"))


def account(sender: Any, api: FilesApi) -> str:
    """A name for the account that a sender's files belong to: of a digest of its key, its organisation and its address.

    Where nothing tells accounts apart (credentials that are made when they are wanted), it is nobody else's.
    """
    if isinstance(sender, OWN):
        told: Any = sender.to.identity
    else:
        told = _identity(sender._client)
    digest = hashlib.sha256(json.dumps([api.name, *told]).encode()).hexdigest()
    return f"{api.name}-{digest[:24]}"


def _identity(client: Any) -> list[str]:
    inner = getattr(client, "_api_client", client)  # google-genai's
    settings = getattr(client, "sdk_configuration", None)  # mistralai's
    security = getattr(settings, "security", None)
    security = security() if callable(security) else security
    key = next(
        (key for each in (inner, security) for name in ("api_key", "auth_token") if (key := _text(each, name))), ""
    )
    base = _text(client, "base_url") or _text(getattr(inner, "_http_options", None), "base_url")
    if settings is not None:
        base = settings.get_server_details()[0]
    others = [_text(client, name) for name in ("organization", "project", "workspace_id")]
    if not key and not any(others):
        key = _NAMELESS.setdefault(client, secrets.token_hex(16))
    return [key, str(base).rstrip("/"), *filter(None, others)]


_NAMELESS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
"""Clients of which nothing tells whose they are → a name of their own."""


def _text(holder: Any, name: str) -> str:
    value = getattr(holder, name, None)
    return str(value) if isinstance(value, str) or type(value).__name__ == "URL" else ""


def perform(sender: Any, filing: Filing) -> Any:
    """The JSON that the API answers with.

    Raises:
        ProviderError: it refuses, or cannot be reached.
        MediaError: the file that is uploaded is gone, or another one by now.
    """
    if isinstance(sender, HttpSender):
        done = Steps(steps(filing))
        for step in done:
            try:
                found = sender.exchange(step.method, _posting(sender.to, step), filing)
                done.answer = _answered(sender.to, *found)
            except Exception as error:
                done.failure = error
        return done.result
    if not isinstance(sender, SDKS):
        raise _unserved(filing)
    return _through_sdk(sender, filing)


async def aperform(sender: Any, filing: Filing) -> Any:
    """As `perform`, without blocking the loop."""
    if isinstance(sender, AsyncHttpSender):
        done = Steps(steps(filing))
        for step in done:
            try:
                found = await sender.exchange(step.method, _posting(sender.to, step), filing)
                done.answer = _answered(sender.to, *found)
            except Exception as error:
                done.failure = error
        return done.result
    if not isinstance(sender, SDKS):
        raise _unserved(filing)
    return await _through_async_sdk(sender, filing)


def _unserved(filing: Filing) -> ConfigurationError:
    return ConfigurationError(f"this client does not reach the Files API of {filing.api.name}")


# ── our own sender ───────────────────────────────────────────────────────────────────────────────


def _posting(exchange: Exchange, step: Step) -> Posting:
    headers = {name: value for name, value in exchange.headers.items() if name != "content-type"}
    body = Body(step.body) if isinstance(step.body, dict) else step.body
    if body is not None:
        headers["content-type"] = getattr(body, "media_type", "application/json")
    if step.method == "POST":
        headers["content-length"] = str(body.length if body is not None else 0)
    base = exchange.base_url
    if step.at_origin:
        parts = urlsplit(base)
        base = f"{parts.scheme}://{parts.netloc}"
    options: dict[str, Any] = {"headers": {**headers, **step.headers}}
    if step.query:
        options["params"] = dict(step.query)
    return Posting(base + step.path, body, options)


def _answered(exchange: Exchange, status: int, headers: Mapping[str, str], data: bytes) -> Answered:
    try:
        found = json.loads(data) if data.strip() else {}
    except ValueError:
        found = None
    if status >= 400:
        raise exchange.failure(status, headers, found or data[:2000].decode("utf-8", "replace"))
    if not isinstance(found, dict):
        raise ProtocolError(
            f"the answer is not a JSON object but {headers.get('content-type') or 'of no type'}: is the base URL right?",
            provider=exchange.adapter.name,
            status=status,
        )
    return Answered({name.lower(): value for name, value in headers.items()}, found)


# ── an SDK's client ──────────────────────────────────────────────────────────────────────────────


def _through_sdk(sender: Any, filing: Filing) -> Any:
    stream = _opened(filing)
    try:
        done = Steps(filing.api.sdk(sender._client, filing, stream, False))
        for call in done:
            try:
                done.answer = in_time(call, filing.timeout)
            except Exception as error:
                done.failure = error
        return _dumped(done.result)
    except Exception as error:
        _raise(sender, filing, error)
    finally:
        if stream is not None:
            stream.close()


async def _through_async_sdk(sender: Any, filing: Filing) -> Any:
    import asyncio

    stream = await asyncio.to_thread(_opened, filing)
    try:
        done = Steps(filing.api.sdk(sender._client, filing, stream, True))
        for call in done:
            try:
                done.answer = await _settled(call())
            except Exception as error:
                done.failure = error
        return _dumped(done.result)
    except Exception as error:
        _raise(sender, filing, error)
    finally:
        if stream is not None:
            stream.close()


async def _settled(value: Any) -> Any:
    """What comes of an awaitable; what is in an asynchronous iterable."""
    if not hasattr(value, "__aiter__") and inspect.isawaitable(value):
        value = await value
    return [item async for item in value] if hasattr(value, "__aiter__") else value


def _opened(filing: Filing) -> BinaryIO | None:
    return filing.content.open() if filing.verb == "upload" else None


def _dumped(raw: Any) -> Any:
    if isinstance(raw, list):
        return [_dumped(item) for item in raw]
    dump = getattr(raw, "model_dump", None)
    return dump(mode="json", by_alias=True, exclude_none=True, warnings=False) if dump else {}


def _raise(sender: Any, filing: Filing, error: Exception) -> NoReturn:
    """Raise an SDK's exception as one of ours. What it says of its own confusion is the provider's matter, not the caller's."""
    if isinstance(error, MediaError):
        raise error
    call = Call({}, filing.timeout)
    told: Exception = error
    try:
        if isinstance(sender, SdkSender | AsyncSdkSender):
            raise_translated(sender._adapter, sender._sdk, error, call)
        sender._raise(error, call)
    except (RequestError, KeyError) as ours:
        told = ours
    raise ProtocolError(f"the SDK gave up: {told}", provider=filing.api.name) from error
