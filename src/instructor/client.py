"""What callers hold: a client with `create`, synchronous or asynchronous, over any provider.

    Instructor · AsyncInstructor       made by the functions of `connect`
        create                         a validated object; also as chat.completions.create and messages.create
        create_with_completion         the same, and the provider's own answer object
        create_partial                 growing objects, the last of them validated
        create_iterable                the elements of a list, each as it closes
        plan                           what create would send
        on · off · clear               hooks
        close

The two classes differ in `await` alone; what they share is in `_Client`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Self, TypeVar, overload

from .adapter import Provider
from .drivers import AsyncSender, AsyncWorld, Deadline, Sender, World, apump, arun, pump, run
from .engine import Outcome, Task, extract
from .errors import ConfigurationError, ModeError
from .fetch import MediaPolicy
from .fit import Fit
from .hooks import Handler, HookName, Hooks
from .modes import Mode
from .output import is_list, target, whole
from .plan import Plan, planning
from .retry import Backoff
from .streaming import iterable, partial

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
        fit: Fit | str | None = None,
        backoff: Backoff = Backoff.NEVER,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.provider = provider.adapter.name
        self.client = client
        self.model = model
        self.mode = _mode(mode)
        self.hooks = _hooks(hooks)
        self.timeout = _seconds(timeout)
        self.fit = Fit.parse(fit)
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
        fit: Fit | str | None = None,
        timeout: float | None = None,
        **params: Any,
    ) -> Task[Any]:
        name = model or self.model
        if not name or not isinstance(name, str):
            raise ConfigurationError(f"no model: pass model=… to create(), or make the {self.provider} client with one")
        params = {**self._params, **params}
        if params.get("stream"):
            raise ConfigurationError("stream=True is said in each call: leave it out where the client is made")
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
            fit=self.fit if fit is None else Fit.parse(fit),
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
        self.create_partial = client.create_partial
        self.create_iterable = client.create_iterable


class AsyncCompletions:
    """As `Completions`, asynchronous."""

    def __init__(self, client: AsyncInstructor) -> None:
        self.create = client.create
        self.create_with_completion = client.create_with_completion
        self.create_partial = client.create_partial
        self.create_iterable = client.create_iterable


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
                fit: what may be done to media that the provider does not take as they are: "auto" (changed so that
                    they fit), "strict" (an error), or a `Fit` with choices.
                timeout: seconds for the whole call, with all attempts.
                hooks: handlers for this call beside the client's.
                stream: True gives what `create_partial` gives, or, for `Iterable[T]` and `list[T]`,
                    what `create_iterable` gives.
                Anything else goes to the provider under its own name.

        Raises:
            RequestError: what was passed cannot be sent; nothing was sent.
            ProviderError: the provider, or the way to it, failed.
            ResponseError: the answer is cut off, a refusal, or never valid (InstructorRetryException).
        """
        if options.pop("stream", False):
            many = is_list(response_model)
            return (self.create_iterable if many else self.create_partial)(response_model, messages, **options)
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

    @overload
    def create_partial(self, response_model: type[T], messages: Any, **options: Any) -> Iterator[T]: ...
    @overload
    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]: ...
    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]:
        """The object while it grows: fields that have not come are None. The last one is validated whole.

        Arguments are `create`'s. Closing the iterator closes the connection. An answer that does not validate is
        asked for again only while nothing of it was handed over.

        Raises:
            As `create`, while it is iterated over.
        """
        return self._stream(partial, whole(response_model), messages, **options)

    @overload
    def create_iterable(self, response_model: type[T], messages: Any, **options: Any) -> Iterator[T]: ...
    @overload
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]: ...
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]:
        """The elements of a list, each validated and handed over as soon as it is complete.

        Args:
            response_model: the type of an element (`User`), or of the list (`list[User]`, `Iterable[User]`).
            messages: as `create`'s, like all else.

        Raises:
            As `create`, while it is iterated over.
        """
        many = response_model if is_list(response_model) else list[response_model]
        return self._stream(iterable, many, messages, **options)

    def _stream(self, flow: Any, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]:
        hooks = self._hooks_with(options.pop("hooks", None))
        options.pop("stream", None)
        task = self._task(response_model, messages, **options)
        return pump(flow(task), World(self._sender, hooks, Deadline.after(task.timeout)))

    def plan(self, response_model: Any = None, messages: Any = (), **options: Any) -> Plan:
        """What `create` with these arguments would send, and send nothing: the request, what media became, tokens.

        Raises:
            RequestError: the messages are malformed. What stands in the way of media is in the plan.
        """
        for unheard in ("hooks", "stream"):
            options.pop(unheard, None)
        task = self._task(response_model, messages, **options)
        return run(planning(task), World(self._sender, Hooks(), Deadline.after(task.timeout)))

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
        """As `Instructor.create`. With `stream=True` awaiting it gives an asynchronous iterator."""
        if options.pop("stream", False):
            many = is_list(response_model)
            return (self.create_iterable if many else self.create_partial)(response_model, messages, **options)
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

    @overload
    def create_partial(self, response_model: type[T], messages: Any, **options: Any) -> AsyncIterator[T]: ...
    @overload
    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]: ...
    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]:
        """As `Instructor.create_partial`, to be iterated over with `async for`."""
        return self._stream(partial, whole(response_model), messages, **options)

    @overload
    def create_iterable(self, response_model: type[T], messages: Any, **options: Any) -> AsyncIterator[T]: ...
    @overload
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]: ...
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]:
        """As `Instructor.create_iterable`, to be iterated over with `async for`."""
        many = response_model if is_list(response_model) else list[response_model]
        return self._stream(iterable, many, messages, **options)

    def _stream(self, flow: Any, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]:
        hooks = self._hooks_with(options.pop("hooks", None))
        options.pop("stream", None)
        task = self._task(response_model, messages, **options)
        deadline = Deadline.after(task.timeout)
        return apump(flow(task), AsyncWorld(self._sender, hooks, deadline), deadline)

    async def plan(self, response_model: Any = None, messages: Any = (), **options: Any) -> Plan:
        """As `Instructor.plan`."""
        for unheard in ("hooks", "stream"):
            options.pop(unheard, None)
        task = self._task(response_model, messages, **options)
        deadline = Deadline.after(task.timeout)
        return await arun(planning(task), AsyncWorld(self._sender, Hooks(), deadline), deadline)

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
