"""How a typed answer is asked for: every mode of every model family, judged by the SDKs' own types."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from instructor import Mode
from instructor.errors import ModeError
from instructor.output import ANTHROPIC, OPENAI_STRICT, PLAIN, render, target
from tests.wire.sending import User, wire_of

TOOLS, SCHEMA, JSON, MD = Mode.TOOLS, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON

# model → its modes, the default first, and whether the schema is enforced
FAMILIES: dict[str, dict[str, tuple[dict[Mode, bool], Any]]] = {
    "openai": {
        "gpt-4o-mini": ({SCHEMA: True, TOOLS: True, JSON: False, MD: False}, OPENAI_STRICT),
        "gpt-4.1": ({SCHEMA: True, TOOLS: True, JSON: False, MD: False}, OPENAI_STRICT),
        "o3": ({SCHEMA: True, TOOLS: True, JSON: False, MD: False}, OPENAI_STRICT),
        "gpt-5-mini": ({SCHEMA: True, TOOLS: True, JSON: False, MD: False}, OPENAI_STRICT),
        "gpt-6": ({SCHEMA: True, JSON: False, MD: False}, OPENAI_STRICT),
        "gpt-3.5-turbo": ({TOOLS: False, JSON: False, MD: False}, PLAIN),
        "gpt-4-turbo": ({TOOLS: False, JSON: False, MD: False}, PLAIN),
        "gpt-4": ({TOOLS: False, JSON: False, MD: False}, PLAIN),
        "gpt-4o-audio-preview": ({TOOLS: False, MD: False}, PLAIN),
    },
    "anthropic": {
        "claude-3-haiku-20240307": ({TOOLS: False, JSON: False, MD: False}, PLAIN),
        "claude-sonnet-4-20250514": ({TOOLS: False, JSON: False, MD: False}, PLAIN),
        "claude-sonnet-4-5": ({SCHEMA: True, TOOLS: True, JSON: False, MD: False}, ANTHROPIC),
        "claude-haiku-4-5": ({SCHEMA: True, TOOLS: True, JSON: False, MD: False}, ANTHROPIC),
        "claude-opus-5-5": ({SCHEMA: True, JSON: False, MD: False}, ANTHROPIC),
    },
}

ROWS = [
    (dialect, model, mode, strict, schema_dialect)
    for dialect, models in FAMILIES.items()
    for model, (modes, schema_dialect) in models.items()
    for mode, strict in modes.items()
]
REFUSED = [
    (dialect, model, mode)
    for dialect, models in FAMILIES.items()
    for model, (modes, _) in models.items()
    for mode in Mode
    if mode not in modes and not (mode is Mode.PARALLEL_TOOLS and TOOLS in modes)
]

HI = [{"role": "user", "content": "Ann is 30."}]


def words(schema: Any, mode: Mode) -> str:
    """What is said to the model where the API has no place for the schema."""
    written = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    how = {
        JSON: "Answer with one JSON object and nothing else.",
        MD: "Answer with one fenced block, ```json … ```, that holds one JSON object and nothing else.",
    }[mode]
    return f"{how} It conforms to this JSON schema:\n{written}"


def openai_asks(mode: Mode, schema: Any, strict: bool) -> dict[str, Any]:
    """What is added to a request."""
    description = target(User).description
    if mode is TOOLS:
        function = {"name": "User", "description": description, "parameters": schema}
        return {
            "tools": [{"type": "function", "function": {**function, "strict": True} if strict else function}],
            "tool_choice": {"type": "function", "function": {"name": "User"}},
        }
    if mode is SCHEMA:
        form = {"name": "User", "schema": schema, "strict": strict, "description": description}
        return {"response_format": {"type": "json_schema", "json_schema": form}}
    added: dict[str, Any] = {"messages": [{"role": "system", "content": words(schema, mode)}, *HI]}
    return {**added, "response_format": {"type": "json_object"}} if mode is JSON else added


def anthropic_asks(mode: Mode, schema: Any, strict: bool) -> dict[str, Any]:
    if mode is TOOLS:
        tool = {"name": "User", "description": target(User).description, "input_schema": schema}
        return {
            "tools": [{**tool, "strict": True} if strict else tool],
            "tool_choice": {"type": "tool", "name": "User"},
        }
    if mode is SCHEMA:
        return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    return {"system": [{"type": "text", "text": words(schema, mode)}]}


def bare(dialect: str, model: str) -> dict[str, Any]:
    """The request without its question."""
    if dialect == "openai":
        return {"model": model, "messages": HI}
    content = [{"type": "text", "text": "Ann is 30."}]
    limit = {"claude-3-haiku-20240307": 4096}.get(model, 16384)
    return {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": limit}


@pytest.mark.parametrize(("dialect", "model", "mode", "strict", "kind"), ROWS, ids=lambda v: getattr(v, "name", str(v)))
def test_a_mode_of_a_family(dialect: str, model: str, mode: Mode, strict: bool, kind: Any) -> None:
    rendered = render(target(User), kind if mode in (TOOLS, SCHEMA) else PLAIN)
    assert rendered.strict is strict or mode in (JSON, MD) or kind is PLAIN
    asks = openai_asks if dialect == "openai" else anthropic_asks
    expected = {**bare(dialect, model), **asks(mode, dict(rendered.schema), strict)}
    assert wire_of(dialect, HI, model=model, response_model=User, mode=mode) == expected


@pytest.mark.parametrize(
    ("dialect", "model"), [(d, m) for d, models in FAMILIES.items() for m in models], ids=lambda v: str(v)
)
def test_the_default_is_the_first(dialect: str, model: str) -> None:
    first = next(iter(FAMILIES[dialect][model][0]))
    by_default = wire_of(dialect, HI, model=model, response_model=User)
    assert by_default == wire_of(dialect, HI, model=model, response_model=User, mode=first)


@pytest.mark.parametrize(("dialect", "model", "mode"), REFUSED, ids=lambda v: getattr(v, "name", str(v)))
def test_a_mode_that_a_family_has_not(dialect: str, model: str, mode: Mode) -> None:
    modes = FAMILIES[dialect][model][0]
    known = ", ".join(f"Mode.{m.name}" for m in (*modes, *((Mode.PARALLEL_TOOLS,) if TOOLS in modes else ())))
    with pytest.raises(ModeError, match=rf"{dialect} does not take Mode.{mode.name} for {model}: it takes {known}$"):
        wire_of(dialect, HI, model=model, response_model=User, mode=mode)


class Open(BaseModel):
    """Free keys, which strict schemas cannot say."""

    counts: dict[str, int]


class Node(BaseModel):
    """Contains itself."""

    name: str
    children: list[Node] = []


@pytest.mark.parametrize("model", [Open, Node])
def test_what_no_strict_schema_can_say_is_asked_for_in_another_mode(model: Any) -> None:
    body = wire_of("anthropic", HI, response_model=model)
    assert "output_config" not in body
    assert "strict" not in body["tools"][0]
    with pytest.raises(ModeError, match=r"cannot express (Open|Node).*Mode.JSON_SCHEMA.*Leave the mode out"):
        wire_of("anthropic", HI, response_model=model, mode=SCHEMA)


def test_where_the_api_takes_loose_schemas_they_are_sent_as_such() -> None:
    form = wire_of("openai", HI, response_model=Open)["response_format"]["json_schema"]
    assert form["strict"] is False
    assert form["schema"]["properties"]["counts"]["additionalProperties"] == {"type": "integer"}
    assert wire_of("openai", HI, response_model=Node)["response_format"]["json_schema"]["strict"] is True


def test_without_forced_tools_the_schema_goes_in_words() -> None:
    body = wire_of("anthropic", HI, response_model=Open, model="claude-opus-5-5")
    assert "tools" not in body
    assert "It conforms to this JSON schema" in body["system"][0]["text"]


class Cat(BaseModel):
    kind: Literal["cat"]
    name: str = Field(min_length=2)


class Dog(BaseModel):
    kind: Literal["dog"]
    age: int = Field(ge=0)


FORMS: list[Any] = [User, list[User], Cat | Dog, Literal["a", "b"], int, list[int], dict[str, int], str | None]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize(
    ("dialect", "model", "mode"), [(d, m, mode) for d, m, mode, *_ in ROWS], ids=lambda v: getattr(v, "name", str(v))
)
def test_every_form_is_a_request_that_the_provider_takes(dialect: str, model: str, mode: Mode, form: Any) -> None:
    try:
        wire_of(dialect, HI, model=model, response_model=form, mode=mode)
    except ModeError:
        assert (dialect, mode, form) == ("anthropic", SCHEMA, dict[str, int])


class Bounded(BaseModel):
    """Constraints that strict modes take only in part."""

    age: int = Field(ge=0, le=150)
    name: str = Field(min_length=2, max_length=50, pattern="^[A-Z]")
    tags: list[str] = Field(min_length=2, max_length=5)
    note: str | None = None
    share: float = Field(0.5, gt=0, lt=1, multiple_of=0.1)


@pytest.mark.parametrize(("dialect", "model", "mode"), [(d, m, mode) for d, m, mode, *_ in ROWS])
def test_constraints_never_break_a_request(dialect: str, model: str, mode: Mode) -> None:
    wire_of(dialect, HI, model=model, response_model=Bounded, mode=mode)


# ── words beside a system message ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["system", "developer"])
def test_words_join_the_system_message(role: str) -> None:
    messages = [{"role": role, "content": "Be brief."}, *HI]
    body = wire_of("openai", messages, response_model=User, mode=JSON)
    first, second = body["messages"]
    assert first["role"] == role
    assert [part["text"][:9] for part in first["content"]] == ["Be brief.", "\n\nAnswer "]
    assert second == HI[0]
    body = wire_of("anthropic", messages, response_model=User, mode=MD, system="From the parameter.")
    assert [block["text"][:9] for block in body["system"]] == ["From the ", "Be brief.", "\n\nAnswer "]
