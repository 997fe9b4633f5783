"""Every exception this library raises, in one tree.

::

    InstructorError
    ├── ConfigurationError (ValueError)      the client cannot be set up as asked
    │   ├── UnknownProvider                  no provider of that name; lists the nearest ones
    │   ├── MissingKey                       no API key given and none in the environment
    │   ├── MissingExtra (ImportError)       an optional package is not installed
    │   ├── WrongClient (TypeError)          from_openai() got something else than an OpenAI client
    │   └── ModeError                        the mode is not one that the provider takes
    ├── RequestError (ValueError)            what the caller passed cannot be sent; nothing was sent
    │   ├── MessageError                     a message is malformed
    │   ├── ResponseModelError (TypeError)   the response model cannot be turned into a schema
    │   └── MediaError                       a picture, recording, document or film cannot be sent
    │       ├── MediaNotFound (FileNotFoundError)
    │       ├── BlockedFile                  a local file that the policy does not let messages name
    │       ├── UnreadableMedia              empty, damaged, or of unknown content
    │       ├── UnsupportedMedia             of a kind, type or source that the provider does not take
    │       ├── MediaTooLarge                over a limit of the provider or of the policy
    │       └── FetchError                   a URL could not be fetched
    │           └── BlockedAddress           a URL leads where the policy does not let it
    ├── ProviderError                        the provider, or the way to it, failed
    │   ├── AuthenticationError              401
    │   ├── PermissionDenied                 403
    │   ├── NotFound                         404: model or endpoint
    │   ├── BadRequest                       400, 422 and other 4xx
    │   │   ├── ContextOverflow              the prompt is longer than the model's context
    │   │   └── RequestTooLarge              413
    │   ├── RateLimited                      429; `retry_after` in seconds where given
    │   ├── Overloaded                       503, 529
    │   ├── ServerError                      other 5xx
    │   ├── ConnectionFailed                 no connection, or it broke
    │   ├── ProviderTimeout (TimeoutError)   no answer in time
    │   ├── ProtocolError                    an answer that is not of the provider's format
    │   └── UploadFailed                     a medium did not get to the provider's Files API; nothing else was sent
    ├── BudgetError                          a budget lets no other request go out
    │   ├── BudgetExceeded                   it is used up, or the next request alone would go beyond it
    │   └── SpendingUnknown                  prices or token counts are not known, so that no budget can hold
    ├── CacheMiss (LookupError)              cache="only", and the answer is not in the cache
    ├── ReplayError (AssertionError)         a recorded test sends another request than was recorded
    └── ResponseError                        the model answered, but not with what was asked for
        ├── IncompleteOutputException        cut off at the token limit
        │   └── UnreadOutput (ServerError)   the server could not read it, and says so with an error (llama.cpp)
        ├── RefusalError                     the model or a filter refused
        ├── ParseError (ValueError)          no JSON where JSON was due
        ├── ToolCalled                       the model called tools of the caller's; `calls` holds them
        └── InstructorRetryException         every attempt failed validation; holds each attempt
            └── TokenBudgetError             no further attempt, because of the token budget
                ├── TokenBudgetExceeded      it is used up
                └── TokenUsageUnavailableError   the provider does not count tokens

An exception carries, as attributes, what the next step needs. Messages never hold keys or media bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class InstructorError(Exception):
    """The root of the tree. Every exception in it can be pickled.

    `attempts` holds the attempts of the call that failed before this happened (`instructor.rounds.Attempt`),
    `total_usage` the tokens of all its attempts, and `total_cost` their price in USD; None where no attempt was begun,
    and where a price is not known.
    """

    attempts: tuple[Any, ...] = ()
    total_usage: Any = None
    _besides: tuple[tuple[Exception, ...], tuple[Exception, ...]] = ((), ())
    total_cost: float | None = None

    @property
    def failures(self) -> tuple[Exception, ...]:
        """Where a call had fallbacks and none gave an answer: why each of those that were tried did not, in order, this error
        among them. Else empty."""
        before, after = self._besides
        return (*before, self, *after) if before or after else ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[InstructorError], args: tuple[Any, ...], state: dict[str, Any]) -> InstructorError:
    # Python refuses a `__new__` of another layout than the class's own, and OSError has one of its own
    layout: type[BaseException] = OSError if issubclass(cls, OSError) else Exception
    error: InstructorError = layout.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


# ── set-up ───────────────────────────────────────────────────────────────────────────────────────


class ConfigurationError(InstructorError, ValueError):
    """The client cannot be set up as asked."""


class UnknownProvider(ConfigurationError):
    """No provider of that name is known."""


class MissingKey(ConfigurationError):
    """No API key was given and the provider's environment variable is not set."""


class MissingExtra(ConfigurationError, ImportError):
    """An optional package is needed and not installed."""

    def __init__(self, package: str, extra: str | None, purpose: str = "") -> None:
        what = f" to {purpose}" if purpose else ""
        wanted = f'"instructor-multimodal[{extra}]"' if extra else package
        super().__init__(f"the package {package!r} is needed{what} and is not installed: pip install {wanted}")
        self.package = package
        self.extra = extra


class WrongClient(ConfigurationError, TypeError):
    """A `from_…` function was given a client of another class."""


class ModeError(ConfigurationError):
    """The mode is unknown, or the provider does not take it."""


# ── what the caller passed ───────────────────────────────────────────────────────────────────────


class RequestError(InstructorError, ValueError):
    """What the caller passed cannot be sent. Nothing was sent.

    `where` names the place, for example `"messages[0].content[2]"`.
    """

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.problem = message
        self.where = where


class MessageError(RequestError):
    """A message, or a part of one, is malformed."""


class ResponseModelError(RequestError, TypeError):
    """The response model cannot be turned into a JSON schema."""


class MediaError(RequestError):
    """A picture, recording, document or film cannot be sent as it is.

    Of a whole request, `provider` and `model` say whose limits count, and `problems` holds each problem where there are
    several.
    """

    provider: str = ""
    model: str | None = None
    problems: tuple[MediaError, ...] = ()


class MediaNotFound(MediaError, FileNotFoundError):
    """The file does not exist, or is not a regular file."""


class BlockedFile(MediaError):
    """A local file lies outside of the directories that the policy opens (`MediaPolicy.local_roots`)."""


class UnreadableMedia(MediaError):
    """The content is empty, damaged, or of no known kind."""


class UnsupportedMedia(MediaError):
    """The provider does not take this kind, type or source of media."""


class MediaTooLarge(MediaError):
    """Over a limit: `limit` and `actual` are in the unit that the message names."""

    def __init__(self, message: str, *, limit: float, actual: float | None = None, where: str | None = None) -> None:
        super().__init__(message, where=where)
        self.limit = limit
        self.actual = actual


class FetchError(MediaError):
    """A URL could not be fetched."""


class BlockedAddress(FetchError):
    """A URL, or a redirect from it, leads to an address that the policy does not allow."""


# ── the provider ─────────────────────────────────────────────────────────────────────────────────


class ProviderError(InstructorError):
    """The provider, or the way to it, failed.

    `provider`, `model`, `status` (HTTP, where there was an answer), `code` (the provider's own),
    `body` (the parsed error body), `request_id`, `retry_after` (seconds). The SDK's or the HTTP library's
    exception is the `__cause__`.
    """

    retryable = False

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        model: str | None = None,
        status: int | None = None,
        code: str | None = None,
        body: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        head = " ".join(str(word) for word in (provider, model and f"({model})", status and f"[{status}]") if word)
        super().__init__(f"{head}: {message}" if head else message)
        self.message = message
        self.provider = provider
        self.model = model
        self.status = status
        self.code = code
        self.body = body
        self.request_id = request_id
        self.retry_after = retry_after


class AuthenticationError(ProviderError):
    """The key is missing, wrong or revoked (401)."""


class PermissionDenied(ProviderError):
    """The key may not use this model or endpoint (403)."""


class NotFound(ProviderError):
    """The model or endpoint does not exist (404)."""


class BadRequest(ProviderError):
    """The provider refuses the request as it stands (400, 422, other 4xx)."""


class ContextOverflow(BadRequest):
    """The prompt, with its media, is longer than the model's context window."""


class RequestTooLarge(BadRequest):
    """The body is over the provider's size limit (413)."""


class RateLimited(ProviderError):
    """Too many requests or tokens (429). `retry_after` holds the provider's wish, in seconds."""

    retryable = True


class Overloaded(ProviderError):
    """The provider is overloaded (503, 529)."""

    retryable = True


class ServerError(ProviderError):
    """The provider failed (5xx)."""

    retryable = True


class ConnectionFailed(ProviderError):
    """No connection could be made, or it broke before the answer was complete."""

    retryable = True


class ProviderTimeout(ProviderError, TimeoutError):
    """No complete answer within the time allowed."""


class ProtocolError(ProviderError):
    """The answer is not of the provider's format (an HTML page from a proxy, cut JSON, …)."""


class UploadFailed(ProviderError):
    """A medium could not be uploaded to the provider's Files API. The request that it belongs to was not sent.

    `where` names its place, for example `"messages[0].content[2]"`. The provider's own error is the `__cause__`, where there
    is one; this one is worth another try (`retryable`) where that one is.
    """

    def __init__(self, message: str, *, where: str | None = None, **facts: Any) -> None:
        super().__init__(f"{where}: {message}" if where else message, **facts)
        self.where = where


# ── budgets ──────────────────────────────────────────────────────────────────────────────────────


class BudgetError(InstructorError):
    """A budget lets no other request go out. `budget` is the `instructor.Budget`."""

    def __init__(self, message: str, *, budget: Any) -> None:
        super().__init__(message)
        self.budget = budget


class BudgetExceeded(BudgetError):
    """The budget is used up, or the next request alone would go beyond it.

    `spent_usd` and `spent_tokens` are what its answers took; `expected_usd` and `expected_tokens` the estimate for requests
    without an answer yet, this one among them: of their content alone, not of their answers.
    """

    def __init__(
        self,
        message: str,
        *,
        budget: Any,
        spent_usd: float,
        spent_tokens: int,
        expected_usd: float = 0.0,
        expected_tokens: int = 0,
    ) -> None:
        super().__init__(message, budget=budget)
        self.spent_usd = spent_usd
        self.spent_tokens = spent_tokens
        self.expected_usd = expected_usd
        self.expected_tokens = expected_tokens


class SpendingUnknown(BudgetError):
    """It is not known what requests take: the model's price, or the provider's count of tokens. No budget can hold then."""


# ── kept answers ─────────────────────────────────────────────────────────────────────────────────


class CacheMiss(InstructorError, LookupError):
    """`cache="only"`, and no answer to the request is in the cache, or none that is still valid. Nothing was sent."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class ReplayError(InstructorError, AssertionError):
    """A request is not on the tape that is replayed. Nothing was sent.

    `request` is what would have been sent, `nearest` the recorded request that is most like it (None if there is none),
    both as they stand on a tape; `difference` has the lines in which they differ.
    """

    def __init__(self, message: str, *, request: Any = None, nearest: Any = None, difference: str = "") -> None:
        super().__init__(message)
        self.request = request
        self.nearest = nearest
        self.difference = difference


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


class ResponseError(InstructorError):
    """The model answered, but not with what was asked for. `reply` is its answer (`instructor.ir.Reply`)."""

    def __init__(self, message: str, *, reply: Any = None) -> None:
        super().__init__(message)
        self.reply = reply

    @property
    def last_completion(self) -> Any:
        """The provider's own answer object."""
        return self.reply.raw if self.reply else None


class IncompleteOutputException(ResponseError):
    """The answer was cut off at the token limit: raise `max_tokens`, or ask for less."""


class UnreadOutput(ServerError, IncompleteOutputException):
    """The server could not read what its model wrote, and answers with an error in its place: it was cut off at the token
    limit, or is not in the form that the server expects. `reply` is None: the server keeps the text to itself.
    """

    retryable = False


class RefusalError(ResponseError):
    """The model refused, or a content filter stopped it."""


class ParseError(ResponseError, ValueError):
    """The answer holds no JSON where JSON was due."""


class ToolCalled(ResponseError):
    """The model called tools of the caller's instead of answering, and the response model has no room for the calls.

    `calls` holds them (`instructor.ToolCalls`), validated; `messages` is the conversation with the model's turn at its end,
    to be followed by a result for each of them.
    """

    def __init__(self, calls: Any) -> None:
        names = ", ".join(call.name for call in calls)
        super().__init__(
            f"the model called {names}: run it, and go on with error.messages and its result", reply=calls.reply
        )
        self.calls = calls

    @property
    def messages(self) -> Any:
        """The conversation, as `create` takes it."""
        return self.calls.messages


class InstructorRetryException(ResponseError):
    """Every attempt failed validation.

    `attempts` holds, for each, its number, reply, error and usage; `n_attempts` is their count; `total_usage` sums
    their tokens. The last validation error is the `__cause__`.
    """

    def __init__(self, message: str, *, attempts: Sequence[Any], total_usage: Any = None) -> None:
        last = attempts[-1].reply if attempts else None
        super().__init__(message, reply=last)
        self.attempts = tuple(attempts)
        self.n_attempts = len(self.attempts)
        self.total_usage = total_usage


class TokenBudgetError(InstructorRetryException):
    """An attempt failed validation, and the `budget` of tokens allows no other."""

    def __init__(self, message: str, *, budget: int, attempts: Sequence[Any], total_usage: Any = None) -> None:
        super().__init__(message, attempts=attempts, total_usage=total_usage)
        self.budget = budget


class TokenBudgetExceeded(TokenBudgetError):
    """The failed attempts have used up the budget."""


class TokenUsageUnavailableError(TokenBudgetError):
    """The provider does not say how many tokens an attempt took, so that no budget can hold."""
