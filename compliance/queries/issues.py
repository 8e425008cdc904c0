"""Finds issues of the active plan by their keys."""

from django.http import Http404

from compliance.charts.context import ChartContext
from compliance.models import Issue


def find(scene: ChartContext, key: str) -> Issue:
    """Return an issue of the active plan by its key, which may contain any character.

    If no issue has exactly this key, one whose key differs in case is returned, because people type the keys
    of trackers in lower case. Raises Http404 if there is none.
    """
    found = [issue for issue in scene.issues if issue.key.casefold() == key.casefold()]
    exact = [issue for issue in found if issue.key == key]
    for issue in exact or found:
        return issue
    raise Http404(f"The active plan doesn't reference an issue “{key}”.")
