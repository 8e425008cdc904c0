"""The pages, one module each. Every page requires a sign-in unless its view is marked otherwise.

A module lists its addresses in REPOSITORY_URLS, relative to a repository's address, and in URLS; both are
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


register_converter(ShaConverter, "sha")  # before any module below uses it


def addresses(attribute: str) -> Iterator[URLPattern]:
    """Yield the URL patterns that the modules of this folder list under a name, in order of module name."""
    for module in iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), attribute, ())
