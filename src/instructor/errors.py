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
    │   └── ProtocolError                    an answer that is not of the provider's format
    └── ResponseError                        the model answered, but not with what was asked for
        ├── IncompleteOutputException        cut off at the token limit
        ├── RefusalError                     the model or a filter refused
        ├── ParseError (ValueError)          no JSON where JSON was due
        └── InstructorRetryException         every attempt failed validation; holds each attempt

An exception carries, as attributes, what the next step needs. Messages never hold keys or media bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class InstructorError(Exception):
    """The root of the tree. Every exception in it can be pickled."""

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

    def __init__(self, package: str, extra: str, purpose: str = "") -> None:
        what = f" to {purpose}" if purpose else ""
        super().__init__(
            f"the package {package!r} is needed{what} and is not installed: "
            f'pip install "instructor-multimodal[{extra}]"'
        )
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
    """A picture, recording, document or film cannot be sent as it is."""


class MediaNotFound(MediaError, FileNotFoundError):
    """The file does not exist, or is not a regular file."""


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


class RefusalError(ResponseError):
    """The model refused, or a content filter stopped it."""


class ParseError(ResponseError, ValueError):
    """The answer holds no JSON where JSON was due."""


class InstructorRetryException(ResponseError):
    """Every attempt failed validation.

    `attempts` holds, for each, its number, reply and error; `n_attempts` is their count; `total_usage` sums
    their tokens. The last validation error is the `__cause__`.
    """

    def __init__(self, message: str, *, attempts: Sequence[Any], total_usage: Any = None) -> None:
        last = attempts[-1].reply if attempts else None
        super().__init__(message, reply=last)
        self.attempts = tuple(attempts)
        self.n_attempts = len(self.attempts)
        self.total_usage = total_usage
