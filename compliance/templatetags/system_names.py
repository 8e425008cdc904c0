"""Plain names for what the system page lists: periodic tasks, processes and tables."""

from django import template
from django.apps import apps

register = template.Library()

TASK_TITLES = {
    "sweep": "Upkeep of queue, events and outbox",
    "poll": "Looking for new commits",
    "pulls": "Listing of open pull requests",
    "dates": "Claims, waivers and digests that are due",
    "problems": "Reports of lasting problems",
    "late": "Reports of late forecasts",
    "prune": "Deletion of what is out of date",
    "digests": "Weekly digests",
    "forecasts": "Record of the week's forecasts",
}
"""Maps each periodic task to its name on the page."""

_HEARTBEATS = {"pull requests": "pulls"}
"""Tasks whose heartbeat has another name than the task."""

_PROGRAMS = {"worker": "Worker", "beat": "Scheduler"}


@register.filter
def task_title(name: str) -> str:
    """Return a periodic task's title, which is its name by default."""
    return TASK_TITLES.get(name, name)


@register.filter
def process_title(name: str) -> str:
    """Return what sends a heartbeat: a program with its machine and process id, or a task."""
    program, _, place = name.partition(" ")
    if place and program in _PROGRAMS:
        return _PROGRAMS[program]
    return task_title(_HEARTBEATS.get(name, name))


@register.filter
def table_title(name: str) -> str:
    """Return what a row of a table is, or the table's name if it isn't one of the product's models."""
    metas = (model._meta for model in apps.get_models(include_auto_created=True))  # noqa: SLF001  (public)
    words = next((str(meta.verbose_name) for meta in metas if meta.db_table == name), name)
    return f"{words[0].upper()}{words[1:]}"
