"""The replacement for a deprecated name, and its signature."""

from dataclasses import dataclass
from typing import Self

from scanner.fixes.context import FixContext
from scanner.fixes.identity.callables import know
from scanner.fixes.identity.tree import model_of
from scanner.fixes.model import RefusedError
from scanner.fixes.reach.bindings import Need
from scanner.plan import RuleSpec
from scanner.python.signatures import Signature


@dataclass(frozen=True, slots=True)
class Replacement:
    """A replacement: its full name, the arguments that each call must pass, and its signature if known."""

    symbol: str
    needs: tuple[Need, ...]
    signature: Signature | None

    @property
    def last(self) -> str:
        """Return the name that code uses after importing the replacement."""
        return self.symbol.rpartition(".")[2]

    @property
    def module(self) -> str:
        """Return the module from which code imports the replacement; `builtins` needs no import."""
        return self.symbol.rpartition(".")[0]

    @classmethod
    def of(cls, context: FixContext, spec: RuleSpec) -> Self:
        """Return a rule's replacement. Raises RefusedError if there is no usable one yet."""
        if spec.replacement is None:
            raise RefusedError(f"the plan has no replacement for the rule {spec.id}")
        symbol = spec.replacement.symbol
        module, _, last = symbol.rpartition(".")
        workspace = context.workspace
        if workspace.has_package(module.partition(".")[0]) and not workspace.defines(symbol):
            raise RefusedError(f"{module} does not define {last} yet: add it first")
        needs = tuple(Need(name, kind) for name, kind in spec.replacement.arguments.items())
        known = know(model_of(workspace), symbol)
        return cls(symbol, needs, known.signature or workspace.signature(symbol))
