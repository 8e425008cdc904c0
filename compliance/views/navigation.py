"""The navigation of a repository, which links to each page whose module defines NAVIGATION."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from django.http import HttpRequest

from compliance import views
from compliance.views.access import ANONYMOUS_URL_NAMES


class NavigationLink(NamedTuple):
    """A link to a page of a repository. It is marked as current if the page's `section` is the link's
    `name`.
    """

    order: int
    title: str
    name: str

    @property
    def is_public(self) -> bool:
        """Return true if the link is shown to anonymous visitors when ANONYMOUS_READING is set."""
        return self.name in ANONYMOUS_URL_NAMES


def navigation(_request: HttpRequest) -> dict[str, tuple[NavigationLink, ...]]:
    """Return the template variable `navigation`, which contains all links in order."""
    return {"navigation": _links()}


@cache
def _links() -> tuple[NavigationLink, ...]:
    modules = (import_module(f"{views.__name__}.{module.name}") for module in iter_modules(views.__path__))
    return tuple(sorted(module.NAVIGATION for module in modules if hasattr(module, "NAVIGATION")))
