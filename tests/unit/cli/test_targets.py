"""`--into`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from instructor.cli.targets import resolve
from instructor.errors import ConfigurationError, ResponseModelError


def test_a_class_in_a_file(desk: Path) -> None:
    assert resolve("models.py:Person").__name__ == "Person"
    assert resolve(f"{desk / 'models.py'}:Person").__name__ == "Person"


def test_a_class_in_a_module_of_the_working_directory(desk: Path) -> None:
    (desk / "company").mkdir()
    (desk / "company" / "hr.py").write_text("from pydantic import BaseModel\nclass Staff(BaseModel):\n    id: int\n")
    assert resolve("company.hr:Staff").__name__ == "Staff"


@pytest.mark.parametrize(
    ("expression", "origin", "arguments"),
    [
        ("list[Person]", list, ["Person"]),
        ("People", list, ["Person"]),
        ("dict[str, Person]", dict, ["str", "Person"]),
        ("Optional[Person]", None, ["Person", "NoneType"]),
        ("Person | Order", None, ["Person", "Order"]),
        ("tuple[int, str]", tuple, ["int", "str"]),
    ],
)
def test_types_of_types(desk: Path, expression: str, origin: Any, arguments: list[str]) -> None:
    value = resolve(f"models.py:{expression}")
    assert origin is None or get_origin(value) is origin
    assert [each.__name__ for each in get_args(value)] == arguments


def test_other_expressions(desk: Path) -> None:
    assert resolve("models.py:Order.Inner").__name__ == "Inner"
    assert resolve("models.py:int") is int
    assert get_args(resolve("models.py:Literal['a', 'b']")) == ("a", "b")


def test_siblings_can_be_imported(desk: Path) -> None:
    (desk / "sub").mkdir()
    (desk / "sub" / "shapes.py").write_text("from parts import Part\n")
    (desk / "sub" / "parts.py").write_text("from pydantic import BaseModel\nclass Part(BaseModel):\n    n: int\n")
    assert resolve("sub/shapes.py:Part").__name__ == "Part"


def test_a_file_does_not_replace_a_module_of_the_same_name(desk: Path) -> None:
    import json

    (desk / "json.py").write_text(
        "class Thing: ...\nfrom pydantic import BaseModel\nclass Own(BaseModel):\n    n: int\n"
    )
    assert resolve("json.py:Own").__name__ == "Own"
    assert sys.modules["json"] is json


@pytest.mark.parametrize(
    ("into", "message"),
    [
        ("Person", 'write "package.module:Model"'),
        ("models.py:", 'write "package.module:Model"'),
        (":Person", 'write "package.module:Model"'),
        ("nowhere.py:Person", "there is no file 'nowhere.py'"),
        ("no.such.module:Person", "there is no module 'no.such.module'"),
        (
            "models:Persn",
            "there is no 'Persn' in models.py. Did you mean Person? There are: Person, Address, Line, Order, People.",
        ),
        ("models.py:person", "Did you mean Person?"),
        ("models.py:Order.Outer", "Order has no 'Outer'"),
        ("models.py:LIMIT", "not a type but an int"),
        ("models.py:make", "not a type but a function"),
        ("models.py:list[", "is not a type"),
        ("models.py:make()", "'make()' is not a type"),
        ("models.py:Person[int]", "is not a type"),
        ("models.py:LIMIT | 4", "not a type but an int"),
        ("broken.py:Person", "broken.py cannot be imported: NameError"),
        ("wrong.py:Person", "wrong.py cannot be imported: SyntaxError"),
        ("script.py:Person", "script.py cannot be imported: SystemExit: 0"),
        ("script:Person", "script cannot be imported: SystemExit: 0"),
        ("needy.py:Person", "needy.py cannot be imported: ModuleNotFoundError: No module named 'absent'"),
        ("needy:Person", "needy cannot be imported: No module named 'absent'"),
        ("notes/models.txt:Person", "its name ends in .py"),
    ],
)
def test_what_is_wrong_is_said(desk: Path, into: str, message: str) -> None:
    (desk / "broken.py").write_text("Person = undefined\n")
    (desk / "wrong.py").write_text("class Person(:\n")
    (desk / "needy.py").write_text("import absent\n")
    (desk / "script.py").write_text("class Person: ...\nraise SystemExit(0)\n")
    (desk / "notes").mkdir()
    (desk / "notes" / "models.txt").write_text("text")
    with pytest.raises(ConfigurationError) as caught:
        resolve(into)
    assert message in str(caught.value)


def test_a_file_named_like_a_module_is_pointed_out(desk: Path) -> None:
    (desk / "deep").mkdir()
    (desk / "deep.er.py").write_text("")
    with pytest.raises(ConfigurationError, match=r"there is a file deep\.er\.py"):
        resolve("deep.er:Person")


def test_a_type_without_a_schema(desk: Path) -> None:
    (desk / "odd.py").write_text("class Odd:\n    pass\n")
    with pytest.raises(ResponseModelError):
        resolve("odd.py:Odd")
