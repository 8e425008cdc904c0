"""The API at /api/v1/: one file per resource, each with a `router`; README and docs/api.md show its use.

To add a resource, write its file and name its router in `ROUTERS`.
"""

from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI, Router

from compliance.api import measurements, repositories, test_reports
from compliance.api.access import Bearer
from compliance.api.problems import explain, guard, nowhere
from compliance.models import Token

ROUTERS: tuple[Router, ...] = (repositories.router, test_reports.router, measurements.router)

api = NinjaAPI(
    title="SSOT compliance",
    version="1",
    description="What the pages show and do, for programs. Errors are problem details (RFC 9457).",
    urls_namespace="api",
    docs_url=None,  # its page would load scripts from other hosts
    auth=Bearer(Token.Scope.READ),
)
explain(api)
for router in ROUTERS:
    api.add_router("/repositories", router)


def addresses() -> list[URLPattern | URLResolver]:
    """The addresses below /api/v1/; what is none of them is answered in the same manner."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        pattern.callback = guard(pattern.callback)
    return [*patterns, path("<path:rest>", nowhere)]
