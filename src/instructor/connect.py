"""How clients are made.

from_provider("name/model")     through our own HTTP sender, or in this process: no SDK is needed
over_sdk("name", client)        through the caller's own SDK client, for the functions of `makers`
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from .client import AsyncInstructor, Instructor
from .errors import ConfigurationError, MissingKey
from .providers import _registry
from .sdks import ROWS, Sdk, kind_of

if TYPE_CHECKING:
    import httpx2

    from .adapter import Provider
    from .effects import Cache
    from .fetch import MediaPolicy
    from .fit import Fit
    from .hooks import Hooks
    from .modes import Mode
    from .pace import Pace, RateLimits
    from .settings import Settings
    from .spending import Budget, Price, Prices
    from .uploads import UploadPolicy


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
    cache: Cache | None = None,
    cache_ttl: float | None = None,
    uploads: UploadPolicy | str | None = None,
    prices: Prices | Mapping[str, Price] | None = None,
    budget: Budget | None = None,
    telemetry: bool = False,
    limits: RateLimits | Pace | None = None,
    fallback: Any = None,
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
    cache: Cache | None = None,
    cache_ttl: float | None = None,
    uploads: UploadPolicy | str | None = None,
    prices: Prices | Mapping[str, Price] | None = None,
    budget: Budget | None = None,
    telemetry: bool = False,
    limits: RateLimits | Pace | None = None,
    fallback: Any = None,
    **params: Any,
) -> AsyncInstructor: ...
@overload
def from_provider(model: str, *, async_client: bool, **options: Any) -> Instructor | AsyncInstructor: ...
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
    cache: Cache | None = None,
    cache_ttl: float | None = None,
    uploads: UploadPolicy | str | None = None,
    prices: Prices | Mapping[str, Price] | None = None,
    budget: Budget | None = None,
    telemetry: bool = False,
    limits: RateLimits | Pace | None = None,
    fallback: Any = None,
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
        cache: where valid answers are kept: a `MemoryCache`, `DiskCache`, `RedisCache` of `instructor.cache`, or one of
            your own.
        cache_ttl: seconds for which answers are kept; None leaves it to the cache.
        uploads: which media go through the provider's Files API: "auto" (what is too large to go inline), "always",
            "never", or an `UploadPolicy`.
        prices: what tokens cost, `{"provider/model": Price(input, output)}`, before the prices that are known here.
        budget: how much all calls of this client together may spend: a `Budget`.
        telemetry: whether calls make OpenTelemetry's spans and metrics.
        limits: how much is sent, in all threads and tasks together: a `RateLimits`, or the `limits` of another client, to
            share them.
        fallback: who is asked if this provider fails: a client of the same kind, `"provider/model"`, a `Fallback`, or
            several of them, in order.
        **params: sent with every request, unless `create` is given others.

    Raises:
        UnknownProvider: there is no such provider.
        MissingKey: no key was given, and the environment has none.
        ConfigurationError: the name has no model where the provider needs one, or the http_client is of the
            wrong kind.
    """
    provider, chosen = _registry.split(model)
    api, mode = _by_mode(provider.adapter.name, mode)
    if api != provider.adapter.name:
        provider = _registry.find(api)
    hosted = provider.host(chosen, params) if provider.host else None
    if hosted is not None:
        provider = replace(provider, adapter=hosted.adapter)
    make: Callable[..., Instructor | AsyncInstructor] = partial(  # which of the two `async_client` says
        AsyncInstructor if async_client else Instructor,
        provider,
        model=chosen,
        mode=mode,
        hooks=hooks,
        timeout=timeout,
        policy=policy,
        fit=fit,
        cache=cache,
        cache_ttl=cache_ttl,
        uploads=uploads,
        prices=prices,
        budget=budget,
        telemetry=telemetry,
        limits=limits,
        fallback=fallback,
        reach=reach,
        params=params,
    )
    if provider.answer is not None:
        from .drivers.local import AsyncLocalSender, LocalSender

        return make(sender=(AsyncLocalSender if async_client else LocalSender)(provider.answer))
    from .retry import Backoff

    if hosted is not None:
        from .drivers.hosted import sender_of

        return make(sender=sender_of(provider, hosted, async_client, timeout, http_client, base_url), backoff=Backoff())
    settings = {**os.environ, **{name: value for name, value in params.items() if isinstance(value, str)}}
    sender = _http_sender(provider, async_client, api_key, base_url, timeout, http_client, settings)
    return make(sender=sender, backoff=Backoff())


def _http_sender(
    provider: Provider,
    asynchronous: bool,
    key: str | None,
    base: str | None,
    timeout: float | None,
    client: Any,
    settings: Mapping[str, str],
) -> Any:
    from .drivers.exchange import Exchange, check_base, check_client, check_key
    from .drivers.http import AsyncHttpSender, HttpSender

    endpoint = provider.endpoint
    if endpoint is None:
        raise ConfigurationError(f"{provider.adapter.name} has no HTTP endpoint: use its SDK's client")
    name = provider.adapter.name
    key = key or _environment(endpoint.key_names) or ""
    if endpoint.key_needed and endpoint.key_names and not key:
        names = " or ".join(endpoint.key_names)
        raise MissingKey(f"{name} needs a key: set {names}, or pass api_key=…")
    base = base or _environment(endpoint.base_names)
    base = endpoint.locate(base, settings) if endpoint.locate else base or endpoint.base_url
    if not base:
        names = "".join(f", or set {variable}" for variable in endpoint.base_names)
        raise ConfigurationError(f"{name} has no address of its own: pass base_url=…{names}")
    check_client(client, asynchronous)
    exchange = Exchange(provider.adapter, endpoint, check_key(key), check_base(base))
    return (AsyncHttpSender if asynchronous else HttpSender)(exchange, timeout, client)


def _environment(names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := os.environ.get(name))), None)


def over_sdk(
    name: str,
    maker: str,
    client: Any,
    mode: Mode | None,
    options: dict[str, Any],
    asynchronous: bool | None = None,
    sdk: Sdk | None = None,
) -> Any:
    """A client over an SDK's. `asynchronous` says which one where the SDK's class can be both; `sdk`, which SDK.

    Raises:
        WrongClient: the client is of none of the provider's SDKs.
    """
    name, mode = _by_mode(name, mode)
    if sdk:
        kind = "async" if asynchronous else "sync"
    else:
        sdk, kind = kind_of(_sdks(name), client, maker, asynchronous)
    own = {key: options.pop(key, None) for key in CLIENT_OPTIONS}
    own |= {"client": client, "mode": mode, "params": options, "reach": reach}
    return (AsyncInstructor if kind == "async" else Instructor)(name, sdk, **own)


def _sdks(name: str) -> tuple[Sdk, ...]:
    if name in ROWS:
        return (ROWS[name],)
    provider = _registry.find(name)
    sdks = tuple(each for each in (provider.sdk, *provider.also) if each)
    if not sdks:
        raise ConfigurationError(f"{name} has no SDK")
    return sdks


def reach(first: Settings, name: str) -> tuple[Settings, str]:
    """The client that a fallback's name stands for, and the model: the client itself where only the model is another, so
    that its key and its address hold; else one made as from_provider() makes it.

    Raises:
        As `from_provider`.
    """
    provider, model = _registry.split(name)
    if model and provider.adapter.name == first.provider and provider.host is None:
        return first, model
    made: Settings = from_provider(name, async_client=True) if first.asynchronous else from_provider(name)
    return made, made.model or ""


def _by_mode(name: str, mode: Mode | None) -> tuple[str, Mode | None]:
    """The provider's name, or that of the other API of it that a mode is of."""
    if name == "openai" and mode is not None:
        from .modes import Mode

        if mode is Mode.RESPONSES_TOOLS:
            return "openai-responses", Mode.TOOLS
    return name, mode


CLIENT_OPTIONS = tuple(
    "model hooks timeout policy fit cache cache_ttl uploads prices budget telemetry limits fallback".split()
)
"""What `from_openai` and its like take beside the client; anything else is sent with every request."""
