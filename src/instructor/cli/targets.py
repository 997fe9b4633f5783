"""`--into`: a place and a name → a response model.

    "package.module:Model"      "path/to/models.py:Model"      "models.py:list[Model]"      "models.py:Order | Receipt"
     ──── place ────  type       the part before the last colon that parts a place from a type

The place is imported, as `python` would import it; the type is read as an expression of names, attributes, `[…]`,
`|` and constants, looked up in that module and then among the builtins. Nothing else in it is evaluated.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import GenericAlias, ModuleType, UnionType
from typing import Any, get_origin

from ..errors import ConfigurationError
from ..output import target

FORM = 'write "package.module:Model" or "path/to/models.py:Model"'


def resolve(into: str) -> Any:
    """The type that `into` names.

    Raises:
        ConfigurationError: there is no such file, module or name, it cannot be imported, or it is not a type.
        ResponseModelError: the type cannot be turned into a schema.
    """
    place, colon, expression = into.rpartition(":")
    if not colon or not place.strip() or not expression.strip():
        raise ConfigurationError(f"--into {into!r}: {FORM}")
    module = _module(place.strip())
    value = _value(expression.strip(), module, into)
    if not _is_type(value):
        raise ConfigurationError(f"--into {into!r}: that is not a type but {_article(type(value).__name__)}")
    target(value)
    return value


# ── the place ────────────────────────────────────────────────────────────────────────────────────


FAULTS = (Exception, SystemExit)
"""What a caller's module may raise. A script that ends itself while it is imported would end the command, without a word."""


def _module(place: str) -> ModuleType:
    if place.endswith(".py") or "/" in place or "\\" in place:
        return _file(Path(place).expanduser())
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return import_module(place)
    except ModuleNotFoundError as error:
        if error.name and (place == error.name or place.startswith(f"{error.name}.")):
            file = Path(f"{place}.py")
            hint = f"; there is a file {file}: write {str(file)!r}" if file.exists() else ""
            raise ConfigurationError(f"--into: there is no module {place!r}{hint}") from error
        raise ConfigurationError(f"--into: {place} cannot be imported: {error}") from error
    except FAULTS as error:
        raise _broken(place, error) from error


def _file(path: Path) -> ModuleType:
    if not path.is_file():
        raise ConfigurationError(f"--into: there is no file {str(path)!r}")
    name = path.stem if path.stem not in sys.modules else f"{path.stem} of {path.resolve().parent}"
    name = name.replace(".", "_")  # a dot would make it a part of a package
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"--into: {str(path)!r} is not a Python file: its name ends in .py")
    module = module_from_spec(spec)
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    sys.modules[name] = module  # pydantic looks annotations up in the module by its name
    try:
        spec.loader.exec_module(module)
    except FAULTS as error:
        del sys.modules[name]
        raise _broken(str(path), error) from error
    return module


def _broken(place: str, error: BaseException) -> ConfigurationError:
    return ConfigurationError(f"--into: {place} cannot be imported: {type(error).__name__}: {error}")


# ── the type ─────────────────────────────────────────────────────────────────────────────────────


def _value(expression: str, module: ModuleType, into: str) -> Any:
    try:
        tree = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError):
        raise ConfigurationError(f"--into {into!r}: {expression!r} is not a type; {FORM}") from None
    try:
        return _read(tree, module)
    except ConfigurationError as error:
        raise ConfigurationError(f"--into {into!r}: {error}") from None
    except TypeError as error:
        raise ConfigurationError(f"--into {into!r}: {expression!r} is not a type: {error}") from error


def _read(node: ast.expr, module: ModuleType) -> Any:
    match node:
        case ast.Name(id=name):
            return _lookup(name, module)
        case ast.Attribute(value=owner, attr=name):
            held = _read(owner, module)
            if not hasattr(held, name):
                raise ConfigurationError(f"{ast.unparse(owner)} has no {name!r}")
            return getattr(held, name)
        case ast.Subscript(value=base, slice=inner):
            return _read(base, module)[_read(inner, module)]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _read(left, module) | _read(right, module)
        case ast.Tuple(elts=elements):
            return tuple(_read(element, module) for element in elements)
        case ast.Constant(value=value):
            return value
        case _:
            raise ConfigurationError(f"{ast.unparse(node)!r} is not a type")


def _lookup(name: str, module: ModuleType) -> Any:
    if hasattr(module, name):
        return getattr(module, name)
    if hasattr(builtins, name):
        return getattr(builtins, name)
    place = getattr(module, "__file__", None) or module.__name__
    known = _types_of(module)
    near = get_close_matches(name, known, n=3) or [own for own in known if own.lower() == name.lower()]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    listed = f" There are: {', '.join(known)}." if known else " It holds no types."
    raise ConfigurationError(f"there is no {name!r} in {Path(place).name}.{hint}{listed}")


def _types_of(module: ModuleType) -> list[str]:
    held: Mapping[str, object] = vars(module)
    return [name for name, value in held.items() if not name.startswith("_") and _is_own_type(value, module)]


def _is_own_type(value: object, module: ModuleType) -> bool:
    if isinstance(value, UnionType | GenericAlias):  # a name for a type; `list[int]` counts as an instance of `type`
        return True
    return isinstance(value, type) and value.__module__ == module.__name__


def _is_type(value: object) -> bool:
    if isinstance(value, type | UnionType) or get_origin(value) is not None:
        return True
    return type(value).__name__ == "TypeAliasType"


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
