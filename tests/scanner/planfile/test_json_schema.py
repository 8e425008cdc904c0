"""The published JSON Schema: it accepts the plans that the reader accepts, and refuses what it can."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from scanner.planfile import PlanError, read_plan
from scanner.planfile.description import CRITERION
from scanner.planfile.json_schema import json_schema
from scanner.rules import kinds
from tests.scanner.command import run
from tests.scanner.planfile.mistakes import CHANGES, EXAMPLE

PROJECT = Path(__file__).parents[3]
VALIDATOR = jsonschema_rs.Draft7Validator(json_schema())

ONLY_THE_READER = re.compile(
    "^unknown (category|rule|role|suite|issue) |duplicate|invalid glob|invalid folder|is reserved|"
    "is not a date|is before the start|on or after|control characters|path segment|begin or end with a blank|"
    "that ast-grep|does not parse|would report nothing"
)
"""The messages of the mistakes that a schema can't express."""


class Loader(yaml.SafeLoader):
    """Reads YAML as editors do: a date is text."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if "timestamp" not in pair[0]]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Any:
    return yaml.load(text, Loader)


def plans() -> Iterator[tuple[str, str]]:
    """Yield the plans of the project: the files, and the examples in documents and tests."""
    for path in sorted(PROJECT.glob("**/*.yaml")):
        if {"node_modules", ".venv", "var"}.isdisjoint(path.parts) and "plan" in path.name.lower():
            yield str(path.relative_to(PROJECT)), path.read_text()
    yield "example", EXAMPLE
    for page in sorted(PROJECT.glob("docs/**/*.md")):
        for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)):
            yield f"{page.name} {number}", text


def readable() -> list[Any]:
    found = []
    for name, text in plans():
        try:
            read_plan(text, name)
        except PlanError:
            continue
        found.append(pytest.param(text, id=name))
    return found


@pytest.mark.parametrize("text", readable())
def test_it_accepts_the_plans_of_the_project(text: str) -> None:
    assert [str(error) for error in VALIDATOR.iter_errors(load(text))] == []


def test_the_plans_of_the_project_are_found() -> None:
    names = {str(parameter.id) for parameter in readable()}
    assert {"example", "plan.md 0", "bench/generated-plan.yaml", "tests/scanner/corpus/plan.yaml"} <= names


def is_yaml(text: str) -> bool:
    """Of other texts, editors say themselves that they are not YAML."""
    try:
        load(text)
    except yaml.YAMLError:
        return False
    return True


READABLE = [change for change in CHANGES if is_yaml(EXAMPLE.replace(change[0], change[1]))]


def test_most_mistakes_are_yaml() -> None:
    assert len(READABLE) > 0.9 * len(CHANGES)


@pytest.mark.parametrize(("old", "new", "line", "key", "words"), READABLE)
def test_it_refuses_the_structural_mistakes(old: str, new: str, line: int, key: str, words: str) -> None:
    changed = EXAMPLE.replace(old, new)
    document = load(changed)
    with pytest.raises(PlanError) as caught:
        read_plan(changed, "plan.yaml")
    if VALIDATOR.is_valid(document):
        told = [problem.message for problem in caught.value.problems]
        assert [words for words in told if not ONLY_THE_READER.search(words)] == []


def test_every_kind_and_option_is_in_the_schema() -> None:
    variants = json_schema()["properties"]["rules"]["items"]["allOf"]
    described = {
        variant["if"]["properties"]["kind"]["const"]: set(variant["then"]["properties"])
        for variant in variants
    }
    assert described.keys() == {kind.kind for kind in kinds()}
    for kind in kinds():
        assert {option.name for option in kind.options} <= described[kind.kind]
    issues = json_schema()["properties"]["issues"]["items"]["properties"]
    criteria = issues["phases"]["items"]["properties"]["criteria"]["items"]
    assert criteria["properties"]["kind"]["enum"] == list(CRITERION.variants)


def test_the_command_prints_it() -> None:
    assert run("plan", "schema").value == json_schema()
