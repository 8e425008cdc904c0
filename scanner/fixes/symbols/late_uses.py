"""Finds the uses of a symbol that look it up whenever they run, so that they see a mock of it."""

from collections.abc import Iterator

from scanner.fixes.context import FixContext
from scanner.fixes.identity.rebinding import late_uses
from scanner.fixes.identity.tree import model_of
from scanner.model import RepoPath


def uses_that_stay(context: FixContext, symbol: str) -> Iterator[tuple[RepoPath, int]]:
    """Yield the path and line of each such use.

    A definition that any rule lists goes as well, so its own uses do not count.
    """
    rules = (rule for rule in context.plan.rules if rule.kind == "deprecated-symbol")
    listed = [each for rule in rules for each in rule.options["symbols"]]
    workspace, here = context.workspace, RepoPath(context.source.path)
    yield from late_uses(workspace, model_of(workspace), symbol, listed, here)
