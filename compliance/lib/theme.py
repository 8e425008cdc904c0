"""Reads the colours, glyphs and numbers of the themes from static/css/theme.css, to draw on the server."""

import re
from functools import cache
from typing import Literal, NamedTuple

from compliance.lib.product_files import STATIC_FOLDER

STYLESHEET = STATIC_FOLDER / "css" / "theme.css"
_BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PROPERTY = re.compile(r"--([\w-]+): ([^;]+);")
_REFERENCE = re.compile(r"var\(--([\w-]+)\)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

Scheme = Literal["light", "dark"]


class Glyph(NamedTuple):
    """The marker for one kind of event: its SVG path, centered on (0, 0), its stroke and its fill."""

    path: str
    stroke: str
    fill: str


@cache
def _properties(scheme: Scheme) -> dict[str, str]:
    """Return the custom properties that apply in a theme, in the order of the stylesheet."""
    css = _COMMENT.sub("", STYLESHEET.read_text(encoding="utf-8"))
    return {
        name: value
        for selector, body in _BLOCK.findall(css)
        if ":root" in selector or (scheme == "dark" and '"dark"' in selector)
        for name, value in _PROPERTY.findall(body)
    }


def colour(name: str, scheme: Scheme = "light") -> str:
    """Return the value of the custom property `--name`, with references to other properties resolved."""
    value = _properties(scheme)[name]
    reference = _REFERENCE.fullmatch(value)
    return colour(reference[1], scheme) if reference else value


def number(name: str) -> int:
    """Return the custom property `--name` as an integer."""
    return int(colour(name))


@cache
def glyphs() -> dict[str, Glyph]:
    """Return the glyph for each kind of event, in the order in which legends list them."""
    names = {kind: f"glyph-{kind.replace(' ', '-')}" for kind in colour("glyph-kinds").strip('"').split(", ")}
    return {
        kind: Glyph(colour(name).strip('"'), colour(f"{name}-stroke"), colour(f"{name}-fill"))
        for kind, name in names.items()
    }
