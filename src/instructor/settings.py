"""What a client remembers between calls, and how the arguments of a call become a Task.

    client's defaults ─┐
    create(**options) ─┴▶ checked ─▶ Task

Both clients share it; nothing here waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from . import chat, memo
from .adapter import Provider
from .drivers.view import shown
from .effects import Cache
from .engine import Task
from .errors import ConfigurationError, ModeError
from .fallback import Fallback, check, fallbacks
from .fetch import MediaPolicy
from .files import uploading
from .fit import Fit
from .hooks import Handler, Hooks, Name
from .modes import Mode
from .others import Other, Reach, Reached
from .output import target
from .pace import Pace, RateLimits
from .tools import offered, parted
from .retry import DEFAULT_RETRIES, Backoff, RetryPolicy
from .spending import Budget, Ledger, Price, Prices, Progress
from .spending.progress import is_standard
from .uploads import Uploading, UploadPolicy


class Settings:
    """What both clients share: the provider, the defaults, the hooks."""

    asynchronous: ClassVar[bool] = False

    _sender: Any

    def __init__(
        self,
        provider: Provider,
        *,
        client: Any = None,
        model: str | None = None,
        mode: Mode | None = None,
        hooks: Hooks | None = None,
        timeout: float | None = None,
        policy: MediaPolicy | None = None,
        fit: Fit | str | None = None,
        backoff: Backoff = Backoff.NEVER,
        params: Mapping[str, Any] | None = None,
        cache: Cache | None = None,
        cache_ttl: float | None = None,
        uploads: UploadPolicy | str | None = None,
        prices: Prices | Mapping[str, Price] | None = None,
        budget: Budget | None = None,
        telemetry: bool | None = False,
        limits: RateLimits | Pace | None = None,
        fallback: Any = None,
        reach: Reach | None = None,
    ) -> None:
        self.provider = provider.adapter.name
        self.client = client
        self.model = model
        self.mode = _mode(mode)
        self.hooks = _hooks(hooks)
        self.timeout = _seconds(timeout)
        self.fit = Fit.parse(fit)
        self.uploads = UploadPolicy.parse(uploads)
        self._provider, self._policy, self._backoff = provider, policy or MediaPolicy(), backoff
        self._params = dict(params or {})
        self.cache, self.cache_ttl, self._flights = (
            memo.given(cache),
            memo.lasting(cache_ttl, "cache_ttl"),
            memo.Flights(),
        )
        self.usage, self.prices, self.budget = Ledger(), Prices.of(prices), Budget.of(budget)
        self.limits = Pace.of(limits)
        self._reach, self._reached = reach, Reached()
        self._fallbacks = tuple(map(self._resolved, fallbacks(fallback)))
        if telemetry:
            from .telemetry import instrument

            instrument(self)

    def on(self, name: Name, handler: Handler) -> None:
        """Call `handler` when `name`, an event's name or class, happens in any call of this client; "event" is any of them."""
        self.hooks.on(name, handler)

    def off(self, name: Name, handler: Handler) -> None:
        """Call `handler` no longer."""
        self.hooks.off(name, handler)

    def clear(self, name: Name | None = None) -> None:
        """Forget the handlers of one event, or of all."""
        self.hooks.clear(name)

    def _task(
        self,
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
        name = model or self.model
        if not name or not isinstance(name, str):
            raise ConfigurationError(f"no model: pass model=… to create(), or make the {self.provider} client with one")
        given, params = params, {**self._params, **params}
        if params.get("stream"):
            raise ConfigurationError("stream=True is said in each call: leave it out where the client is made")
        params, tools = offered(params)
        form, room = parted(response_model)
        words = None if autodetect_images or context is not None else chat.words(messages)
        return Task(
            adapter=self._provider.adapter,
            model=name,
            messages=messages,
            target=None if form is None else target(form),
            mode=_mode(mode) or self.mode,
            params=params,
            tools=tools,
            room=room,
            retry=_retry(max_retries, token_budget),
            context=context,
            strict=strict,
            autodetect_media=autodetect_images,
            policy=self._policy if download is None else replace(self._policy, download=download),
            fit=self.fit if fit is None else Fit.parse(fit),
            backoff=self._backoff,
            timeout=_seconds(timeout) or self.timeout,
            memory=self._memory(cache, cache_ttl),
            progress=self._progress(name, form, budget, params),
            uploading=self._uploading(uploads, words is not None),
            parsed=words,
            words=words is not None,
            pace=self.limits,
            others=self._others(fallback, given, uploads),
        )

    def _others(self, fallback: Any, given: Mapping[str, Any], uploads: Any) -> tuple[Other, ...]:
        """Those who are asked if this client's provider fails."""
        if fallback is None and not self._fallbacks:
            return ()
        chosen = self._fallbacks if fallback is None else tuple(map(self._resolved, fallbacks(fallback)))
        return tuple(Other(one, self, given, uploads) for one in chosen)

    def _resolved(self, fallback: Fallback) -> Fallback:
        """The entry with a client in the place of a name, and known to have a model."""
        client = fallback.to
        if isinstance(client, str):
            client, model = self._reached.client(self, client, self._reach)
            fallback = replace(fallback, to=client, model=fallback.model or model)
        if not isinstance(client, Settings) or client.asynchronous != self.asynchronous:
            kind = "an asynchronous" if self.asynchronous else "a synchronous"
            raise ConfigurationError(
                f"a fallback is {kind} client of instructor, as the one that it is for, or 'provider/model', "
                f"not {type(client).__name__}"
            )
        name = fallback.model or client.model
        if not name:
            who = f"the {client.provider} client"
            raise ConfigurationError(f"no model: write Fallback(client, model=…), or make {who} with one")
        own = {key: value for key, value in fallback.params.items() if value is not None}
        check(client._provider.adapter, name, own)
        return replace(fallback, model=name)

    def _uploading(self, uploads: UploadPolicy | str | None, words: bool = False) -> Uploading | None:
        """How media are uploaded; None where none are, or where there are `words` alone."""
        policy = self.uploads if uploads is None else UploadPolicy.parse(uploads)
        if words and policy.when == "auto":
            return None
        return uploading(self._provider, self._sender, policy, self._backoff)

    def _progress(
        self, model: str, response_model: Any, budget: Budget | None, params: Mapping[str, Any]
    ) -> Progress:
        own = Budget.of(budget)
        ledgers: tuple[tuple[Ledger, Budget | None], ...] = ((self.usage, self.budget),)
        return Progress(
            provider=self.provider,
            model=model,
            wanted=None if response_model is None else target(response_model).name,
            server=self._server,
            ledgers=ledgers if own is None else (*ledgers, (Ledger(), own)),
            prices=self.prices,
            day=datetime.now(UTC).date(),
            standard=is_standard(params),
        )

    def _server(self) -> str | None:
        address = getattr(self.client, "base_url", None) or getattr(self._sender, "base_url", None)
        if address is None and self._provider.endpoint is not None:
            address = self._provider.endpoint.base_url
        return memo.place_of(address, "") or None

    def _memory(self, cache: object, ttl: float | None) -> memo.Memo | None:
        if cache is None and self.cache is None:
            return None
        return memo.memory(
            cache,
            self.cache,
            self.cache_ttl if ttl is None else ttl,
            place=self._place(),
            flights=self._flights,
            show=lambda wire, kind: shown(wire, kind, self.client),
        )

    def _place(self) -> str:
        """The API's address, where it is not the provider's usual one."""
        address = getattr(self.client, "base_url", None) or getattr(self._sender, "base_url", "")
        return memo.place_of(address, self._provider.endpoint.base_url if self._provider.endpoint else "")

    def _hooks_with(self, hooks: Hooks | None) -> Hooks:
        return self.hooks if hooks is None else self.hooks + _hooks(hooks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.provider}{f', model={self.model!r}' if self.model else ''})"


def _retry(max_retries: Any, token_budget: int | None) -> RetryPolicy:
    policy = RetryPolicy.of(max_retries)
    return policy if token_budget is None else replace(policy, token_budget=token_budget)


def _mode(mode: object) -> Mode | None:
    if mode is None or isinstance(mode, Mode):
        return mode
    raise ModeError(f"mode is one of {', '.join(f'Mode.{m.name}' for m in Mode)} or None, not {mode!r:.60}")


def _seconds(timeout: object) -> float | None:
    if timeout is None or (isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0):
        return timeout
    raise ConfigurationError(f"timeout is a positive number of seconds or None, not {timeout!r:.60}")


def _hooks(hooks: object) -> Hooks:
    if hooks is None:
        return Hooks()
    if isinstance(hooks, Hooks):
        return hooks
    raise ConfigurationError(
        f"hooks are an instructor.Hooks, not {type(hooks).__name__}: write Hooks({{event: handler}})"
    )
