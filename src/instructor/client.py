"""What callers hold: a client with `create`, synchronous or asynchronous, over any provider.

    Instructor · AsyncInstructor       made by the functions of `connect`
        create                         a validated object; also as chat.completions.create and messages.create
        create_with_completion         the same, and the provider's own answer object
        create_partial                 growing objects, the last of them validated
        create_iterable                the elements of a list, each as it closes
        plan                           what create would send
        files                          what the provider's Files API holds
        on · off · clear               hooks
        close

The two classes differ in `await` alone; what they share is in `settings`. What they do is in `calls`, which the first call
loads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload

from .settings import Settings

if TYPE_CHECKING:
    from pydantic import BaseModel
    from typing_extensions import TypeForm

    from .adapter import Provider
    from .drivers import AsyncSender, Sender
    from .files import AsyncFiles, Files
    from .plan import Plan
    from .sdks import Sdk

# `TypeForm[T]` (PEP 747) stands for every form of type: `A | B`, `Literal[…]`, `Annotated[…]`. Type checkers from before it
# know `type[T]`, which therefore goes first.
T = TypeVar("T")
Whole = TypeVar("Whole", bound="BaseModel | str | bytes | tuple[Any, ...] | Mapping[Any, Any] | Set[Any]")
"""What can be iterated over and yet is one object: an overload tells it from `Iterable[T]`, which stands for a list."""


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


class Instructor(Settings):
    """A synchronous client."""

    def __init__(self, provider: Provider | str, sender: Sender | Sdk, **options: Any) -> None:
        super().__init__(provider, sender, **options)

    @property
    def chat(self) -> Chat:
        """`client.chat.completions.create` is `client.create`."""
        return Chat(self)

    @property
    def messages(self) -> Completions:
        """`client.messages.create` is `client.create`."""
        return Completions(self)

    @property
    def files(self) -> Files:
        """What the provider's Files API holds: upload, list, delete, clear."""
        from .files import Files

        return Files(self)

    @overload
    def create(self, response_model: None = None, messages: Any = (), **options: Any) -> Any: ...
    @overload
    def create(
        self, response_model: TypeForm[list[T]], messages: Any, *, stream: Literal[True], **options: Any
    ) -> Iterator[T]: ...
    @overload
    def create(
        self, response_model: TypeForm[Whole], messages: Any, *, stream: Literal[True], **options: Any
    ) -> Iterator[Whole]: ...
    @overload
    def create(
        self, response_model: TypeForm[Iterable[T]], messages: Any, *, stream: Literal[True], **options: Any
    ) -> Iterator[T]: ...
    @overload
    def create(
        self, response_model: TypeForm[T], messages: Any, *, stream: Literal[True], **options: Any
    ) -> Iterator[T]: ...
    @overload
    def create(
        self, response_model: type[T], messages: Any, *, stream: Literal[False] = False, **options: Any
    ) -> T: ...
    @overload
    def create(
        self, response_model: TypeForm[T], messages: Any, *, stream: Literal[False] = False, **options: Any
    ) -> T: ...
    @overload
    def create(self, response_model: Any, messages: Any, **options: Any) -> Any: ...
    def create(self, response_model: Any = None, messages: Any = (), **options: Any) -> Any:
        """Send messages, get a validated object back.

        Args:
            response_model: what comes back: a pydantic model, a `list` of them, a union, a simple type; None for
                the provider's own answer.
            messages: a list of messages, or the content of a single one: a string, a medium, a list of these.
            **options:
                model: the model's name, where the client was made without one.
                mode: how the answer is asked for; None lets the library choose by model.
                max_retries: how often the model is asked again when its answer does not validate (2); or a
                    `RetryPolicy`, or a `tenacity.Retrying` or `AsyncRetrying`.
                token_budget: tokens of all attempts together after which no other attempt begins.
                context: pydantic's validation context.
                strict: pydantic's strict mode.
                autodetect_images: whether strings in user messages that name a medium stand for it (False).
                fit: what may be done to media that the provider does not take as they are: "auto" (changed so that
                    they fit), "strict" (an error), or a `Fit` with choices.
                download: whether media are fetched here although the provider would fetch their addresses itself
                    (the client's `MediaPolicy.download`).
                timeout: seconds for the whole call, with all attempts.
                hooks: handlers for this call beside the client's.
                cache: False leaves the client's cache alone; "only" asks nobody and raises CacheMiss where nothing is kept;
                    "refresh" asks anew and keeps that; a cache takes the place of the client's.
                cache_ttl: seconds for which this answer is kept.
                budget: how much this call may spend: an `instructor.Budget`. The client's own holds as well.
                uploads: which media go through the provider's Files API: "auto" (what is too large to go inline),
                    "always", "never", or an `UploadPolicy`.
                fallback: who is asked if this provider fails, in the place of the client's fallbacks; False: nobody.
                stream: True gives what `create_partial` gives, or, for `Iterable[T]` and `list[T]`,
                    what `create_iterable` gives.
                tools: tools of your own beside the response model: functions, types, or dicts in the provider's form.
                    Calls of them are the value where `response_model` has room for them (`User | ToolCalls`).
                Anything else goes to the provider under its own name.

        Raises:
            RequestError: what was passed cannot be sent; nothing was sent.
            ProviderError: the provider, or the way to it, failed.
            ResponseError: the answer is cut off, a refusal, or never valid (InstructorRetryException); or the model calls
                tools of yours (ToolCalled).
            CacheMiss: cache="only", and the answer is not in the cache.
            BudgetError: a budget does not allow another request.
        """
        from .calls import is_many, outcome

        if options.pop("stream", False):
            many = is_many(response_model)
            return (self.create_iterable if many else self.create_partial)(response_model, messages, **options)
        return outcome(self, response_model, messages, options).value

    @overload
    def create_with_completion(
        self, response_model: None = None, messages: Any = (), **options: Any
    ) -> tuple[Any, Any]: ...
    @overload
    def create_with_completion(self, response_model: type[T], messages: Any, **options: Any) -> tuple[T, Any]: ...
    @overload
    def create_with_completion(self, response_model: TypeForm[T], messages: Any, **options: Any) -> tuple[T, Any]: ...
    def create_with_completion(self, response_model: Any = None, messages: Any = (), **options: Any) -> tuple[Any, Any]:
        """As `create`; the second value is the provider's own answer object."""
        from . import calls

        outcome = calls.outcome(self, response_model, messages, options)
        return outcome.value, outcome.reply.raw

    @overload
    def create_partial(self, response_model: type[T], messages: Any, **options: Any) -> Iterator[T]: ...
    @overload
    def create_partial(self, response_model: TypeForm[T], messages: Any, **options: Any) -> Iterator[T]: ...
    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]:
        """The object while it grows: fields that have not come are None. The last one is validated whole.

        Arguments are `create`'s. Closing the iterator closes the connection. An answer that does not validate is
        asked for again only while nothing of it was handed over.

        Raises:
            As `create`, while it is iterated over.
        """
        from . import calls

        return calls.partial(self, response_model, messages, options)

    @overload
    def create_iterable(self, response_model: TypeForm[list[T]], messages: Any, **options: Any) -> Iterator[T]: ...
    @overload
    def create_iterable(self, response_model: TypeForm[Whole], messages: Any, **options: Any) -> Iterator[Whole]: ...
    @overload
    def create_iterable(self, response_model: TypeForm[Iterable[T]], messages: Any, **options: Any) -> Iterator[T]: ...
    @overload
    def create_iterable(self, response_model: TypeForm[T], messages: Any, **options: Any) -> Iterator[T]: ...
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> Iterator[Any]:
        """The elements of a list, each validated and handed over as soon as it is complete.

        Args:
            response_model: the type of an element (`User`), or of the list (`list[User]`, `Iterable[User]`).
            messages: as `create`'s, like all else.

        Raises:
            As `create`, while it is iterated over.
        """
        from . import calls

        return calls.iterable(self, response_model, messages, options)

    def plan(self, response_model: Any = None, messages: Any = (), **options: Any) -> Plan:
        """What `create` with these arguments would send, and send nothing: the request, what media became, tokens.

        Raises:
            RequestError: the messages are malformed. What stands in the way of media is in the plan.
        """
        from . import calls

        return calls.plan(self, response_model, messages, options)

    def close(self) -> None:
        """Close the connections that this client opened itself."""
        for made in self._reached.made(self):
            made.close()
        if self._downloads is not None:
            self._downloads.close()
        if "_sender" in vars(self):
            self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AsyncInstructor(Settings):
    """An asynchronous client."""

    asynchronous = True

    def __init__(self, provider: Provider | str, sender: AsyncSender | Sdk, **options: Any) -> None:
        super().__init__(provider, sender, **options)

    @property
    def chat(self) -> AsyncChat:
        """`client.chat.completions.create` is `client.create`."""
        return AsyncChat(self)

    @property
    def messages(self) -> AsyncCompletions:
        """`client.messages.create` is `client.create`."""
        return AsyncCompletions(self)

    @property
    def files(self) -> AsyncFiles:
        """What the provider's Files API holds: upload, list, delete, clear."""
        from .files import AsyncFiles

        return AsyncFiles(self)

    @overload
    async def create(self, response_model: None = None, messages: Any = (), **options: Any) -> Any: ...
    @overload
    async def create(
        self, response_model: TypeForm[list[T]], messages: Any, *, stream: Literal[True], **options: Any
    ) -> AsyncIterator[T]: ...
    @overload
    async def create(
        self, response_model: TypeForm[Whole], messages: Any, *, stream: Literal[True], **options: Any
    ) -> AsyncIterator[Whole]: ...
    @overload
    async def create(
        self, response_model: TypeForm[Iterable[T]], messages: Any, *, stream: Literal[True], **options: Any
    ) -> AsyncIterator[T]: ...
    @overload
    async def create(
        self, response_model: TypeForm[T], messages: Any, *, stream: Literal[True], **options: Any
    ) -> AsyncIterator[T]: ...
    @overload
    async def create(
        self, response_model: type[T], messages: Any, *, stream: Literal[False] = False, **options: Any
    ) -> T: ...
    @overload
    async def create(
        self, response_model: TypeForm[T], messages: Any, *, stream: Literal[False] = False, **options: Any
    ) -> T: ...
    @overload
    async def create(self, response_model: Any, messages: Any, **options: Any) -> Any: ...
    async def create(self, response_model: Any = None, messages: Any = (), **options: Any) -> Any:
        """As `Instructor.create`. With `stream=True` awaiting it gives an asynchronous iterator."""
        from .calls import aoutcome, is_many

        if options.pop("stream", False):
            many = is_many(response_model)
            return (self.create_iterable if many else self.create_partial)(response_model, messages, **options)
        return (await aoutcome(self, response_model, messages, options)).value

    @overload
    async def create_with_completion(
        self, response_model: None = None, messages: Any = (), **options: Any
    ) -> tuple[Any, Any]: ...
    @overload
    async def create_with_completion(self, response_model: type[T], messages: Any, **options: Any) -> tuple[T, Any]: ...
    @overload
    async def create_with_completion(
        self, response_model: TypeForm[T], messages: Any, **options: Any
    ) -> tuple[T, Any]: ...
    async def create_with_completion(
        self, response_model: Any = None, messages: Any = (), **options: Any
    ) -> tuple[Any, Any]:
        """As `Instructor.create_with_completion`."""
        from . import calls

        outcome = await calls.aoutcome(self, response_model, messages, options)
        return outcome.value, outcome.reply.raw

    @overload
    def create_partial(self, response_model: type[T], messages: Any, **options: Any) -> AsyncIterator[T]: ...
    @overload
    def create_partial(self, response_model: TypeForm[T], messages: Any, **options: Any) -> AsyncIterator[T]: ...
    def create_partial(self, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]:
        """As `Instructor.create_partial`, to be iterated over with `async for`."""
        from . import calls

        return calls.apartial(self, response_model, messages, options)

    @overload
    def create_iterable(self, response_model: TypeForm[list[T]], messages: Any, **options: Any) -> AsyncIterator[T]: ...
    @overload
    def create_iterable(
        self, response_model: TypeForm[Whole], messages: Any, **options: Any
    ) -> AsyncIterator[Whole]: ...
    @overload
    def create_iterable(
        self, response_model: TypeForm[Iterable[T]], messages: Any, **options: Any
    ) -> AsyncIterator[T]: ...
    @overload
    def create_iterable(self, response_model: TypeForm[T], messages: Any, **options: Any) -> AsyncIterator[T]: ...
    def create_iterable(self, response_model: Any, messages: Any, **options: Any) -> AsyncIterator[Any]:
        """As `Instructor.create_iterable`, to be iterated over with `async for`."""
        from . import calls

        return calls.aiterable(self, response_model, messages, options)

    async def plan(self, response_model: Any = None, messages: Any = (), **options: Any) -> Plan:
        """As `Instructor.plan`."""
        from . import calls

        return await calls.aplan(self, response_model, messages, options)

    async def close(self) -> None:
        """Close the connections that this client opened itself."""
        for made in self._reached.made(self):
            await made.close()
        if self._downloads is not None:
            await self._downloads.close()
        if "_sender" in vars(self):
            await self._sender.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
