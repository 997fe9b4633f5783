"""What callers hold: a client with `create`, synchronous or asynchronous, over any provider.

    from_provider("name/model") · from_openai(client) · from_anthropic(client)
        ─▶ Instructor | AsyncInstructor
              create · create_with_completion · chat.completions.create · messages.create
              on · off · clear (hooks) · close

The two classes differ in `await` alone; what they share is in `_Client`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload

from .adapter import Provider
from .drivers import AsyncSender, AsyncWorld, Deadline, Sender, World, arun, run
from .engine import Outcome, Task, extract
from .errors import ConfigurationError, MissingKey, ModeError
from .fetch import MediaPolicy
from .hooks import Handler, HookName, Hooks
from .modes import Mode
from .output import target
from .providers import _registry
from .retry import Backoff

if TYPE_CHECKING:
    import httpx2
    from anthropic import (
        Anthropic,
        AnthropicBedrock,
        AnthropicFoundry,
        AnthropicVertex,
        AsyncAnthropic,
        AsyncAnthropicBedrock,
        AsyncAnthropicFoundry,
        AsyncAnthropicVertex,
    )
    from openai import AsyncOpenAI, OpenAI

T = TypeVar("T")

DEFAULT_RETRIES = 2


class _Client:
    """What both clients share: the provider, the defaults, the hooks."""

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
        backoff: Backoff = Backoff.NEVER,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.provider = provider.adapter.name
        self.client = client
        self.model = model
        self.mode = _mode(mode)
        self.hooks = _hooks(hooks)
        self.timeout = _seconds(timeout)
        self._provider, self._policy, self._backoff = provider, policy or MediaPolicy(), backoff
        self._params = dict(params or {})

    def on(self, name: str | HookName, handler: Handler) -> None:
        """Call `handler` when the event `name` happens in any call of this client."""
        self.hooks.on(name, handler)

    def off(self, name: str | HookName, handler: Handler) -> None:
        """Call `handler` no longer."""
        self.hooks.off(name, handler)

    def clear(self, name: str | HookName | None = None) -> None:
        """Forget the handlers of one event, or of all."""
        self.hooks.clear(name)

    def _task(
        self,
        response_model: Any,
        messages: Any,
        *,
        model: str | None = None,
        mode: Mode | None = None,
        max_retries: int = DEFAULT_RETRIES,
        context: Mapping[str, Any] | None = None,
        strict: bool | None = None,
        autodetect_images: bool = False,
        timeout: float | None = None,
        **params: Any,
    ) -> Task[Any]:
        name = model or self.model
        if not name or not isinstance(name, str):
            raise ConfigurationError(f"no model: pass model=… to create(), or make the {self.provider} client with one")
        params = {**self._params, **params}
        if params.get("stream"):
            raise ConfigurationError("create() gives the finished object: leave stream=True out")
        return Task(
            adapter=self._provider.adapter,
            model=name,
            messages=messages,
            target=None if response_model is None else target(response_model),
            mode=_mode(mode) or self.mode,
            params=params,
            max_retries=_count(max_retries),
            context=context,
            strict=strict,
            autodetect_media=autodetect_images,
            policy=self._policy,
            backoff=self._backoff,
            timeout=_seconds(timeout) or self.timeout,
        )

    def _hooks_with(self, hooks: Hooks | None) -> Hooks:
        return self.hooks if hooks is None else self.hooks + _hooks(hooks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.provider}{f', model={self.model!r}' if self.model else ''})"


def _count(retries: object) -> int:
    if isinstance(retries, int) and not isinstance(retries, bool) and retries >= 0:
        return retries
    raise ConfigurationError(f"max_retries is the number of repetitions, 0 or more, not {retries!r:.60}")


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


class Completions:
    """`client.chat.completions` and `client.messages`: the same `create` under the names that SDKs use."""

    def __init__(self, client: Instructor) -> None:
        self.create = client.create
        self.create_with_completion = client.create_with_completion


class AsyncCompletions:
    """As `Completions`, asynchronous."""

    def __init__(self, client: AsyncInstructor) -> None:
        self.create = client.create
        self.create_with_completion = client.create_with_completion


class Chat:
    """`client.chat`."""

    def __init__(self, client: Instructor) -> None:
        self.completions = Completions(client)


class AsyncChat:
    """`client.chat`, asynchronous."""

    def __init__(self, client: AsyncInstructor) -> None:
        self.completions = AsyncCompletions(client)


class Instructor(_Client):
    """A synchronous client."""

    def __init__(self, provider: Provider, sender: Sender, **options: Any) -> None:
        super().__init__(provider, **options)
        self._sender = sender

    @property
    def chat(self) -> Chat:
        """`client.chat.completions.create` is `client.create`."""
        return Chat(self)

    @property
    def messages(self) -> Completions:
        """`client.messages.create` is `client.create`."""
        return Completions(self)

    @overload
    def create(self, response_model: type[T], messages: Any, **options: Any) -> T: ...
    @overload
    def create(self, response_model: Any = None, messages: Any = (), **options: Any) -> Any: ...
    def create(self, response_model: Any = None, messages: Any = (), **options: Any) -> Any:
        """Send messages, get a validated object back.

        Args:
            response_model: what comes back: a pydantic model, a `list` of them, a union, a simple type; None for
                the provider's own answer.
            messages: a list of messages, or the content of a single one: a string, a medium, a list of these.
            **options:
                model: the model's name, where the client was made without one.
                mode: how the answer is asked for; None lets the library choose by model.
                max_retries: how often the model is asked again when its answer does not validate (2).
                context: pydantic's validation context.
                strict: pydantic's strict mode.
                autodetect_images: whether strings in user messages that name a medium stand for it (False).
                timeout: seconds for the whole call, with all attempts.
                hooks: handlers for this call beside the client's.
                Anything else goes to the provider under its own name.

        Raises:
            RequestError: what was passed cannot be sent; nothing was sent.
            ProviderError: the provider, or the way to it, failed.
            ResponseError: the answer is cut off, a refusal, or never valid (InstructorRetryException).
        """
        return self._run(response_model, messages, **options).value

    @overload
    def create_with_completion(self, response_model: type[T], messages: Any, **options: Any) -> tuple[T, Any]: ...
    @overload
    def create_with_completion(
        self, response_model: Any = None, messages: Any = (), **options: Any
    ) -> tuple[Any, Any]: ...
    def create_with_completion(self, response_model: Any = None, messages: Any = (), **options: Any) -> tuple[Any, Any]:
        """As `create`; the second value is the provider's own answer object."""
        outcome = self._run(response_model, messages, **options)
        return outcome.value, outcome.reply.raw

    def _run(self, response_model: Any, messages: Any, **options: Any) -> Outcome[Any]:
        hooks = self._hooks_with(options.pop("hooks", None))
        task = self._task(response_model, messages, **options)
        return run(extract(task), World(self._sender, hooks, Deadline.after(task.timeout)))

    def close(self) -> None:
        """Close the connections that this client opened itself."""
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AsyncInstructor(_Client):
    """An asynchronous client."""

    def __init__(self, provider: Provider, sender: AsyncSender, **options: Any) -> None:
        super().__init__(provider, **options)
        self._sender = sender

    @property
    def chat(self) -> AsyncChat:
        """`client.chat.completions.create` is `client.create`."""
        return AsyncChat(self)

    @property
    def messages(self) -> AsyncCompletions:
        """`client.messages.create` is `client.create`."""
        return AsyncCompletions(self)

    @overload
    async def create(self, response_model: type[T], messages: Any, **options: Any) -> T: ...
    @overload
    async def create(self, response_model: Any = None, messages: Any = (), **options: Any) -> Any: ...
    async def create(self, response_model: Any = None, messages: Any = (), **options: Any) -> Any:
        """As `Instructor.create`."""
        return (await self._run(response_model, messages, **options)).value

    @overload
    async def create_with_completion(self, response_model: type[T], messages: Any, **options: Any) -> tuple[T, Any]: ...
    @overload
    async def create_with_completion(
        self, response_model: Any = None, messages: Any = (), **options: Any
    ) -> tuple[Any, Any]: ...
    async def create_with_completion(
        self, response_model: Any = None, messages: Any = (), **options: Any
    ) -> tuple[Any, Any]:
        """As `Instructor.create_with_completion`."""
        outcome = await self._run(response_model, messages, **options)
        return outcome.value, outcome.reply.raw

    async def _run(self, response_model: Any, messages: Any, **options: Any) -> Outcome[Any]:
        hooks = self._hooks_with(options.pop("hooks", None))
        task = self._task(response_model, messages, **options)
        deadline = Deadline.after(task.timeout)
        return await arun(extract(task), AsyncWorld(self._sender, hooks, deadline), deadline)

    async def close(self) -> None:
        """Close the connections that this client opened itself."""
        await self._sender.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


# ── makers ───────────────────────────────────────────────────────────────────────────────────────


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
        **params: sent with every request, unless `create` is given others.

    Raises:
        UnknownProvider: there is no such provider.
        MissingKey: no key was given, and the environment has none.
        ConfigurationError: the name has no model where the provider needs one, or the http_client is of the
            wrong kind.
    """
    name, _, rest = model.partition("/")
    provider = _registry.find(name)
    chosen = rest or provider.default_model
    if not chosen:
        raise ConfigurationError(f'{model!r} names no model: write "{name}/<model>"')
    make: Callable[..., Instructor | AsyncInstructor] = partial(  # which of the two `async_client` says
        AsyncInstructor if async_client else Instructor,
        provider,
        model=chosen,
        mode=mode,
        hooks=hooks,
        timeout=timeout,
        policy=policy,
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
    key = key or _environment(endpoint.key_names)
    if not key:
        names = " or ".join(endpoint.key_names)
        raise MissingKey(f"{provider.adapter.name} needs a key: set {names}, or pass api_key=…")
    base = base or _environment(endpoint.base_names) or endpoint.base_url
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
        **options: `model`, `hooks`, `timeout`, `policy`; anything else is sent with every request.

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
        **options: `model`, `hooks`, `timeout`, `policy`; anything else is sent with every request.

    Raises:
        WrongClient: it is another class's.
    """
    return _from_sdk("anthropic", "from_anthropic()", client, mode, options)


def _from_sdk(name: str, maker: str, client: Any, mode: Mode | None, options: dict[str, Any]) -> Any:
    from .drivers.sdk import AsyncSdkSender, SdkSender, kind_of

    provider = _registry.find(name)
    sdk = provider.sdk
    if sdk is None:
        raise ConfigurationError(f"{name} has no SDK")
    own = {key: options.pop(key, None) for key in ("model", "hooks", "timeout", "policy")}
    if kind_of(sdk, client, maker) == "async":
        return AsyncInstructor(
            provider, AsyncSdkSender(provider.adapter, sdk, client), client=client, mode=mode, params=options, **own
        )
    return Instructor(
        provider, SdkSender(provider.adapter, sdk, client), client=client, mode=mode, params=options, **own
    )
