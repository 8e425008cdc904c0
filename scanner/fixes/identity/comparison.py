"""Compares what the names of a file refer to before and after its edits."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from scanner.fixes.identity.import_order import runs_early
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Block, Bound, Reference
from scanner.fixes.identity.tree import Meaning, TreeModel, identities
from scanner.fixes.text_edits import Edit

Sketch = tuple[tuple[str, ...], tuple[tuple[str, str, int | None, int | None], ...]]
Exchange = Callable[[tuple[Meaning, ...], tuple[Meaning, ...]], bool]


class Shift:
    """Maps the offsets of a text to those of the text after some edits."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = sorted(set(edits))
        self._starts = [edit.start for edit in self._edits]
        self._by = [0, *accumulate(len(edit.text) - (edit.end - edit.start) for edit in self._edits)]

    def place(self, offset: int) -> int | None:
        """Return an offset after the edits; None if an edit replaces the text there.

        The first offset of a replaced text is the first one of the new text.
        """
        at = bisect_right(self._starts, offset)
        while at and self._edits[at - 1].start == offset < self._edits[at - 1].end:
            at -= 1
        if at and offset < self._edits[at - 1].end:
            return None
        return offset + self._by[at]

    def edit_at(self, offset: int) -> Edit | None:
        """Return the edit whose replaced text begins at or includes an offset."""
        at = bisect_right(self._starts, offset)
        for edit in reversed(self._edits[max(at - 2, 0) : at]):
            if edit.start <= offset < edit.end:
                return edit
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """A reference and what it refers to."""

    reference: Reference
    meanings: tuple[Meaning, ...]

    @property
    def final(self) -> str:
        """Return the names of the definitions, for messages."""
        every = dict.fromkeys(".".join((one.final, *one.rest)) for one in self.meanings)
        return " or ".join(every) if all(one.kind != "local" for one in self.meanings) else "a local name"


@dataclass(frozen=True, slots=True)
class Pair:
    """A reference before the edits, with its meaning then, and the reference in its place after them."""

    was: Place
    now: Reference | None
    line: int


class Comparison:
    """A file before and after its edits. `skip` are edits that change what the code does on purpose."""

    def __init__(self, before: Module, after: Module, edits: Sequence[Edit], skip: Sequence[Edit]) -> None:
        self.before, self.after = before, after
        self._shift = Shift(edits)
        self._skipped = frozenset(skip)

    def pairs(self, model: TreeModel) -> list[Pair]:
        """Return the references whose meaning may change; what they mean now is read from the workspace."""
        new = {_key(one, one.start): one for one in self.after.references}
        found: list[Pair] = []
        for one in self.before.references:
            edit, at = self._shift.edit_at(one.start), self._shift.place(one.start)
            if at is None or (edit is not None and (edit in self._skipped or not edit.text)):
                continue  # removed or replaced on purpose
            now = new.get(_key(one, at))
            if now is None and edit is not None:
                continue
            if (
                now is None
                or _sketch(self.before, one, self._shift.place) != _sketch(self.after, now)
                or self._returns_here(one)
            ):
                line = self.before.line(one.start)
                found.append(Pair(Place(one, model.resolve(self.before, one)), now, line))
        return found

    def _returns_here(self, one: Reference) -> bool:
        """Return whether an import may lead back to this module."""
        own = self.before.name
        return any(
            f"{own}.".startswith(f"{bound.target}.") or bound.target.startswith(f"{own}.")
            for bound in one.bindings()
            if bound.target
        )

    def faults(self, model: TreeModel, pairs: Sequence[Pair], exchange: Exchange) -> Iterator[str]:
        """Yield what is wrong with each reference whose meaning changes against the plan."""
        for pair in pairs:
            if pair.now is None:
                parts = ".".join(pair.was.reference.parts)
                yield f"line {pair.line} would no longer use {parts}"
            else:
                now = Place(pair.now, model.resolve(self.after, pair.now))
                yield from self._faults_of(pair.was, now, pair.line, exchange)

    def lost_attributes(self) -> Iterator[str]:
        """Yield the attributes that a class would lose."""
        kept = {scope.at: scope for scope in self.after.scopes if scope.kind == "class"}
        for scope in self.before.scopes:
            at = self._shift.place(scope.at) if scope.kind == "class" else None
            edit = self._shift.edit_at(scope.at)
            if at is None or at not in kept or (edit is not None and not edit.text):
                continue
            for name in sorted(scope.bound.keys() - kept[at].bound.keys()):
                if not all(self._is_skipped(bound) for bound in scope.bound[name]):
                    yield f"the class {scope.name} would lose its attribute {name}"

    def _is_skipped(self, bound: Bound) -> bool:
        return self._shift.edit_at(self.before.offset(bound.node)) in self._skipped

    def _faults_of(self, was: Place, now: Place, line: int, exchange: Exchange) -> Iterator[str]:
        if self._identities(was) != identities(now.meanings) and not (
            _may_follow(was.reference) and exchange(was.meanings, now.meanings)
        ):
            word = ".".join(now.reference.parts)
            yield f"{word} on line {line} would refer to {_nothing(now)} instead of {was.final}"
        elif was.reference.use == "load" and not now.reference.lazy and (fault := self._late(was, now)):
            yield fault.format(word=".".join(now.reference.parts), line=line)

    def _identities(self, place: Place) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Return what a place was, with the scopes of local names where they are now."""
        found = set()
        for one in place.meanings:
            final = one.final
            if one.kind == "local" and one.bound is not None and one.module is self.before:
                at = self._shift.place(one.bound.scope.at)
                final = f"{self.before.name}:{at}:{one.bound.name}"
            found.add((final, one.rest))
        return frozenset(found)

    def _late(self, was: Place, now: Place) -> str:
        """Return why a name may not be bound yet when it is read, if it was bound before."""
        held = _binding(now)
        if held is None or held in self._moved(_binding(was), held):
            return ""
        reference = now.reference
        same = held.scope is reference.scope or (
            held.scope is self.after.root and runs_early(self.after, reference, held.at)
        )
        was_held = _binding(was)
        if same and held.at > reference.start and (was_held is None or was_held.at <= was.reference.start):
            return "{word} would be used on line {line}, before it is defined on import"
        outer = self._blocks_of(was_held) if was_held is not None else ()
        if not _within(
            held.blocks, reference.blocks if held.scope is reference.scope else ()
        ) and not _within(held.blocks, outer):
            return "{word} on line {line} would depend on a branch that may not run"
        return ""

    def _moved(self, was: Bound | None, held: Bound) -> tuple[Bound, ...]:
        """Return the binding if it is the one of before at its new offset."""
        if was is None or was.name != held.name or was.kind != held.kind:
            return ()
        return (
            (held,) if self._shift.place(self.before.offset(was.node)) == self.after.offset(held.node) else ()
        )

    def _blocks_of(self, bound: Bound) -> tuple[Block, ...]:
        shifted = ((self._shift.place(block.at), block.branch) for block in bound.blocks)
        return tuple(Block(at, branch) for at, branch in shifted if at is not None)


def _key(one: Reference, at: int) -> tuple[int, str]:
    return at, one.parts[0] if one.use == "declare" else ""


def _sketch(
    module: Module, one: Reference, place: Callable[[int], int | None] = lambda offset: offset
) -> Sketch:
    """Return a reference with its bindings, whose offsets `place` maps to those after the edits."""
    return one.parts, tuple(
        (bound.kind, bound.target, place(module.offset(bound.node)), place(bound.scope.at))
        for bound in one.bindings()
    )


def _may_follow(one: Reference) -> bool:
    """Return whether a reference may refer to the replacement: it reads, declares or deletes the name."""
    return one.use in {"load", "declare"} or (one.use == "del" and len(one.parts) == 1)


def _within(inner: tuple[Block, ...], outer: tuple[Block, ...]) -> bool:
    """Return whether code in the blocks `outer` runs only after the blocks `inner` have been entered."""
    return inner == outer[: len(inner)]


def _binding(place: Place) -> Bound | None:
    """Return the binding of the name with which a reference begins, if there is exactly one."""
    reference = place.reference
    bound = reference.bindings()
    return bound[0] if len(bound) == 1 else None


def _nothing(place: Place) -> str:
    return "nothing" if all(one.kind == "missing" for one in place.meanings) else place.final
