"""What an address asks a list for, made safe for Postgres, and as conditions on its columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.http import QueryDict
from django.utils.text import Truncator

from compliance.charts.context import scene
from compliance.charts.risks import RISKS
from compliance.lib.globs import as_regex
from compliance.models import Issue, Phase, Repository

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Field:
    """One filter of a list as a reader sees it: what may be chosen, each with its words, and what is."""

    label: str
    name: str
    values: Iterable[tuple[str, str]]
    chosen: str
    without: str
    """The query of the list without this filter."""

    @property
    def words(self) -> str:
        """What is chosen, in words; as it was given where it is none of what may be."""
        return dict(self.values).get(self.chosen, self.chosen)


def fields(query: QueryDict, told: Iterable[tuple[str, str, Iterable[tuple[str, str]], str]]) -> list[Field]:
    """The filters of a list; of each is told its label, its name, what may be chosen and what is."""
    made = []
    for label, name, values, chosen in told:
        rest = query.copy()
        for gone in (name, "page"):
            rest.pop(gone, None)
        made.append(Field(label, name, values, chosen, f"?{rest.urlencode()}"))
    return made


def word(query: QueryDict, name: str) -> str:
    """The value of a filter, empty without one; NUL cannot stand in Postgres' text, so it is taken out."""
    return query.get(name, "").replace("\0", "").strip()[:_LONGEST]


def words(query: QueryDict, name: str) -> tuple[str, ...]:
    """Every value of a filter that may be given more than once."""
    return tuple(value.replace("\0", "") for value in query.getlist(name) if value)


def under(path: str, column: str = "path") -> dict[str, str]:
    """The condition that a column's path fits: a glob where it has * or ?, else a part of the path."""
    if "*" in path or "?" in path:
        return {f"{column}__regex": as_regex(path)}
    return {f"{column}__icontains": path} if path else {}


def alike(*, phase: str, issue: str, **same: str) -> dict[str, Any]:
    """The conditions that a violation has these properties; an empty word asks for nothing."""
    wanted = {**same, "phases__contains": phase and [phase], "issues__contains": issue and [issue]}
    return {lookup: value for lookup, value in wanted.items() if value}


def choices(repository: Repository) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer, each with its value and its words; three queries."""
    newest = scene(repository).snapshot
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
    """Choices whose words are their values."""
    return [(value, value) for value in values]


def worst_first(column: str) -> Case:
    """The rank of a column's risk, to order by; what is none of them comes last."""
    ranks = (When(**{column: risk}, then=Value(rank)) for rank, risk in enumerate(RISKS))
    return Case(*ranks, default=Value(len(RISKS)), output_field=IntegerField())
