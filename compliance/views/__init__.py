"""The pages, one module each. Every page requires a sign-in unless its view is marked otherwise.

A module lists its URL patterns in REPOSITORY_URLS, relative to a repository's URL, and in URLS. Both are
discovered automatically.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern, register_converter
from django.urls.converters import StringConverter


class ShaConverter(StringConverter):
    """Matches a commit SHA, full or abbreviated to at least seven digits."""

    regex = "[0-9a-fA-F]{7,64}"


register_converter(ShaConverter, "sha")  # must be registered before any of the modules below uses it


def addresses(attribute: str) -> Iterator[URLPattern]:
    """Yield the URL patterns that the modules here define under `attribute`, ordered by module name."""
    for module in iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), attribute, ())
