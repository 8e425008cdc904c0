"""The system page for administrators: sizes, queues, processes, versions and retention."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.accounts.roles import Role, needs
from compliance.jobs.retention import Limit
from compliance.lib.wording import count_of
from compliance.queries.system import read_system


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def system(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    state = read_system()
    context = {
        "section": "system",
        "system": state,
        "size": filesizeformat(state.size),
        "tables": [(table, filesizeformat(table.size)) for table in state.tables],
        "retention": [(limit, _age(limit)) for limit in state.retention],
    }
    return render(request, "system/page.html", context)


def _age(limit: Limit) -> str:
    return f"after {count_of(limit.days, 'day')}" if limit.days else "at once"


URLS = [path("system/", system, name="system")]
