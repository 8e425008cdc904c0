"""Extends edits so that import blocks that were sorted before them are sorted afterwards."""

from collections.abc import Iterator, Sequence

from scanner.fixes.import_order import isort_sorter, ruff_sorter
from scanner.fixes.import_order.block import Sorter, UnsortedBlock, touch_imports
from scanner.fixes.import_order.isort_settings import IsortSettings, read_isort_settings
from scanner.fixes.import_order.ruff_settings import RuffSettings, read_ruff_settings
from scanner.fixes.import_order.tree_files import TreeFiles
from scanner.fixes.text_edits import Edit, apply_edits, compose, origin_of, ranges_after


class ImportOrder:
    """The order of imports in a revision, as its settings for ruff and isort define it."""

    def __init__(self, files: TreeFiles) -> None:
        self._files = files

    def keep(self, path: str, before: bytes, steps: Sequence[Sequence[Edit]]) -> list[Edit]:
        """Return the edits of the last step, extended so that they keep sorted import blocks sorted.

        `before` is the text before the first step. A block is sorted only if it was sorted there, according
        to the same sorter and the same settings. Other blocks, and those that a sorter cannot judge, stay as
        the steps leave them.
        """
        every = [*steps]
        current = before
        for step in steps[:-1]:
            current = apply_edits(current, step)
        text = apply_edits(current, steps[-1])
        edits = list(steps[-1])
        touched = [(edit.start, edit.end) for edit in edits]
        if not touch_imports(current, path, touched) and not touch_imports(text, path, ranges_after(edits)):
            return edits  # the sorters take longer than everything else
        for sort in self._sorters(path, before + text):
            unsorted = sort(text)
            was = sort(before) if unsorted else None
            if not unsorted or was is None:
                continue
            fixes = [edit for block in unsorted if _was_sorted(block, was, every) for edit in block.edits]
            if fixes:
                every.append(fixes)
                text = apply_edits(text, fixes)
                edits = compose(current, edits, fixes)
        return edits

    def _sorters(self, path: str, texts: bytes) -> Iterator[Sorter]:
        """Yield the sorters that may have sorted a file; the last one decides if they disagree."""
        ruff = read_ruff_settings(self._files, path)
        isort = read_isort_settings(self._files, path)
        by_ruff = self._by_ruff(path, ruff, texts)
        if isort is None:
            yield by_ruff
        elif isort.is_explicit and not ruff.is_explicit:
            yield by_ruff
            yield self._by_isort(path, isort)
        else:
            yield self._by_isort(path, isort)
            yield by_ruff

    def _by_ruff(self, path: str, settings: RuffSettings, texts: bytes) -> Sorter:
        options = tuple(settings.options(self._files, path, texts.decode()))
        return lambda data: ruff_sorter.find_unsorted(data, path, options)

    def _by_isort(self, path: str, settings: IsortSettings) -> Sorter:
        return lambda data: isort_sorter.find_unsorted(data, path, self._files, settings)


def _was_sorted(block: UnsortedBlock, was: Sequence[UnsortedBlock], steps: Sequence[Sequence[Edit]]) -> bool:
    """Return whether a block overlaps none of the blocks that were not sorted before the steps."""
    start, end = block.start, block.end
    for step in reversed(steps):
        start, end = origin_of(step, start, is_end=False), origin_of(step, end, is_end=True)
    return not any(other.start < end and start < other.end for other in was)
