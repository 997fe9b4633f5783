"""Provider names → provider: built-in dialects, compatible endpoints, entry points (group `instructor.providers`), or
one error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, UnknownProvider, UnsupportedMedia

if TYPE_CHECKING:
    from ..adapter import Provider
    from ..fit import Fitted
    from ..media import Media

BUILT_IN: Mapping[str, str] = {
    "openai": "openai:provider",
    "openai-responses": "responses:provider",
    "anthropic": "anthropic:provider",
    "anthropic-bedrock": "claude_clouds:bedrock",
    "anthropic-bedrock-mantle": "claude_clouds:mantle",
    "anthropic-google-cloud": "claude_clouds:google",
    "anthropic-vertex": "claude_clouds:vertex",
    "cohere": "cohere:provider",
    "mistral": "mistral:provider",
    "google": "gemini:gemini",
    "gemini": "gemini:gemini",
    "vertexai": "gemini:vertex",
    "bedrock": "bedrock:provider",
    "ollama": "ollama:provider",
    "xai": "xai:provider",
    "embedded": "embedded:provider",
    "llamacpp": "llamacpp:provider",
}
"""Name → `module:object`, the module in this package."""

GROUP = "instructor.providers"


@cache
def find(name: str) -> Provider:
    """The provider of this name.

    Raises:
        UnknownProvider: there is none; the message lists the nearest names and all of them.
        ConfigurationError: an installed plug-in of that name is not a provider.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found: Provider = getattr(import_module(f".{module}", __package__), attribute)
        return found
    rows = _compatible()
    if name in rows:
        return rows[name]
    plugins = _plugins()
    if name in plugins:
        from ..adapter import Provider

        plugin: object = plugins[name].load()
        if not isinstance(plugin, Provider):
            raise ConfigurationError(f"the entry point {name!r} of {GROUP} is not an instructor Provider")
        return plugin
    names = sorted({*BUILT_IN, *rows, *plugins})
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), names, n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    known = ", ".join(names)
    raise UnknownProvider(
        f"there is no provider {name!r:.60}.{hint} There are: {known}. Models are named provider/model"
    )


def split(model: str) -> tuple[Provider, str]:
    """The provider and the model of `"provider/model"`; the provider's name alone stands for its default model.

    Raises:
        UnknownProvider: there is no such provider.
        ConfigurationError: no model is named, and the provider has no default.
    """
    if not isinstance(model, str):
        raise ConfigurationError(
            f"a provider is named in one string, 'provider/model', not by a {type(model).__name__}"
        )
    name, _, rest = model.partition("/")
    provider = find(name)
    chosen = rest or provider.default_model
    if not chosen:
        raise ConfigurationError(f'{model!r} names no model: write "{name}/<model>"')
    return provider, chosen


def names() -> tuple[str, ...]:
    """All names, sorted."""
    return tuple(sorted({*BUILT_IN, *_compatible(), *_plugins()}))


def _compatible() -> Mapping[str, Provider]:
    rows: Mapping[str, Provider] = import_module(".compatible", __package__).ROWS
    return rows


def _plugins() -> dict[str, Any]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def fit_by_hand(model: str, medium: Media, fit: object, among: int) -> Fitted:
    """A medium as it would be sent to `"provider/model"`, for callers that fit by hand. Where the provider's name stands
    alone it is its default model, or any.

    Raises:
        UnknownProvider: there is no such provider.
        MediaError: it cannot be sent.
        MissingExtra: it would have to be changed, and the library for that is not installed.
    """
    if not isinstance(model, str):
        raise ConfigurationError(f"fit takes a model, 'provider/model', not a {type(model).__name__}")
    from ..fit import Fit
    from ..settle import by_hand

    name, _, rest = model.partition("/")
    provider = find(name)
    wish = Fit.of(medium, Fit.AUTO) if fit is None else Fit.parse(fit)
    return by_hand(provider.adapter, rest or provider.default_model or "", medium, wish, among)


def part_by_hand(name: str, medium: Media, raw: bool = False) -> dict[str, Any]:
    """A medium as a provider's content part, for callers that build messages by hand: its content as base64, or as
    `raw` bytes.

    Raises:
        UnsupportedMedia: the provider takes no such medium, or not from this source.
    """
    from ..adapter import check
    from ..media import Url, materialised

    adapter = find(name).adapter
    row = adapter.media.get(type(medium))
    if row is None:
        raise UnsupportedMedia(f"{adapter.name} takes no {type(medium).__name__}")
    elsewhere = isinstance(medium.origin, Url) and not row.passes_on(medium)
    if elsewhere or (medium.source_kind == "id" and "id" not in row.sources):
        raise UnsupportedMedia(
            f"{adapter.name} takes no {type(medium).__name__} by {medium.source_kind}: pass the value in a message, "
            "where it is fetched, or make it from bytes"
        )
    if medium.at_hand:
        check(adapter, row, medium, None)
    part: dict[str, Any] = materialised(row.encode(medium), raw)
    return part
