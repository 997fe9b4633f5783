"""What a client remembers between calls. Both clients share it; nothing here waits.

    given ─▶ read at once: what is wrong is said where it was written
    not   ─▶ the usual value, made when it is first looked at, which is in the first call

So a client that only stands there has loaded what counts and listens (`usage`, `hooks`), and no dialect, driver or policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from . import memo
from .errors import ConfigurationError, ModeError
from .hooks import Hooks
from .reached import Reach, Reached
from .sdks import Sdk
from .spending import Budget, Ledger

if TYPE_CHECKING:
    from .adapter import Provider
    from .effects import Cache
    from .fallback import Fallback
    from .fetch import MediaPolicy
    from .fit import Fit
    from .hooks import Handler, Name
    from .modes import Mode
    from .pace import Pace, RateLimits
    from .retry import Backoff
    from .spending import Price, Prices
    from .uploads import Uploading, UploadPolicy


class Settings:
    """What both clients share: the provider, the defaults, the hooks.

    A provider may be given by its name, and in the place of what sends, the SDK whose client does.
    """

    asynchronous: ClassVar[bool] = False

    _downloads: Any = None
    """What fetches media; made by the first call."""

    def __init__(
        self,
        provider: Provider | str,
        sender: Any,
        *,
        client: Any = None,
        model: str | None = None,
        mode: Mode | None = None,
        hooks: Hooks | None = None,
        timeout: float | None = None,
        policy: MediaPolicy | None = None,
        fit: Fit | str | None = None,
        backoff: Backoff | None = None,
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
        if isinstance(provider, str):
            self.provider = provider
        else:
            self.provider, self._provider = provider.adapter.name, provider
        if isinstance(sender, Sdk):
            self._sdk = sender
        else:
            self._sender = sender
        self.client = client
        self.model = model
        self.mode = checked_mode(mode)
        self.hooks = _hooks(hooks)
        self.timeout = checked_seconds(timeout)
        self._given: dict[str, Any] = {
            "fit": fit,
            "uploads": uploads,
            "prices": prices,
            "_policy": policy,
            "_backoff": backoff,
        }
        for name, value in self._given.items():
            if value is not None:
                getattr(self, name)  # what is wrong is said now
        self._params = dict(params or {})
        self.cache, self.cache_ttl = _remembering(cache, cache_ttl)
        self.usage, self.budget = Ledger(), Budget.of(budget)
        self.limits = _paced(limits)
        self._reach, self._reached = reach, Reached()
        self._fallbacks = _instead(self, fallback)
        if telemetry:
            from .telemetry import instrument

            instrument(self)

    @cached_property
    def fit(self) -> Fit:
        """What may be done to media that do not fit."""
        from .fit import Fit

        return Fit.parse(self._given["fit"])

    @cached_property
    def uploads(self) -> UploadPolicy:
        """Which media go through the provider's Files API."""
        from .uploads import UploadPolicy

        return UploadPolicy.parse(self._given["uploads"])

    @cached_property
    def prices(self) -> Prices:
        """What tokens cost."""
        from .spending import Prices

        return Prices.of(self._given["prices"])

    @cached_property
    def _policy(self) -> MediaPolicy:
        from .fetch import MediaPolicy

        return self._given["_policy"] or MediaPolicy()

    @cached_property
    def _backoff(self) -> Backoff:
        from .retry import Backoff

        return self._given["_backoff"] or Backoff.NEVER

    @cached_property
    def _provider(self) -> Provider:
        from .providers import _registry

        return _registry.find(self.provider)

    @cached_property
    def _sender(self) -> Any:
        from .drivers.sdk import sender_over

        return sender_over(self._provider.adapter, self._sdk, self.client, self.asynchronous)

    def on(self, name: Name, handler: Handler) -> None:
        """Call `handler` when `name`, an event's name or class, happens in any call of this client; "event" is any of them."""
        self.hooks.on(name, handler)

    def off(self, name: Name, handler: Handler) -> None:
        """Call `handler` no longer."""
        self.hooks.off(name, handler)

    def clear(self, name: Name | None = None) -> None:
        """Forget the handlers of one event, or of all."""
        self.hooks.clear(name)

    def _uploading(self, uploads: UploadPolicy | str | None, words: bool = False) -> Uploading | None:
        """How media are uploaded; None where none are, or where there are `words` alone."""
        from .uploads import UploadPolicy

        policy = self.uploads if uploads is None else UploadPolicy.parse(uploads)
        if words and policy.when == "auto":
            return None
        from .files import uploading

        return uploading(self._provider, self._sender, policy, self._backoff)

    @cached_property
    def _flights(self) -> memo.Flights:
        """The calls of this client that are under way, where answers are kept."""
        return memo.Flights()

    def _server(self) -> str | None:
        address = getattr(self.client, "base_url", None) or getattr(self._sender, "base_url", None)
        if address is None and self._provider.endpoint is not None:
            address = self._provider.endpoint.base_url
        return memo.place_of(address, "") or None

    def _place(self) -> str:
        """The API's address, where it is not the provider's usual one."""
        address = getattr(self.client, "base_url", None) or getattr(self._sender, "base_url", "")
        return memo.place_of(address, self._provider.endpoint.base_url if self._provider.endpoint else "")

    def _hooks_with(self, hooks: Hooks | None) -> Hooks:
        return self.hooks if hooks is None else self.hooks + _hooks(hooks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.provider}{f', model={self.model!r}' if self.model else ''})"


def _remembering(cache: Any, ttl: Any) -> tuple[Cache | None, float | None]:
    if cache is None and ttl is None:
        return None, None
    return memo.given(cache), memo.lasting(ttl, "cache_ttl")


def _paced(limits: RateLimits | Pace | None) -> Pace | None:
    if limits is None:
        return None
    from .pace import Pace

    return Pace.of(limits)


def _instead(client: Settings, fallback: Any) -> tuple[Fallback, ...]:
    if fallback is None or fallback is False:
        return ()
    from .fallback import fallbacks
    from .others import resolved

    return tuple(resolved(client, one, Settings) for one in fallbacks(fallback))


def checked_mode(mode: object) -> Mode | None:
    if mode is None:
        return None
    from .modes import Mode

    if isinstance(mode, Mode):
        return mode
    raise ModeError(f"mode is one of {', '.join(f'Mode.{m.name}' for m in Mode)} or None, not {mode!r:.60}")


def checked_seconds(timeout: object) -> float | None:
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
