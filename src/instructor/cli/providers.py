"""`instructor providers`: which there are, whether they can be used here, and what is missing where not.

The value of a key is looked at for being there, and goes nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..adapter import Provider
from ..providers import _registry
from ..values import dataclass

MODULES: Mapping[str, tuple[str, ...]] = {
    "embedded": ("numpy", "onnxruntime", "PIL", "pypdfium2", "rapidfuzz", "rapidocr", "zxingcpp"),
    "llamacpp": ("xllamacpp",),
}
"""Provider → the modules that it needs in this process. Speech (`pocketsphinx`) is not there for every Python."""

EXTRAS: Mapping[str, str] = {"llamacpp": "local"}
"""Provider → our extra, where that bears another name."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a provider, without any secret. `media`: kind → media types."""

    name: str
    ready: bool
    missing: tuple[str, ...]
    """What to do, in words, where it is not ready."""
    key: str | None
    """The variable that holds the key, or would; None where no key is needed."""
    sdk: str | None
    """The SDK's package, where there is one."""
    sdk_installed: bool
    media: Mapping[str, tuple[str, ...]]
    mode: str

    def shown(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def all_facts() -> list[Facts]:
    """Every provider's, by name. One that cannot be loaded says so."""
    found: list[Facts] = []
    for name in _registry.names():
        try:
            provider = _registry.find(name)
        except Exception as error:
            # A plug-in is anybody's code: whatever it raises, the others are still shown.
            found.append(_broken(name, error))
        else:
            found.append(facts(name, provider))
    return found


def facts(name: str, provider: Provider) -> Facts:
    """What is known about one provider."""
    adapter, sdk = provider.adapter, provider.sdk
    key = _key(provider)
    missing = tuple(_missing(name, provider))
    return Facts(
        name=name,
        ready=not missing,
        missing=missing,
        key=key,
        sdk=sdk.package if sdk else None,
        sdk_installed=_installed(sdk.package) if sdk else False,
        media={kind.__name__: tuple(sorted(row.limits.mimes)) for kind, row in adapter.media.items()},
        mode=next(iter(adapter.families[-1].modes)).name,
    )


def _broken(name: str, error: Exception) -> Facts:
    problem = f"it cannot be loaded: {type(error).__name__}: {error}"
    return Facts(name, False, (problem,), None, None, False, {}, "")


def _key(provider: Provider) -> str | None:
    """The variable that is set, else the first that would do."""
    names = provider.endpoint.key_names if provider.endpoint else ()
    return next((name for name in names if os.environ.get(name)), names[0] if names else None)


def _missing(name: str, provider: Provider) -> list[str]:
    absent = [module for module in MODULES.get(name, ()) if not _installed(module)]
    if absent:
        return [f'{", ".join(absent)}: pip install "instructor-multimodal[{EXTRAS.get(name, name)}]"']
    if provider.answer is not None or provider.host is not None:
        return []
    if provider.endpoint is None:
        return ["it is reached through its SDK only"]
    names = provider.endpoint.key_names if provider.endpoint.key_needed else ()
    return [] if not names or any(os.environ.get(key) for key in names) else [f"set {' or '.join(names)}"]


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def show(found: list[Facts], console: Console) -> None:
    """A table."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("provider", "ready", "takes", "asks by", "SDK"):
        table.add_column(heading, overflow="fold")
    for each in found:
        key = f"with {each.key}" if each.key else "no key needed"
        ready = Text(f"yes, {key}", "green") if each.ready else Text(f"no: {'; '.join(each.missing)}", "red")
        sdk = (f"{each.sdk}{'' if each.sdk_installed else ', not installed'}") if each.sdk else "—"
        table.add_row(Text(each.name, "bold"), ready, ", ".join(each.media), each.mode, sdk)
    console.print(table)
