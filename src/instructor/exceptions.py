"""The exceptions under the name of the module where existing code looks for them."""

from .errors import (
    ConfigurationError,
    IncompleteOutputException,
    InstructorError,
    InstructorRetryException,
    ModeError,
    ProviderError,
    TokenBudgetError,
    TokenBudgetExceeded,
    TokenUsageUnavailableError,
)

__all__ = [
    "ConfigurationError",
    "IncompleteOutputException",
    "InstructorError",
    "InstructorRetryException",
    "ModeError",
    "ProviderError",
    "TokenBudgetError",
    "TokenBudgetExceeded",
    "TokenUsageUnavailableError",
]
