"""Which module starts with which old ways: a deck of shapes, dealt round the modules that may carry them.

The two decks are the only place where the distribution over rule kinds is decided. EARLY is paid back
before the status of #1274 was written, MAIN after it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from compliance.demo.modules import Page

# shape -> in how many modules; a shape never comes twice in one module
EARLY = {"accessor": 17, "hooks": 12, "limits": 11}
EARLY_FILES = 17
EARLY_LAYERS = ("repository",)

MAIN = {
    "accessor": 63,
    "hooks": 46,
    "limits": 35,
    "retry": 28,
    "notification": 13,
    "metaclass": 4,
    "bridge_user": 5,
    "registry_user": 3,
    "old_import": 16,
    "no_context": 14,
    "null_notifier": 10,
    "state": 14,
    "shared_return": 11,
    "warning": 4,
}
MAIN_FILES = 109
# Shapes that make sense in one layer only.
HOME = {"warning": "agent"}

MAIN_LAYERS = ("service", "cache", "tool", "events", "index", "agent")

STRIDE = 7
START = 17


def deal(pages: Mapping[str, Page]) -> dict[str, Page]:
    """The pages, with each deck's shapes added to evenly spread modules of its layers."""
    dealt = dict(pages)
    for deck, count, layers in ((EARLY, EARLY_FILES, EARLY_LAYERS), (MAIN, MAIN_FILES, MAIN_LAYERS)):
        holders = _spread([path for path in pages if pages[path].area.partition("/")[2] in layers], count)
        for path, shape in _round(holders, deck, pages):
            page = dealt[path]
            dealt[path] = replace(page, shapes=(*page.shapes, shape), flags=page.flags | {shape})
    return dealt


def _spread(paths: list[str], count: int) -> list[str]:
    return [paths[position * len(paths) // count] for position in range(count)]


def _round(
    holders: list[str], deck: Mapping[str, int], pages: Mapping[str, Page]
) -> Iterator[tuple[str, str]]:
    """Deal until every module has a shape; from then on each shape starts at its own place in the round.

    So some modules carry five and some carry one, as in any real code base. The stride mixes neighbours.
    """
    position, covered = 0, False
    for number, (shape, count) in enumerate(deck.items()):
        fit = [path for path in holders if HOME.get(shape, "") in pages[path].area]
        if covered:
            position = number * START
        for _ in range(count):
            yield fit[position * STRIDE % len(fit)], shape
            position += 1
        covered = covered or position >= len(holders)
