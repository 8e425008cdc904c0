"""The published JSON Schema of the plan format, which editors load to complete and check plan files."""

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from compliance import scans
from compliance.lib.http_cache import conditional_response, etag_of

CACHE_CONTROL = "public, max-age=3600"


@login_not_required
@require_safe
def plan_schema(request: HttpRequest) -> HttpResponseBase:
    """Return the schema. It has nothing of this installation, and editors can't sign in."""
    text = json.dumps(scans.plan_schema(), indent=2)

    def make() -> HttpResponse:
        return HttpResponse(text, content_type="application/schema+json")

    return conditional_response(request, etag_of(text), make, CACHE_CONTROL)


URLS = [path("plan-schema.json", plan_schema, name="plan-schema")]
