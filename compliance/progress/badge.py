"""The status badge, as SVG and as JSON for shields.io."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from compliance.lib.theme import colour
from compliance.models import Repository
from compliance.progress.summary import Summary

LABEL = "SSOT compliance"
CACHE_SECONDS = 300
_PADDING = 5
# Advance widths of the characters U+0020 to U+007E in Verdana, the font of shields.io badges, in thousandths
# of an em.
_WIDTHS = (
    *(352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454),
    *(636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545),
    *(1000, 684, 686, 698, 771, 632, 575, 775, 751, 421, 455, 693, 557, 843, 748, 787),
    *(603, 787, 695, 684, 616, 732, 684, 989, 685, 615, 685, 454, 454, 454, 818, 636),
    *(636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592, 274, 973, 633, 607),
    *(623, 623, 427, 521, 394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818),
)
_WIDEST = 1000
_SIZE = 11

STATES = ("reached", "under way", "backwards", "no files", "unknown", "stale")
COLORS = {state: colour(f"badge-{state.replace(' ', '-')}").removeprefix("#") for state in STATES}


@dataclass(frozen=True, slots=True)
class Badge:
    """Label and text of a badge, and a state, which is a key in COLORS."""

    label: str
    message: str
    state: str

    @property
    def color(self) -> str:
        """Return the colour as six hexadecimal digits."""
        return COLORS[self.state]


def badge(repository: Repository, summary: Summary) -> Badge:
    """Return the badge for a repository. Its text states everything that the colour conveys."""
    if summary.snapshot is None:
        return Badge(LABEL, "unknown", "unknown")
    if summary.percent is None:
        return Badge(LABEL, "no files", "no files")
    figure = f"{summary.percent:.1f}%"
    if repository.trouble:
        return Badge(LABEL, f"{figure}, may be out of date", "stale")
    words = {"reached": ", target reached", "backwards": ", going backwards"}.get(summary.state, "")
    return Badge(LABEL, f"{figure}{words}", summary.state)


def width(text: str) -> float:
    """Return the width of a text in 11-pixel Verdana. Characters outside ASCII are assumed to be wide."""
    thousandths = sum(_WIDTHS[ord(c) - 32] if " " <= c <= "~" else _WIDEST for c in text)
    return thousandths * _SIZE / 1000


def svg(said: Badge) -> str:
    """Return the badge in the flat style of shields.io, 20 pixels high.

    Each text is stretched or compressed to its computed width, so that it fits with any font.
    """
    label, message = width(said.label), width(said.message)
    left, right = round(label + 2 * _PADDING), round(message + 2 * _PADDING)
    return render_to_string(
        "badge/badge.svg",
        {
            "badge": said,
            "width": left + right,
            "left": left,
            "right": right,
            # Like shields.io, draw text at ten times its size and scale it down, which allows finer
            # positioning.
            "texts": (
                {"text": said.label, "middle": left * 5, "length": round(label * 10)},
                {"text": said.message, "middle": left * 10 + right * 5, "length": round(message * 10)},
            ),
        },
    )


def shields(said: Badge) -> dict[str, Any]:
    """Return the badge for the shields.io endpoint (https://shields.io/badges/endpoint-badge)."""
    return {
        "schemaVersion": 1,
        "label": said.label,
        "message": said.message,
        "color": said.color,
        "isError": said.state in ("unknown", "stale"),
        "cacheSeconds": CACHE_SECONDS,
    }
