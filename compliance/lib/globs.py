"""Path globs of waivers and filters, matched by the engine, so that they mean the same as a plan's globs.

The paths are fetched and matched in Python, because the database's regular expressions have other rules for
character classes and ranges and reject some that a plan allows.
"""

import re
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from scanner import glob_problem, path_matches

_Row = TypeVar("_Row", bound=Model)

__all__ = ["glob_problem", "is_glob", "matches", "matching_rows"]


def is_glob(text: str) -> bool:
    """Return whether a filter's text is a glob; any other text matches as part of a path."""
    return any(wildcard in text for wildcard in "*?[")


def matches(glob: str, path: str) -> bool:
    """Return whether a glob matches a path; a malformed glob matches none."""
    try:
        return path_matches((glob,), path)
    except re.error:
        return False


def matching_rows(rows: QuerySet[_Row], glob: str) -> QuerySet[_Row]:
    """Return the rows whose `path` a glob matches; costs one query for the paths."""
    found = [pk for pk, path in rows.values_list("pk", "path") if matches(glob, path)]
    # One array instead of one parameter per row: 25,000 parameters take a second.
    return rows.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [found]))
