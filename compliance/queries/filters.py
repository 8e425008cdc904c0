"""List filters, defined once for pages, CSV files and the API, and translated to conditions on columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, get_origin

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import QueryDict
from django.utils.text import Truncator
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from compliance.charts.context import chart_context
from compliance.lib.globs import is_glob, matching_rows
from compliance.models import File, Issue, Phase, Repository, Risk

Choices = Sequence[tuple[str, str]]
"""The options of each filter, as pairs of value and label."""


@dataclass(frozen=True, slots=True)
class Control:
    """Marks a filter that is shown on the page, with its label and the name of its options in `choices`."""

    label: str
    offers: str = ""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter as it is shown on the page."""

    label: str
    name: str
    values: Choices
    chosen: str
    without: str
    """The query string of the list without this filter."""

    @property
    def words(self) -> str:
        """Return the label of the selected value, or the value itself if it is not an option."""
        return dict(self.values).get(self.chosen, self.chosen)


class ListFilter(BaseModel):
    """Filters for a list. Each field is a query parameter of the page, the CSV file and the API.

    The API rejects values that a field's type doesn't allow. A page accepts them, truncated to the field's
    length, and shows an empty list.
    """

    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Read the filters from a query string. Invalid values are accepted."""
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            longest = next((mark.max_length for mark in field.metadata if hasattr(mark, "max_length")), None)
            if get_origin(field.annotation) is list:
                values[name] = [value.strip() for value in query.getlist(name) if value][:longest]
            else:
                values[name] = query.get(name, "").strip()[:longest]
        return cls.model_construct(**values)

    def controls(self, query: QueryDict, offered: Mapping[str, Choices]) -> list[FilterField]:
        """Return the filters that are shown on the page, in field order."""
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
    """Restricts a text filter in the API to these values or an empty string."""

    values: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: type, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(["", *self.values])


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


def worst_first(column: str) -> Case:
    """Return an expression that ranks rows by a risk column. Unknown values come last."""
    ranks = (When(**{column: risk}, then=Value(rank)) for rank, risk in enumerate(Risk.values))
    return Case(*ranks, default=Value(len(Risk)), output_field=IntegerField())
