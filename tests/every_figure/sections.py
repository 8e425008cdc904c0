"""What overview, public page and first page have in common: movement, phases, risks, what broke."""

from collections.abc import Iterator

from django.utils import timezone

from tests.every_figure.dom import Element
from tests.every_figure.truth import Truth, name, same

RISKS = ("critical", "high", "medium", "low")


def movement(truth: Truth, text: str) -> Iterator[str]:
    """How the figure moved in a week, in words."""
    points = truth.told.week(timezone.now())
    if not points:
        word = "No older figure" if points is None else "Moved by less"
        if not text.startswith((word, "Unchanged")):
            yield f"movement: says “{text}”, but it is {points}"
        return
    word = "Up" if points > 0 else "Down"
    if f"{word} {abs(points):.1f} points" not in text:
        yield f"movement: says “{text}”, but it is {points}"


def bar(what: str, row: Element, part: int, whole: int) -> Iterator[str]:
    """The width of a bar."""
    width = float(row.one("rect", "bar-done").attributes["width"])
    yield from same(f"{what}, bar", width, round(100 * part / whole, 2) if whole else 0)


def risks(truth: Truth, section: Element, *, linked: bool) -> Iterator[str]:
    """What is left of each risk, worst first."""
    rows = section.all("li")
    yield from same("risks", len(rows), len(RISKS))
    for risk, row in zip(RISKS, rows, strict=False):
        left, files = truth.told.of("risk", risk)
        shown = row.numbers()
        yield from same(f"risk {risk}", shown, [left] if linked and not left else [left, files])


def broken(truth: Truth, section: Element, most: int = 5) -> Iterator[str]:
    """The newest commits after the baseline that introduced violations or reopened a phase."""
    rows = [numbers for _, *numbers in truth.regressions[:most]]
    shown = [row.one("p", "broken-what").numbers(name) for row in section.all("li")]
    yield from same("what broke", shown, [[number for number in row if number] for row in rows])
