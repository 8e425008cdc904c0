"""The complete API: routers, schema and URLs."""

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter
from ninja import NinjaAPI, Router
from ninja.errors import HttpError
from ninja.parser import Parser

from compliance.api import (
    activity,
    approvals,
    charts,
    claims,
    commits,
    drafts,
    evidence,
    files,
    issues,
    links,
    marks,
    measurements,
    phases,
    plans,
    repositories,
    scans,
    test_reports,
    violations,
    waivers,
    work,
)
from compliance.api.authentication import Bearer
from compliance.api.problems import PROBLEM, explain, nowhere, refusal
from compliance.api.request_gate import Paths, check_address, guard
from compliance.lib.json_documents import check_bounds
from compliance.models import Token

ROUTERS: tuple[Router, ...] = (
    repositories.router,
    commits.router,
    violations.router,
    files.router,
    claims.router,
    work.router,
    waivers.router,
    issues.router,
    phases.router,
    approvals.router,
    charts.router,
    marks.router,
    plans.router,
    drafts.router,
    scans.router,
    links.router,
    evidence.router,
    test_reports.router,
    measurements.router,
)


ROOT = "/api/v1/"


class WhateverConverter(StringConverter):
    """Matches any text, including newlines."""

    regex = "(?s:.+)"


register_converter(WhateverConverter, "whatever")


class JsonParser(Parser):
    """Parses JSON bodies of bounded depth and size."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value. Raises `JsonError`."""
        check_bounds(request.body)
        return json.loads(request.body)


class Api(NinjaAPI):
    """Names operations after their resource and adds the error response to each."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Check the address: the library calls this for an admitted token, before it reads any value.

        Raises `HttpError`. Whoever lacks the scope learns that, and not what else is wrong.
        """
        check_address(request, _paths())
        return super().create_temporal_response(request)

    def get_openapi_operation_id(self, operation: Any) -> str:
        """Return a name such as `claims_release`; clients are generated from these names, so they must not
        change.
        """
        return f"{operation.view_func.__module__.rpartition('.')[2]}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **more: Any) -> Any:
        """Return the library's schema with the problem response added to every operation."""
        schema = super().get_openapi_schema(**{"path_prefix": ROOT, **more})
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = PROBLEM
        return schema


def _known(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Require authentication for the schema."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            Bearer(None)(request)
            check_address(request, _paths())
        except HttpError as error:
            return refusal(error)
        return view(request, *args, **kwargs)

    return checked


api = Api(
    title="SSOT compliance",
    version="1",
    description="Everything the pages show and do, as a REST API. Errors are problem details (RFC 9457).",
    urls_namespace="api",
    parser=JsonParser(),
    docs_url=None,  # its page would load scripts from other hosts
    docs_decorator=_known,
    auth=Bearer(Token.Scope.READ),
)
explain(api)
for router in ROUTERS:
    api.add_router("/repositories", router)
api.add_router("/activity", activity.router)


@cache
def _paths() -> Paths:
    paths: Paths = api.get_openapi_schema()["paths"]
    return paths


def addresses() -> list[URLPattern | URLResolver]:
    """Return the URLs below /api/v1/; an unknown one is answered with a problem response as well."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        pattern.callback = guard(pattern.callback)
    return [*patterns, path("<whatever:rest>", nowhere)]
