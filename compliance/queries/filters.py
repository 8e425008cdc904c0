"""The filters of a list, described once for page, CSV and API; their values as conditions on columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, get_origin

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import QueryDict
from django.utils.text import Truncator
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from compliance.charts.context import chart_context
from compliance.lib.figures import RISKS
from compliance.lib.globs import is_glob, matching_rows
from compliance.models import File, Issue, Phase, Repository

Choices = Sequence[tuple[str, str]]
"""What a filter offers: each value with its label."""


@dataclass(frozen=True, slots=True)
class Control:
    """Marks a filter that the page shows: its label, and under which name `choices` lists what it offers."""

    label: str
    offers: str = ""


@dataclass(frozen=True, slots=True)
class FilterField:
    """One filter as the page shows it."""

    label: str
    name: str
    values: Choices
    chosen: str
    without: str
    """The query string of the list without this filter."""

    @property
    def words(self) -> str:
        """Return the label of the chosen value, or the value itself where it is not on offer."""
        return dict(self.values).get(self.chosen, self.chosen)


class ListFilter(BaseModel):
    """The filters of one list. Each field is a query parameter of page, CSV and API alike.

    The API refuses a value that a field's type does not admit. A page keeps it, cut to the field's length,
    and shows that nothing matches.
    """

    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Return the filters of an address without refusing any value."""
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            longest = next((mark.max_length for mark in field.metadata if hasattr(mark, "max_length")), None)
            if get_origin(field.annotation) is list:
                values[name] = [_clean(value) for value in query.getlist(name) if value][:longest]
            else:
                values[name] = _clean(query.get(name, ""))[:longest]
        return cls.model_construct(**values)

    def controls(self, query: QueryDict, offered: Mapping[str, Choices]) -> list[FilterField]:
        """Return the filters that the page shows, in the order of the fields."""
        shown = []
        for name, field in type(self).model_fields.items():
            for control in (mark for mark in field.metadata if isinstance(mark, Control)):
                value = getattr(self, name)
                chosen = (value[-1] if value else "") if isinstance(value, list) else value
                rest = query.copy()
                for parameter in (name, "page"):
                    rest.pop(parameter, None)
                values = offered.get(control.offers, ())
                shown.append(FilterField(control.label, name, values, chosen, f"?{rest.urlencode()}"))
        return shown


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks a text filter that the API admits only with one of these values, or empty."""

    values: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: type, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(["", *self.values])


def _clean(value: str) -> str:
    """Return a value that Postgres can compare: its text cannot hold NUL."""
    return value.replace("\0", "").strip()


def files_at(repository: Repository, path: str) -> QuerySet[File]:
    """Return a repository's files at a path: a glob where it has `*`, `?` or `[`, else a part of the path."""
    files = File.objects.filter(repository=repository)
    if is_glob(path):
        return matching_rows(files, path)
    return files.filter(path__icontains=path) if path else files


def alike(*, phase: str, issue: str, **same: str) -> dict[str, Any]:
    """Return the conditions that a violation has these properties; an empty value is no condition."""
    wanted = {**same, "phases__contains": phase and [phase], "issues__contains": issue and [issue]}
    return {lookup: value for lookup, value in wanted.items() if value}


def choices(repository: Repository) -> dict[str, list[tuple[str, str]]]:
    """Return the values that each filter offers, with labels; three queries."""
    newest = chart_context(repository).snapshot
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    issues = Issue.objects.filter(repository=repository, in_plan=True)
    return {
        "categories": named(sorted(newest.category_files) if newest else ()),
        "rules": named(sorted(newest.by.get("rule", {})) if newest else ()),
        "risks": named(RISKS),
        "phases": [(phase.key, phase.title) for phase in phases],
        "issues": [(issue.key, f"{issue.key} {Truncator(issue.title).chars(40)}") for issue in issues],
    }


def named(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return choices whose labels are their values."""
    return [(value, value) for value in values]


def worst_first(column: str) -> Case:
    """Return the rank of a column's risk to order by; unknown values come last."""
    ranks = (When(**{column: risk}, then=Value(rank)) for rank, risk in enumerate(RISKS))
    return Case(*ranks, default=Value(len(RISKS)), output_field=IntegerField())
