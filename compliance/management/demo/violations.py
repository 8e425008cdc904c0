"""The initial violations in each module: the patterns in `sources/violations.yaml`, distributed evenly."""

from collections.abc import Iterator, Mapping

import yaml

from compliance.management.demo.templates import source

ONLY_IN = {"warning": "agent"}
"""Patterns that only make sense in one layer."""

STRIDE = 7
START = 17


def spread(areas: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the patterns for each module, given every module's area, which is `domain/layer`."""
    held: dict[str, tuple[str, ...]] = dict.fromkeys(areas, ())
    for table in yaml.safe_load(source("violations.yaml")):
        fit = [path for path, area in areas.items() if area.partition("/")[2] in table["layers"]]
        modules = [fit[position * len(fit) // table["modules"]] for position in range(table["modules"])]
        for path, pattern in _assign(modules, table["patterns"], areas):
            held[path] += (pattern,)
    return held


def _assign(
    modules: list[str], table: Mapping[str, int], areas: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Assign patterns in rounds until every module has one. Each pattern then starts at a different module.

    As in a real code base, some modules therefore have five patterns and others have one. The stride prevents
    neighbouring modules from having the same patterns.
    """
    position, covered = 0, False
    for number, (pattern, count) in enumerate(table.items()):
        fit = [path for path in modules if ONLY_IN.get(pattern, "") in areas[path]]
        if covered:
            position = number * START
        for _ in range(count):
            yield fit[position * STRIDE % len(fit)], pattern
            position += 1
        covered = covered or position >= len(modules)
