"""Received evidence: the results of test suites, taken from test reports, and measured values."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import NO_NUL
from compliance.models import Measurement, SuiteResult

router = Router(tags=["evidence"])


class SuiteOut(Schema):
    """The combined result of a suite from all test reports for a commit.

    `failing` names the first tests that failed or ended with an error. `recorded` is true if the commit is on
    the tracked branch.
    """

    suite: str
    sha: str
    recorded: bool
    passed: int
    failed: int
    errors: int
    skipped: int
    failing: list[str]
    source: str
    received_at: datetime


class ValueOut(Schema):
    """A value that was measured at a commit."""

    name: str
    sha: str
    recorded: bool
    value: float
    unit: str
    received_at: datetime


class NameAsked(Schema):
    """Filter: the name of the suite or measurement."""

    name: str = Field("", max_length=200, pattern=NO_NUL)


@router.get("/{slug}/suite-results", response=Page[SuiteOut], summary="List test suite results")
def suites(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[NameAsked], paged: Query[Paged]
) -> Page[SuiteOut]:
    """List results, newest first."""
    rows = SuiteResult.objects.filter(repository=repository_of(request, slug)).select_related("commit")
    rows = rows.filter(suite=asked.name) if asked.name else rows
    return page(request, response, rows, paged, _suite, newest_first=True)


@router.get("/{slug}/measurements", response=Page[ValueOut], summary="List measurements")
def measurements(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[NameAsked], paged: Query[Paged]
) -> Page[ValueOut]:
    """List measured values, newest first."""
    rows = Measurement.objects.filter(repository=repository_of(request, slug)).select_related("commit")
    rows = rows.filter(name=asked.name) if asked.name else rows
    return page(request, response, rows, paged, _value, newest_first=True)


def _suite(row: SuiteResult) -> SuiteOut:
    same = {name: getattr(row, name) for name in SuiteOut.model_fields if name != "recorded"}
    return SuiteOut(**same, recorded=row.commit is not None and row.commit.position is not None)


def _value(row: Measurement) -> ValueOut:
    same = {name: getattr(row, name) for name in ValueOut.model_fields if name != "recorded"}
    return ValueOut(**same, recorded=row.commit is not None and row.commit.position is not None)
