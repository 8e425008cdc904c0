"""Assignments that only give a definition a second name: `old = new`."""

import ast
from collections.abc import Collection

from scanner.fixes.identity.tree import Meaning, TreeModel, identities


def is_alias(model: TreeModel, one: Collection[Meaning], other: Collection[Meaning]) -> bool:
    """Return whether a symbol is bound once, at module level and in every case, to what another one is.

    What rebinds either of them later is not considered.
    """
    return (
        len(one) == 1
        and all(_is_bound_once(meaning) for meaning in (*one, *other))
        and all(_target(model, meaning) == identities(other) for meaning in one)
    )


def _is_bound_once(meaning: Meaning) -> bool:
    module, bound = meaning.module, meaning.bound
    return (
        module is not None
        and bound is not None
        and not meaning.rest
        and not bound.blocks
        and len(module.bound(bound.name)) == 1
    )


def _target(model: TreeModel, meaning: Meaning) -> object:
    """Return the identities of what a binding assigns; None if that is no name."""
    module, bound = meaning.module, meaning.bound
    if module is None or bound is None or not isinstance(bound.node, ast.Assign | ast.AnnAssign):
        return None
    value = bound.node.value
    if not isinstance(value, ast.Name | ast.Attribute):
        return None
    reference = module.by_start.get(module.offset(value))
    if reference is None or reference.ends[-1] != module.end(value):
        return None
    return identities(model.resolve(module, reference))
