"""How each place of a type is read while its JSON arrives: pydantic's core schema as a tree of plans.

    core schema                          plan        while incomplete
    ───────────                          ────        ────────────────
    model, dataclass, typed-dict         Fields      an object of what has come
    dict with text for keys              Members     a mapping of what has come
    list                                 Elements    a list of what has come; the last may be growing
    tagged-union                         Tagged      nothing until the discriminator has come, then that choice
    str                                  Word        the text so far
    nullable, default, definition-ref    of what is within
    anything else                        Leaf        nothing until it is complete

    validators around                    run
    ─────────────────                    ───
    a model, dataclass or TypedDict      not here: they judge whole objects, at the end
    a list or dict, mode "after"         once, when it is complete
    a list or dict, any other mode       once, when it is complete; until then nothing is shown
    anything else                        once, when it is complete

Nothing here knows how text arrives: a plan reads one complete value, or says where its members go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, core_schema, from_json

from ..values import dataclass
from ._outside import without_callers
from ._partials import partial_class
from ._shapes import DICT, LIST, ObjectShape
from ._tree import Shape

Core = Mapping[str, Any]
"""A pydantic core schema, or a part of one."""

Slot = tuple[Any, "Plan | None"]
"""Where a member goes, and how it is read. No plan: it is passed over."""

_ANY: Any = core_schema.any_schema()


@dataclass(frozen=True, slots=True)
class Run:
    """What validation is told, by the caller and by the schema's dialect."""

    context: Any = None
    strict: bool | None = None
    null_is_absent: bool = False


@dataclass(frozen=True, eq=False)
class Scope:
    """What the parts of one schema share."""

    definitions: dict[str, Core] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)

    def validator(self, schema: Core, config: Any) -> SchemaValidator:
        whole: Any = schema
        if _refers(schema):
            rows: Any = list(self.definitions.values())
            whole = core_schema.definitions_schema(whole, rows)
        return SchemaValidator(whole, config)


@dataclass(frozen=True, eq=False)
class Check:
    """One validator. `name`: that of the field, where its functions want to know it and the fields before it."""

    schema: Core
    scope: Scope
    config: Any
    name: str | None = None

    @cached_property
    def _plain(self) -> SchemaValidator:
        return self.scope.validator(self.schema, self.config)

    @cached_property
    def _informed(self) -> SchemaValidator:
        inner: Any = self.schema
        fields: Any = core_schema.model_fields_schema({str(self.name): core_schema.model_field(inner)})
        return self.scope.validator(fields, self.config)

    def json(self, raw: str, run: Run, data: Callable[[], dict[str, Any]]) -> Any:
        """The value of a complete JSON text. Raises whatever the validators raise."""
        if self.name is not None and not run.strict:
            return self.python(from_json(raw), run, data)
        return self._plain.validate_json(raw, context=run.context, strict=run.strict)

    def python(self, value: Any, run: Run, data: Callable[[], dict[str, Any]]) -> Any:
        if self.name is None:
            return self._plain.validate_python(value, context=run.context, strict=run.strict)
        found: Any = self._informed.validate_assignment(
            data(), self.name, value, context=run.context, strict=run.strict
        )
        return found[0][self.name]


@dataclass(frozen=True, eq=False)
class Plan:
    """How a value is read. `check` reads it when it is complete, whatever it looks like."""

    check: Check
    nullable: bool = False


@dataclass(frozen=True, eq=False)
class Leaf(Plan):
    """A value that appears when it is complete. `plain`: Python types of JSON values that pass as they are."""

    plain: frozenset[type] = frozenset()


@dataclass(frozen=True, eq=False)
class Word(Plan):
    """A text that may be shown while it grows. `bare`: any text is valid."""

    bare: bool = False


@dataclass(frozen=True, eq=False)
class Raw(Plan):
    """Kept as JSON text."""


RAW = Raw(Check(_ANY, Scope(), None))


@dataclass(frozen=True, eq=False)
class Elements(Plan):
    """A list. `finish` judges it when it is complete."""

    shape = LIST
    item: Plan = field(kw_only=True)
    finish: Check | None = None


@dataclass(frozen=True, eq=False)
class Keyed(Plan):
    """An object that is read member by member."""

    @cached_property
    def shape(self) -> Shape:
        """What it looks like."""
        return DICT

    def slot(self, key: str) -> Slot:
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Members(Keyed):
    """A dict."""

    value: Plan = field(kw_only=True)
    finish: Check | None = None

    def slot(self, key: str) -> Slot:
        return key, self.value


@dataclass(frozen=True, eq=False)
class Fields(Keyed):
    """A model or dataclass, with its partial class, or a TypedDict (None). `rows`: the core schema of each field."""

    partial: type[Any] | None = field(kw_only=True)
    rows: Mapping[str, Core] = field(kw_only=True)
    config: Mapping[str, Any] = field(kw_only=True)
    extra: bool = field(kw_only=True)

    @cached_property
    def shape(self) -> Shape:
        return ObjectShape(self.partial, self.defaults) if self.partial else DICT

    @cached_property
    def _slots(self) -> dict[str, Slot]:
        scope = self.check.scope
        slots: dict[str, Slot] = {}
        for name, row in self.rows.items():
            made = plan(row["schema"], scope, self.config, name)
            slots.update(dict.fromkeys(_keys(name, row, self.config), (name, made)))
        return slots

    @cached_property
    def _extra(self) -> Plan:
        return Leaf(Check(_ANY, self.check.scope, self.config), True, plain=_PLAIN["any"])

    def slot(self, key: str) -> Slot:
        found = self._slots.get(key)
        if found is None:
            return ((key,) if self.partial else key, self._extra) if self.extra else (None, None)
        return found

    @cached_property
    def defaults(self) -> dict[str, Callable[[], Any]]:
        """What makes the default of each field; None where it has none."""
        return {name: _default(row["schema"], self.check.scope) for name, row in self.rows.items()}


@dataclass(frozen=True, eq=False)
class Tagged(Keyed):
    """A discriminated union: an object of undecided kind. Its members are kept until the discriminator has come."""

    keys: frozenset[str] = field(kw_only=True)
    choices: Mapping[Any, Core] = field(kw_only=True)
    config: Any = field(kw_only=True)

    def slot(self, key: str) -> Slot:
        return key, RAW

    def choice(self, tag: Any) -> Plan | None:
        """The plan of one kind; None for an unknown one."""
        try:
            found = self.choices.get(tag)
        except TypeError:
            return None
        return None if found is None else plan(found, self.check.scope, self.config)


@dataclass(frozen=True, eq=False)
class Wrapper(Keyed):
    """The object around a value that is none itself: `{"content": …}`. The value without it is `bare`."""

    key: str = field(kw_only=True)
    bare: Plan = field(kw_only=True)

    def slot(self, key: str) -> Slot:
        return (key, self.bare) if key == self.key else (None, None)


# ── from the core schema ─────────────────────────────────────────────────────────────────────────

_PLAIN: Mapping[str, frozenset[type]] = {
    "int": frozenset((int,)),
    "float": frozenset((float,)),
    "bool": frozenset((bool,)),
    "any": frozenset((int, float, bool, str, list, dict, type(None))),
}
_BESIDE = frozenset("type metadata ref serialization schema items_schema keys_schema values_schema".split())
"""Keys of a core schema that constrain nothing."""

_EARLY = frozenset(("function-before", "function-wrap", "function-plain"))
_FUNCTIONS = _EARLY | {"function-after"}


def plan_of(adapter: TypeAdapter[Any], *, calling: bool = True) -> Plan:
    """The plan of a type; without `calling`, as if its validators that call out were not there."""
    schema: Any = adapter.core_schema
    return plan(schema if calling else without_callers(schema), Scope(), None)


def plan(schema: Core, scope: Scope, config: Any, name: str | None = None) -> Plan:
    """The plan of a core schema. `name`: the field that it belongs to."""
    while schema["type"] == "definitions":
        scope.definitions.update({one["ref"]: one for one in schema["definitions"]})
        schema = schema["schema"]
    if schema["type"] != "definition-ref":
        return _plan(schema, scope, config, name)
    ref = schema["schema_ref"]
    if ref not in scope.plans:
        scope.plans[ref] = Leaf(Check(schema, scope, config))  # for an alias of itself, such as type X = list[X]
        scope.plans[ref] = _plan(schema, scope, config, None)
    return scope.plans[ref]


def _plan(schema: Core, scope: Scope, config: Any, name: str | None) -> Plan:
    core, functions, nullable = _peeled(schema, scope)
    informed = name if any(one["function"]["type"] == "with-info" for one in functions) else None
    check = Check(schema, scope, config, informed)
    early = any(one["type"] in _EARLY for one in functions)
    config = core.get("config") or config
    match core["type"]:
        case "model" | "dataclass" | "typed-dict":
            return _fields(core, check, nullable, config) or Leaf(check, nullable)
        case _ if early:
            return Leaf(check, nullable)
        case "list":
            item = plan(core.get("items_schema", _ANY), scope, config)
            return Elements(check, nullable, item=item, finish=_finish(core, functions, check))
        case "dict" if _text_keys(core.get("keys_schema", _ANY)):
            value = plan(core.get("values_schema", _ANY), scope, config)
            return Members(check, nullable, value=value, finish=_finish(core, functions, check))
        case "tagged-union" if (keys := _discriminators(core["discriminator"])) is not None:
            choices = {tag.value if isinstance(tag, Enum) else tag: one for tag, one in core["choices"].items()}
            return Tagged(check, nullable, keys=keys, choices=choices, config=config)
        case "str":
            return Word(check, nullable, bare=not functions and not _constrained(core, config))
        case kind:
            plain = frozenset[type]() if functions or core.keys() - _BESIDE else _PLAIN.get(kind, frozenset())
            return Leaf(check, nullable, plain)


def _peeled(schema: Core, scope: Scope) -> tuple[Core, list[Core], bool]:
    """What is within references, defaults, null and functions; the functions; whether null is a value."""
    functions: list[Core] = []
    nullable = False
    while True:
        match schema["type"]:
            case "definition-ref":
                schema = scope.definitions[schema["schema_ref"]]
            case "json-or-python":
                schema = schema["json_schema"]
            case "nullable":
                nullable, schema = nullable or not functions, schema["schema"]
            case "default":
                schema = schema["schema"]
            case "function-plain":
                return schema, [*functions, schema], nullable
            case kind if kind in _FUNCTIONS:
                functions.append(schema)
                schema = schema["schema"]
            case _:
                return schema, functions, nullable


def _fields(core: Core, check: Check, nullable: bool, config: Mapping[str, Any] | None) -> Fields | None:
    """None for what cannot be shown by its fields: it is read when it is complete."""
    inner = core if core["type"] == "typed-dict" else _peeled(core["schema"], check.scope)[0]
    rows = inner.get("fields")
    if core.get("root_model") or inner.get("collect_init_only") or rows is None:
        return None
    if isinstance(rows, list):
        rows = {row["name"]: row for row in rows if row.get("init", True)}
    config = config or {}
    extra = inner.get("extra_behavior") or config.get("extra_fields_behavior")
    kept = extra == "allow" and core["type"] != "dataclass"
    partial = None if core["type"] == "typed-dict" else partial_class(core["cls"])
    if partial is None and core["type"] != "typed-dict":
        return None
    return Fields(check, nullable, partial=partial, rows=rows, config=config, extra=kept)


def _finish(core: Core, functions: list[Core], check: Check) -> Check | None:
    """What judges a list or dict whose members have been read; None if nothing does."""
    if not functions and not core.keys() - _BESIDE - {"strict"}:
        return None
    open_to_all = {"items_schema": _ANY} if core["type"] == "list" else {"keys_schema": _ANY, "values_schema": _ANY}
    whole: Core = {**core, **open_to_all}
    for function in reversed(functions):
        whole = {**function, "schema": whole}
    return Check(whole, check.scope, check.config, check.name)


def _text_keys(core: Core) -> bool:
    return core["type"] in ("str", "any") and not core.keys() - _BESIDE


def _discriminators(discriminator: Any) -> frozenset[str] | None:
    """The keys under which the kind may stand; None where it takes more than a key to find."""
    if isinstance(discriminator, str):
        return frozenset((discriminator,))
    if not isinstance(discriminator, list):
        return None
    paths = [path if isinstance(path, list) else [path] for path in discriminator]
    return frozenset(path[0] for path in paths) if all(len(path) == 1 for path in paths) else None


def _constrained(core: Core, config: Mapping[str, Any] | None) -> bool:
    settings = (config or {}).keys()
    return bool(core.keys() - _BESIDE - {"strict"}) or any(one.startswith("str_") for one in settings)


def _keys(name: str, row: Core, config: Mapping[str, Any]) -> list[str]:
    """The keys that a field is known by. An alias that leads deeper than a key is left to the end."""
    alias = row.get("validation_alias")
    if alias is None:
        return [name]
    paths = [alias] if isinstance(alias, str) or not isinstance(alias[0], list) else alias
    keys = [path if isinstance(path, str) else path[0] for path in paths if isinstance(path, str) or len(path) == 1]
    by_name = config.get("validate_by_name") or config.get("populate_by_name")
    return [*keys, name] if by_name else keys


def _default(schema: Core, scope: Scope) -> Callable[[], Any]:
    while schema["type"] in _FUNCTIONS | {"nullable", "definition-ref"} and "schema" in schema:
        schema = schema["schema"]
    if schema["type"] != "default":
        return _nothing
    made: Any = {**{key: value for key, value in schema.items() if key != "validate_default"}, "schema": _ANY}
    validator = SchemaValidator(made)

    def default() -> Any:
        try:
            found = validator.get_default_value()
        except Exception:
            return None  # a factory that wants what is not here: the end will tell
        return None if found is None else found.value

    return default


def _nothing() -> None:
    return None


def _refers(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return schema.get("type") == "definition-ref" or any(map(_refers, schema.values()))
    return isinstance(schema, list | tuple) and any(map(_refers, schema))
