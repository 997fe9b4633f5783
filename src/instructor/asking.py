"""How the arguments of a call become a Task.

client's defaults ─┐
create(**options) ─┴▶ checked ─▶ Task
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from . import chat, memo
from .drivers.view import shown
from .effects import Cache
from .engine import Task
from .errors import ConfigurationError
from .fallback import fallbacks
from .fit import Fit
from .modes import Mode
from .others import Other, resolved
from .output import Target, target
from .retry import DEFAULT_RETRIES, RetryPolicy
from .settings import Settings, checked_mode, checked_seconds
from .spending import Budget, Ledger, Progress
from .spending.progress import is_standard
from .tools import offered, parted
from .uploads import UploadPolicy


def task(
    client: Settings,
    response_model: Any,
    messages: Any,
    *,
    model: str | None = None,
    mode: Mode | None = None,
    max_retries: Any = DEFAULT_RETRIES,
    token_budget: int | None = None,
    context: Mapping[str, Any] | None = None,
    strict: bool | None = None,
    autodetect_images: bool = False,
    fit: Fit | str | None = None,
    download: bool | None = None,
    timeout: float | None = None,
    cache: bool | str | Cache | None = None,
    cache_ttl: float | None = None,
    budget: Budget | None = None,
    uploads: UploadPolicy | str | None = None,
    fallback: Any = None,
    **params: Any,
) -> Task[Any]:
    """What the arguments of a call come to.

    Raises:
        RequestError: they cannot.
    """
    name = model or client.model
    if not name or not isinstance(name, str):
        raise ConfigurationError(f"no model: pass model=… to create(), or make the {client.provider} client with one")
    given, params = params, {**client._params, **params}
    if params.get("stream"):
        raise ConfigurationError("stream=True is said in each call: leave it out where the client is made")
    params, tools = offered(params)
    form, room = parted(response_model)
    wanted = None if form is None else target(form)
    words = None if autodetect_images or context is not None else chat.words(messages)
    return Task(
        adapter=client._provider.adapter,
        model=name,
        messages=messages,
        target=wanted,
        mode=checked_mode(mode) or client.mode,
        params=params,
        tools=tools,
        room=room,
        retry=RetryPolicy.of(max_retries, token_budget),
        context=context,
        strict=strict,
        autodetect_media=autodetect_images,
        policy=client._policy if download is None else replace(client._policy, download=download),
        fit=client.fit if fit is None else Fit.parse(fit),
        backoff=client._backoff,
        timeout=checked_seconds(timeout) or client.timeout,
        memory=_memory(client, cache, cache_ttl),
        progress=_progress(client, name, wanted, budget, params),
        uploading=client._uploading(uploads, words is not None),
        parsed=words,
        words=words is not None,
        pace=client.limits,
        others=_others(client, fallback, given, uploads) if fallback is not None or client._fallbacks else (),
    )


def _others(client: Settings, fallback: Any, given: Mapping[str, Any], uploads: Any) -> tuple[Other, ...]:
    """Those who are asked if this client's provider fails."""
    chosen = client._fallbacks if fallback is None else [resolved(client, one, Settings) for one in fallbacks(fallback)]
    return tuple(Other(one, client, given, uploads) for one in chosen)


def _progress(
    client: Settings, model: str, wanted: Target[Any] | None, budget: Budget | None, params: Mapping[str, Any]
) -> Progress:
    own = Budget.of(budget)
    ledgers: tuple[tuple[Ledger, Budget | None], ...] = ((client.usage, client.budget),)
    return Progress(
        provider=client.provider,
        model=model,
        wanted=None if wanted is None else wanted.name,
        server=client._server,
        ledgers=ledgers if own is None else (*ledgers, (Ledger(), own)),
        prices=client.prices,
        day=datetime.now(UTC).date(),
        standard=is_standard(params),
    )


def _memory(client: Settings, cache: object, ttl: float | None) -> memo.Memo | None:
    if cache is None and client.cache is None:
        return None
    return memo.memory(
        cache,
        client.cache,
        client.cache_ttl if ttl is None else ttl,
        place=client._place(),
        flights=client._flights,
        show=lambda wire, kind: shown(wire, kind, client.client),
    )
