"""Assignments that only give a definition a second name: `old = new`."""

import ast
from collections.abc import Collection

from scanner.fixes.identity.tree import Meaning, TreeModel, identities


def is_alias(model: TreeModel, one: Collection[Meaning], other: Collection[Meaning]) -> bool:
    """Return whether a symbol is bound once, at module level and in every case, to what another one is.

    What rebinds either of them later is not considered.
    """
    if len(one) != 1 or not other or not all(map(_is_bound_once, (*one, *other))):
        return False
    (meaning,) = one
    return identities(_assigned(model, meaning)) == identities(other)


def _is_bound_once(meaning: Meaning) -> bool:
    module, bound = meaning.module, meaning.bound
    if module is None or bound is None or meaning.rest:
        return False
    return not bound.blocks and len(module.bound(bound.name)) == 1


def _assigned(model: TreeModel, meaning: Meaning) -> tuple[Meaning, ...]:
    """Return what a binding assigns, or nothing if that is no name."""
    module, bound = meaning.module, meaning.bound
    if module is None or bound is None or not isinstance(bound.node, ast.Assign | ast.AnnAssign):
        return ()
    value = bound.node.value
    if not isinstance(value, ast.Name | ast.Attribute):
        return ()
    reference = module.by_start.get(module.offset(value))
    if reference is None or reference.ends[-1] != module.end(value):
        return ()
    return tuple(model.resolve(module, reference))
