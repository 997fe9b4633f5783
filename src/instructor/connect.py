"""The functions that make clients.

from_provider("name/model")     through our own HTTP sender, or in this process: no SDK is needed
from_openai(client)             through the caller's own SDK client
from_anthropic(client)
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from .adapter import Provider
from .client import AsyncInstructor, Instructor
from .errors import ConfigurationError, MissingKey
from .fetch import MediaPolicy
from .fit import Fit
from .hooks import Hooks
from .modes import Mode
from .providers import _registry
from .retry import Backoff

if TYPE_CHECKING:
    import httpx2
    from anthropic import Anthropic, AnthropicFoundry, AsyncAnthropic, AsyncAnthropicFoundry
    from anthropic.lib.bedrock import AnthropicBedrock, AsyncAnthropicBedrock
    from anthropic.lib.vertex import AnthropicVertex, AsyncAnthropicVertex
    from openai import AsyncOpenAI, OpenAI


@overload
def from_provider(
    model: str,
    *,
    async_client: Literal[False] = False,
    api_key: str | None = None,
    base_url: str | None = None,
    mode: Mode | None = None,
    timeout: float | None = None,
    http_client: httpx2.Client | None = None,
    hooks: Hooks | None = None,
    policy: MediaPolicy | None = None,
    fit: Fit | str | None = None,
    **params: Any,
) -> Instructor: ...
@overload
def from_provider(
    model: str,
    *,
    async_client: Literal[True],
    api_key: str | None = None,
    base_url: str | None = None,
    mode: Mode | None = None,
    timeout: float | None = None,
    http_client: httpx2.AsyncClient | None = None,
    hooks: Hooks | None = None,
    policy: MediaPolicy | None = None,
    fit: Fit | str | None = None,
    **params: Any,
) -> AsyncInstructor: ...
def from_provider(
    model: str,
    *,
    async_client: bool = False,
    api_key: str | None = None,
    base_url: str | None = None,
    mode: Mode | None = None,
    timeout: float | None = None,
    http_client: Any = None,
    hooks: Hooks | None = None,
    policy: MediaPolicy | None = None,
    fit: Fit | str | None = None,
    **params: Any,
) -> Instructor | AsyncInstructor:
    """A client for `"provider/model"`, through our own HTTP sender: no SDK is needed.

    Args:
        model: for example `"openai/gpt-4o-mini"`, `"anthropic/claude-haiku-4-5"`, or `"embedded"`, which reads in
            this process: no key, no network.
        async_client: whether to make an `AsyncInstructor`.
        api_key: the key; else the provider's environment variable (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`).
        base_url: another address of the API; else the provider's environment variable (`OPENAI_BASE_URL`,
            `ANTHROPIC_BASE_URL`), else its own.
        mode: how answers are asked for; None chooses by model.
        timeout: seconds for one call of `create` with all its attempts; each attempt alone has 600.
        http_client: an httpx2 client of the caller's, for proxies and the like. It is not closed by this client.
        hooks: handlers for all calls.
        policy: what may be fetched.
        fit: what may be done to media that do not fit: "auto", "strict", or a `Fit`.
        **params: sent with every request, unless `create` is given others.

    Raises:
        UnknownProvider: there is no such provider.
        MissingKey: no key was given, and the environment has none.
        ConfigurationError: the name has no model where the provider needs one, or the http_client is of the
            wrong kind.
    """
    provider, chosen = _registry.split(model)
    make: Callable[..., Instructor | AsyncInstructor] = partial(  # which of the two `async_client` says
        AsyncInstructor if async_client else Instructor,
        provider,
        model=chosen,
        mode=mode,
        hooks=hooks,
        timeout=timeout,
        policy=policy,
        fit=fit,
        params=params,
    )
    if provider.answer is not None:
        from .drivers.local import AsyncLocalSender, LocalSender

        return make(sender=(AsyncLocalSender if async_client else LocalSender)(provider.answer))
    sender = _http_sender(provider, async_client, api_key, base_url, timeout, http_client)
    return make(sender=sender, backoff=Backoff())


def _http_sender(
    provider: Provider, asynchronous: bool, key: str | None, base: str | None, timeout: float | None, client: Any
) -> Any:
    from .drivers.http import AsyncHttpSender, Exchange, HttpSender, check_base, check_client, check_key

    endpoint = provider.endpoint
    if endpoint is None:
        raise ConfigurationError(f"{provider.adapter.name} has no HTTP endpoint: use its SDK's client")
    name = provider.adapter.name
    key = key or _environment(endpoint.key_names) or ""
    if endpoint.key_names and not key:
        names = " or ".join(endpoint.key_names)
        raise MissingKey(f"{name} needs a key: set {names}, or pass api_key=…")
    base = base or _environment(endpoint.base_names) or endpoint.base_url
    if not base:
        names = "".join(f", or set {variable}" for variable in endpoint.base_names)
        raise ConfigurationError(f"{name} has no address of its own: pass base_url=…{names}")
    check_client(client, asynchronous)
    exchange = Exchange(provider.adapter, endpoint, check_key(key), check_base(base))
    return (AsyncHttpSender if asynchronous else HttpSender)(exchange, timeout, client)


def _environment(names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := os.environ.get(name))), None)


@overload
def from_openai(client: OpenAI, mode: Mode | None = None, **options: Any) -> Instructor: ...
@overload
def from_openai(client: AsyncOpenAI, mode: Mode | None = None, **options: Any) -> AsyncInstructor: ...
def from_openai(client: Any, mode: Mode | None = None, **options: Any) -> Any:
    """A client that sends through an `openai` client of the caller's (also Azure's), with all its settings.

    Args:
        client: `openai.OpenAI` or `openai.AsyncOpenAI`.
        mode: how answers are asked for; None chooses by model.
        **options: `model`, `hooks`, `timeout`, `policy`, `fit`; anything else is sent with every request.

    Raises:
        WrongClient: it is another class's.
    """
    return _from_sdk("openai", "from_openai()", client, mode, options)


@overload
def from_anthropic(
    client: Anthropic | AnthropicBedrock | AnthropicVertex | AnthropicFoundry,
    mode: Mode | None = None,
    enable_prompt_caching: bool = False,
    **options: Any,
) -> Instructor: ...
@overload
def from_anthropic(
    client: AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex | AsyncAnthropicFoundry,
    mode: Mode | None = None,
    enable_prompt_caching: bool = False,
    **options: Any,
) -> AsyncInstructor: ...
def from_anthropic(client: Any, mode: Mode | None = None, enable_prompt_caching: bool = False, **options: Any) -> Any:
    """A client that sends through an `anthropic` client of the caller's, with all its settings.

    Args:
        client: `anthropic.Anthropic` or `anthropic.AsyncAnthropic` (also Bedrock's, Vertex's, Foundry's).
        mode: how answers are asked for; None chooses by model.
        enable_prompt_caching: accepted for the sake of existing code. Prompt caching needs no switch any more:
            exactly the parts with `cache_control` are marked, with or without it.
        **options: `model`, `hooks`, `timeout`, `policy`, `fit`; anything else is sent with every request.

    Raises:
        WrongClient: it is another class's.
    """
    return _from_sdk("anthropic", "from_anthropic()", client, mode, options)


def _from_sdk(
    name: str,
    maker: str,
    client: Any,
    mode: Mode | None,
    options: dict[str, Any],
    asynchronous: bool | None = None,
) -> Any:
    """A client over an SDK's. `asynchronous` says which one where the SDK's class can be both."""
    from .drivers.bridged import AsyncBridgedSender, BridgedSender
    from .drivers.sdk import AsyncSdkSender, SdkSender, kind_of

    provider = _registry.find(name)
    sdk = provider.sdk
    if sdk is None:
        raise ConfigurationError(f"{name} has no SDK")
    own = {key: options.pop(key, None) for key in CLIENT_OPTIONS}
    own |= {"client": client, "mode": mode, "params": options}
    senders = (BridgedSender, AsyncBridgedSender) if sdk.bridge else (SdkSender, AsyncSdkSender)
    if kind_of(sdk, client, maker, asynchronous) == "async":
        return AsyncInstructor(provider, senders[1](provider.adapter, sdk, client), **own)
    return Instructor(provider, senders[0](provider.adapter, sdk, client), **own)


CLIENT_OPTIONS = ("model", "hooks", "timeout", "policy", "fit")
"""What `from_openai` and its like take beside the client; anything else is sent with every request."""
