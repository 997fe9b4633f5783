"""The contract is worth its while: each way of getting a provider wrong breaks the check that is meant for it."""

from __future__ import annotations

import copy
import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from instructor import Image, Mode
from instructor.adapter import Endpoint, Family, Provider
from instructor.errors import ProviderError
from instructor.fit import Limits
from instructor.ir import CallDelta, Counted, Delta, Reply, Stopped, TextDelta, Usage
from instructor.output import PLAIN
from instructor.providers import _registry
from instructor.testing import DIALECTS, contract

DIALECT = next(dialect for dialect in DIALECTS if dialect.name == "cohere")
GOOD = _registry.find("cohere")
KEY = "contract-key"


class Spoilt:
    """The adapter with some of it in another way. `change` maps a method's name to what becomes of its result."""

    def __init__(self, **change: Any) -> None:
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return self._change.get(name, getattr(GOOD.adapter, name))


def with_result(name: str, change: Callable[..., Any]) -> Any:
    """An adapter of which a method's result is changed: `change(result, *arguments)`."""
    own = getattr(GOOD.adapter, name)
    return Spoilt(**{name: lambda *given: change(own(*given), *given)})


def dropping(kind: type[Delta]) -> Any:
    """An adapter whose streams lack a kind of piece."""
    return with_result("deltas", lambda deltas, event: [one for one in deltas if not isinstance(one, kind)])


def wearing_out() -> Any:
    numbers = itertools.count()
    return with_result("encode", lambda wire, request: {**wire, "seed": next(numbers)})


def writing(wire: Any, request: Any) -> Any:
    for tool in request.tools:
        tool.parameters["spoilt"] = True
    return wire


def without(key: str) -> Callable[..., Any]:
    return lambda wire, request: {name: value for name, value in wire.items() if name != key}


def tool_list(wire: Any, request: Any) -> Any:
    ours = {tool.name for tool in request.tools}
    tools = [tool for tool in wire.get("tools", ()) if tool["function"]["name"] in ours]
    return {**without("tools")(wire, request), **({"tools": tools} if tools else {})}


def strict_deltas(event: Mapping[str, Any]) -> Iterator[Delta]:
    event["type"]
    return iter(GOOD.adapter.deltas(event))


def speechless(error: ProviderError, status: int, body: Any) -> ProviderError:
    return type(error)("it failed", provider="cohere", status=status)


def vague(error: ProviderError, status: int, body: Any) -> ProviderError:
    return ProviderError(error.message, provider="cohere", status=status)


def deaf(event: Mapping[str, Any]) -> Any:
    return () if event.get("type") == "message-end" else GOOD.adapter.deltas(event)


def shared_id(reply: Reply, wire: Any) -> Reply:
    return replace(
        reply, parts=tuple(replace(part, id="c") if hasattr(part, "arguments") else part for part in reply.parts)
    )


def media(**changes: Any) -> Any:
    row = GOOD.adapter.media[Image]
    return Spoilt(media={**GOOD.adapter.media, Image: replace(row, **changes)})


class Wrong(NamedTuple):
    what: str
    adapter: Any
    check: str
    says: str
    endpoint: Endpoint | None = GOOD.endpoint


ANY = re.compile("")
THERE: Any = GOOD.endpoint
IMAGE = GOOD.adapter.media[Image]

WRONG = [
    Wrong("a name with a slash", Spoilt(name="co/here"), "tables: protocol", "leave slashes"),
    Wrong("no table of limits", Spoilt(whole=None), "tables: protocol", "adapter.whole"),
    Wrong("no address", Spoilt(), "tables: endpoint", "base_names", Endpoint("", "/v2/chat", ())),
    Wrong("models without a family", Spoilt(families=GOOD.adapter.families[:-1]), "tables: families", "last row"),
    Wrong(
        "a family that none reaches",
        Spoilt(families=(Family(ANY, {Mode.MD_JSON: PLAIN}), *GOOD.adapter.families)),
        "tables: families",
        "can never be reached",
    ),
    Wrong("an unknown type", media(limits=Limits(frozenset({"image/jpg"}))), "tables: Image", "image/jpeg"),
    Wrong("megabytes", media(limits=replace(IMAGE.limits, max_bytes=20)), "tables: Image", "not megabytes"),
    Wrong("addresses alone", media(sources=frozenset({"url"})), "tables: Image", "cannot be sent as bytes"),
    Wrong("a medium left out", media(encode=lambda image: {"type": "image_url"}), "encode: every Image", "Inline"),
    Wrong("another part", media(encode=lambda image: {"type": "image", "data": "x"}), "encode: every Image", "Inline"),
    Wrong("a field too many", with_result("encode", lambda wire, _: {**wire, "x": 1}), "encode: text for *",
          "the judge refuses"),
    Wrong("no model", with_result("encode", without("model")), "encode: text for *", "has no 'model'"),
    Wrong("a memory", wearing_out(), "encode: text for *", "the second time"),
    Wrong("writing into the request", with_result("encode", writing), "encode: text for contract-model",
          "writes into the request"),
    Wrong("another path", Spoilt(), "encode: text for *", "requests go to", replace(THERE, path="/v1/chat")),
    Wrong("a parameter dropped", with_result("encode", without("p")), "parameters: common", "top_p=0.75 is dropped"),
    Wrong(
        "unknown parameters sent",
        Spoilt(encode=lambda request: {
            **GOOD.adapter.encode(replace(request, params={})), **request.params}),
        "parameters: unknown",
        "raise RequestError",
    ),
    Wrong("the caller's tools dropped", with_result("encode", tool_list), "parameters: the caller's tools", "not on the wire"),
    Wrong("text dropped", with_result("decode", lambda reply, _: replace(reply, parts=())), "decode: text", "join text"),
    Wrong("calls alike", with_result("decode", shared_id), "decode: calls", "the same id"),
    Wrong("a wrong end", with_result("decode", lambda reply, _: replace(reply, finish="stop")), "decode: cut off", "'length'"),
    Wrong("no count", with_result("decode", lambda reply, _: replace(reply, usage=Usage())), "decode: text", "usage"),
    Wrong("a KeyError", Spoilt(decode=lambda wire: GOOD.adapter.decode({"message": wire["message"]})),
          "decode: what is no answer", "ProtocolError"),
    Wrong("no text in streams", dropping(TextDelta), "stream: text", "TextDelta"),
    Wrong("no calls in streams", dropping(CallDelta), "stream: calls", "CallDelta"),
    Wrong("no end in streams", dropping(Stopped), "stream: cut off", "Stopped"),
    Wrong("no count in streams", dropping(Counted), "stream: text", "Counted"),
    Wrong("new events", Spoilt(deltas=strict_deltas), "stream: unknown events", "pass over"),
    Wrong("one error for all", with_result("error", vague), "errors: by status", "BadRequest"),
    Wrong("words dropped", with_result("error", speechless), "errors: by status", "keep the provider's message"),
    Wrong("an odd body", Spoilt(error=lambda status, body: GOOD.adapter.error(status, dict(body))), "errors: by status",
          "take any body"),
    Wrong("no key", Spoilt(), "calls: extras", "a call that should succeed fails", replace(THERE, headers=lambda key: {})),
    Wrong("a stream's error passed over", Spoilt(deltas=deaf), "faults: own sender, *", "an error in a stream"),
]  # fmt: skip


def checks_of(wrong: Wrong) -> list[contract.Check]:
    return contract.checks(Provider(wrong.adapter, wrong.endpoint, GOOD.sdk), DIALECT)


def _all(checks: list[contract.Check]) -> None:
    for check in checks:
        check()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_what_is_wrong_is_found(wrong: Wrong) -> None:
    meant = [check for check in checks_of(wrong) if re.fullmatch(wrong.check.replace("*", ".*"), check.name)]
    assert meant, wrong.check
    with pytest.raises(contract.ContractBroken) as caught:
        _all(meant)
    assert wrong.says in str(caught.value)
    assert "\n  → " in str(caught.value), "what to do"
    assert copy.copy(str(caught.value)).startswith(wrong.adapter.name)


def test_pytest_is_imported_on_use() -> None:
    look = "import sys, instructor.testing.contract; print('pytest' in sys.modules, 'openai' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, encoding="utf-8")
    assert told.stdout.split() == ["False", "False"]


def test_what_is_known_not_to_pass_is_named() -> None:
    with pytest.raises(ValueError, match="there is no check 'encode: Film"):
        contract.suite(GOOD, DIALECT, except_for={"encode: Film*": "not yet"})
    test = contract.suite(GOOD, DIALECT, except_for={"encode: *": "not yet"})
    (mark,) = (mark for mark in test.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    skipped = [param for param in mark.args[1] if param.marks]
    assert skipped
    assert all(param.id.startswith("encode: ") for param in skipped)
    assert {mark.kwargs["reason"] for param in skipped for mark in param.marks} == {"not yet"}
