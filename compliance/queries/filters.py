"""List filters, defined once for pages, CSV files and the API, and translated to conditions on columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_origin

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import Truncator
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from compliance.charts.context import chart_context
from compliance.lib.field_types import NO_NUL, message_of, one_line
from compliance.lib.globs import glob_problem, is_glob, matching_rows
from compliance.models import File, Issue, Phase, Repository, Risk
from compliance.queries.keyset import PARAMETERS

Choices = Sequence[tuple[str, str]]
"""The options of each filter, as pairs of value and label."""


@dataclass(frozen=True, slots=True)
class Control:
    """Marks a filter that is part of the page's form, with its label and the name of its options in
    `choices`.

    `kind` is the type of the input if there are no options, and `unset` the label of the option that removes
    the filter.
    """

    label: str
    offers: str = ""
    kind: str = "search"
    unset: str = "Any"
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter as it is shown on the page."""

    control: Control
    name: str
    values: Choices
    chosen: str
    without: str
    """The query string of the list without this filter."""
    problem: str
    """A sentence that says why the value is invalid. Empty if it is valid."""

    @property
    def label(self) -> str:
        """Return the label of the filter."""
        return self.control.label

    @property
    def words(self) -> str:
        """Return the label of the selected value, or the value itself if it is not an option."""
        return dict(self.values).get(self.chosen, self.chosen)


class ListFilter(BaseModel):
    """Filters for a list. Each field is a query parameter of the page, the CSV file and the API.

    The API and the CSV file reject values that a field's type doesn't allow. A page says what is wrong with
    them: it ignores an invalid date, and lists nothing for any other invalid value.
    """

    model_config = ConfigDict(frozen=True)
    _problems: dict[str, str] = PrivateAttr(default_factory=dict)

    @field_validator("*")
    @classmethod
    def _without_blanks(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [text for text in map(str.strip, value) if text]
        return value.strip() if isinstance(value, str) else value

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Read the filters from a query string. Invalid values are recorded in `problems`."""
        given = cls._given(query)
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            wrong = {str(detail["loc"][0]): detail for detail in reversed(error.errors())}
        found = cls.model_validate({name: value for name, value in given.items() if name not in wrong})
        found = found.model_copy(update={name: given[name] for name in wrong if cls._is_text(name)})
        return found._with_problems(wrong)  # noqa: SLF001  (its own method)

    def _with_problems(self, wrong: Mapping[str, Mapping[str, Any]]) -> Self:
        for name, detail in wrong.items():
            ignored = "" if self._is_text(name) else "; the filter was ignored"
            self._problems[name] = f"{_fault(detail)}{ignored}."
        return self

    @classmethod
    def _given(cls, query: QueryDict) -> dict[str, Any]:
        """Return the values of the filters that are set."""
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            given = [value for value in query.getlist(name) if value.strip()]
            if get_origin(field.annotation) is list:
                values[name] = given
            elif query.get(name, "").strip():
                values[name] = query[name]
        return {name: value for name, value in values.items() if value}

    @classmethod
    def _is_text(cls, name: str) -> bool:
        return isinstance(cls.model_fields[name].default, str | list)

    @property
    def narrowed(self) -> bool:
        """Return true if any filter is set."""
        return self != type(self)()

    @property
    def matches_nothing(self) -> bool:
        """Return true if a value is invalid, so that no row can match it. Dates are ignored instead."""
        return any(self._is_text(name) for name in self._problems)

    @property
    def problems(self) -> list[str]:
        """Return a sentence, with the filter's label, for each invalid value."""
        return [f"{self._label(name)}: {problem}" for name, problem in self._problems.items()]

    @property
    def notices(self) -> list[str]:
        """Return the problems of the filters that have no control on the page to be shown beside."""
        return [
            f"{self._label(name)}: {problem}"
            for name, problem in self._problems.items()
            if self._control(name) is None
        ]

    @classmethod
    def _control(cls, name: str) -> Control | None:
        return next((mark for mark in cls.model_fields[name].metadata if isinstance(mark, Control)), None)

    @classmethod
    def _label(cls, name: str) -> str:
        control = cls._control(name)
        return control.label if control else name.capitalize()

    def controls(self, query: QueryDict, offered: Mapping[str, Choices]) -> list[FilterField]:
        """Return the filters that are part of the page's form, in field order."""
        shown = []
        for name in type(self).model_fields:
            control = self._control(name)
            if control is None:
                continue
            value = getattr(self, name)
            chosen = [str(part) for part in (value if isinstance(value, list) else [value]) if part]
            rest = query.copy()
            for parameter in (name, *PARAMETERS):
                rest.pop(parameter, None)
            values = offered.get(control.offers, ())
            problem = self._problems.get(name) or _unoffered(chosen, values)
            last = chosen[-1] if chosen else ""
            shown.append(FilterField(control, name, values, last, f"?{rest.urlencode()}", problem))
        return shown


def _fault(detail: Mapping[str, Any]) -> str:
    """Say what is wrong with a value, without a period."""
    limit = detail.get("ctx", {}).get("max_length")
    if detail["type"] == "too_long":
        return f"More than {limit} values were given"
    fault = (
        f"is longer than {limit} characters" if detail["type"] == "string_too_long" else message_of(detail)
    )
    return f"“{one_line(detail['input'], 60)}” {fault}"


def _unoffered(chosen: Iterable[str], offered: Choices) -> str:
    """Return a sentence about the first value that is not an option. It is valid, but matches nothing now."""
    known = dict(offered)
    missing = next((value for value in chosen if known and value not in known), None)
    return "" if missing is None else f"“{one_line(missing, 60)}” is not one of the current options."


@dataclass(frozen=True, slots=True)
class OneOf:
    """Restricts a text filter to these values or an empty string."""

    values: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: type, _handler: GetCoreSchemaHandler) -> CoreSchema:
        allowed = core_schema.literal_schema(["", *self.values])
        return core_schema.no_info_wrap_validator_function(self._check, allowed)

    def problem(self, value: str) -> str:
        """Return why a value is not allowed, to follow the value in a sentence, or an empty string."""
        if value in ("", *self.values):
            return ""
        *most, last = self.values
        words = f"{', '.join(most)} or {last}" if most else last
        return f"is not a valid value; use {words}"

    def _check(self, value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValidationError:
            raise ValueError(self.problem(value)) from None


def _check_path(path: str) -> str:
    problem = glob_problem(path) if is_glob(path) else ""
    if problem:
        raise ValueError(problem)
    return path


_PATH = Control("Path", placeholder="part of a path, or **/api/*.py")
PathPart = Annotated[
    str, StringConstraints(max_length=300, pattern=NO_NUL), AfterValidator(_check_path), _PATH
]
"""A substring of a path or, if it contains `*`, `?` or `[`, a glob that a plan would accept."""


def files_at(repository: Repository, path: str) -> QuerySet[File]:
    """Return a repository's files that match `path`: as a glob if it contains `*`, `?` or `[`, otherwise as a
    substring.
    """
    files = File.objects.filter(repository=repository)
    if is_glob(path):
        return matching_rows(files, path)
    return files.filter(path__icontains=path) if path else files


def alike(*, phase: str, issue: str, **same: str) -> dict[str, Any]:
    """Return the conditions that select violations with these properties. Empty values are ignored."""
    wanted = {**same, "phases__contains": phase and [phase], "issues__contains": issue and [issue]}
    return {lookup: value for lookup, value in wanted.items() if value}


def choices(repository: Repository) -> dict[str, list[tuple[str, str]]]:
    """Return the options of each filter with their labels, in three queries."""
    newest = chart_context(repository).snapshot
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    issues = Issue.objects.filter(repository=repository, in_plan=True)
    return {
        "categories": named(sorted(newest.category_files) if newest else ()),
        "rules": named(sorted(newest.by.get("rule", {})) if newest else ()),
        "risks": named(Risk.values),
        "phases": [(phase.key, phase.title) for phase in phases],
        "issues": [(issue.key, f"{issue.key} {Truncator(issue.title).chars(40)}") for issue in issues],
    }


def named(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return options whose labels are the same as their values."""
    return [(value, value) for value in values]
