"""Messages as templates: which texts are, what is filled in, and what can never happen."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor import Image, chat
from instructor.errors import MessageError, MissingExtra
from instructor.ir import Message, Text
from instructor.template import rendered

PIXEL = Image.from_bytes(b"\x89PNG\r\n\x1a\n" + bytes(32))


def text(given: object, context: Any) -> str:
    (message,) = rendered(chat.parse(given), context)
    return "".join(part.text for part in message.parts if isinstance(part, Text))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Who is {{ name }}?", "Who is Ann?"),
        ("  {{name|upper}}\n\n", "  ANN\n\n"),
        ("{% for tag in tags %}{{ loop.index }}{{ tag }} {% endfor %}{{ name }}", "1a 2b Ann"),
        ("{% if name == 'Ann' %}yes{% endif %}", "yes"),
        ("{{ person.age + 1 }}", "21"),
        ("{{ unknown | default('nobody') }}, {{ name }}", "nobody, Ann"),
        ("{{ '}}' ~ name }}", "}}Ann"),
        ("{{ code }}", "{{ name }}"),
    ],
)
def test_a_template_is_filled_in(template: str, expected: str) -> None:
    context = {"name": "Ann", "tags": ["a", "b"], "person": {"age": 20}, "code": "{{ name }}"}
    assert text(template, context) == expected


@pytest.mark.parametrize(
    "written",
    [
        "no braces, name",
        "{{ other }}",
        "{{ other.name }} is not {{ this }}",
        "{{ 'name' }}",
        "{{ name",
        "{{ name | no_such_filter }}",
        "{% name %}",
        "{% endfor %} name {{ name }}",
        '{"name": {"a": {}}}',
        "{# name #}",
        "\\frac{{name}{2}}",
        "{{" + "(" * 5_000 + "name",
        "{% for a in name %}" * 40 + "{% endfor %}" * 40,
    ],
)
def test_other_texts_stay_as_they_are(written: str) -> None:
    assert text(written, {"name": "Ann"}) == written


@given(st.text(alphabet="{}%# name'\"|.()[]x\n-+"))
def test_braces_in_text_that_names_nothing_known_never_break_a_call(written: str) -> None:
    assert text(written + "!", {"unheard_of": 1}) == written + "!"


@given(st.text(alphabet="{}%# n'\"|.()x\n-+"))
def test_what_is_not_filled_in_stays_or_is_a_message_error(written: str) -> None:
    with suppress(MessageError):
        text(written + "!", {"n": 1})


@pytest.mark.parametrize("context", [None, {}, [], "name", 3])
def test_without_a_context_nothing_is_looked_at(context: Any) -> None:
    messages = chat.parse("{{ name }}")
    assert rendered(messages, context) is messages


def test_what_is_filled_in_where() -> None:
    name = "{{ name }}"
    messages = rendered(
        chat.parse(
            [
                {"role": "system", "content": name},
                {"role": "user", "content": [name, PIXEL, {"type": "text", "text": name, "cache_control": True}]},
                {"role": "assistant", "content": name},
                {"role": "user", "content": name, "template": False},
                {"role": "assistant", "content": name, "template": True, "name": "bot"},
            ]
        ),
        {"name": "Ann"},
    )
    assert [part.text if isinstance(part, Text) else part for message in messages for part in message.parts] == [
        *("Ann", "Ann", PIXEL, "Ann"),
        *(name, name, "Ann"),
    ]
    marked = messages[1].parts[2]
    assert isinstance(marked, Text)
    assert marked.cache_control is not None
    assert [dict(message.native) for message in messages] == [{}, {}, {}, {}, {"name": "bot"}]


def test_marks_go_even_without_a_context() -> None:
    assert rendered((Message("user", (Text("{{ name }}"),), {"template": False}),), None) == (
        Message("user", (Text("{{ name }}"),)),
    )


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{{ name }} {{ nam }}", "'nam' is undefined; it holds name, person"),
        ("{{ person.agee }}", "has no attribute 'agee'"),
        ("{{ name / 2 }}", "the template failed: TypeError"),
        ("{{ name.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ person.update({}) }}", "access to attribute 'update' of 'dict' object is unsafe"),
        ("{% include name %}", "the template failed: TypeError: no loader"),
        ("{{ name * 10000000000 }}", "with a number over 100,000"),
        ("{{ name }}{{ 9 ** 9 ** 9 }}", "with a number over 100,000"),
    ],
)
def test_what_cannot_be_filled_in_is_an_error_that_names_the_place(written: str, problem: str) -> None:
    messages = chat.parse([{"role": "user", "content": ["x", written]}])
    with pytest.raises(MessageError) as caught:
        rendered(messages, {"name": "Ann", "person": {"age": 20}})
    assert problem in caught.value.problem
    assert caught.value.where == "messages[0].content[1]"


def test_a_marked_message_must_be_a_template() -> None:
    def marked(written: str, mark: object = True) -> str:
        return text([{"role": "user", "content": written, "template": mark}], None)

    assert marked("plain") == "plain"
    with pytest.raises(MessageError, match=r"messages\[0\]\.content: not a valid template: "):
        marked("{{ name")
    with pytest.raises(MessageError, match="'name' is undefined; it holds -"):
        marked("{{ name }}")
    with pytest.raises(MessageError, match="'template' is True or False, not 'yes'"):
        marked("x", "yes")


def test_nothing_of_the_callers_is_written_to() -> None:
    items = ["a"]
    with pytest.raises(MessageError, match="is unsafe"):
        text("{{ items.append('b') }}", {"items": items})
    assert items == ["a"]


def test_long_texts_cost_what_they_are_long() -> None:
    began = time.process_time()
    for written in ("{{" * 200_000, "{{ '" * 200_000, "{% '\" " * 200_000, "}}" * 200_000, "{{x}}" * 100_000):
        assert text(written, {"name": 1}) == written
    assert time.process_time() - began < 10


def test_jinja_is_imported_when_a_text_needs_it() -> None:
    code = (
        "import sys; from instructor.ir import Message, Text; from instructor.template import rendered\n"
        "rendered((Message('user', (Text('{{ a }} {b}'),)),), {'b': 1})\n"
        "print('jinja2' in sys.modules)\n"
        "rendered((Message('user', (Text('{{ b }}'),)),), {'b': 1})\n"
        "print('jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_without_jinja_a_template_is_a_clear_error_and_other_text_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from instructor import template

    for cached in (template._environment, template._compiled):
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert text("{{ other }} {name}", {"name": "Ann"}) == "{{ other }} {name}"
    with pytest.raises(MissingExtra, match=r"instructor-multimodal\[template\]"):
        text("{{ name }}", {"name": "Ann"})
