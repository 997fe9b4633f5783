"""Packages whose names are imported when they are first asked for.

    __getattr__ = later(__name__, {"Image": "image", …})

What a program does not use costs it nothing at its start. A module must not have the name of something that it holds: once it
is imported, the package's attribute is the module.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def later(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package. `homes`: name → the module of the package that has it."""

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return find


def homes(**modules: str) -> dict[str, str]:
    """Name → module, of module → names with spaces between them."""
    return {name: module for module, names in modules.items() for name in names.split()}
