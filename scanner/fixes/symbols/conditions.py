"""What must hold where a symbol is used: the replacement has to do there what the old symbol does."""

import ast
from functools import cached_property
from typing import Self
from weakref import WeakKeyDictionary

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.identity.aliases import is_alias
from scanner.fixes.identity.callables import Knowledge, accepts, know
from scanner.fixes.identity.expressions import last_name
from scanner.fixes.identity.foundations import MOST, Foundation, Foundations
from scanner.fixes.identity.indirect_calls import indirect_problem, is_passed_on
from scanner.fixes.identity.instances import Member
from scanner.fixes.identity.members import problem_of, used_members
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.rebinding import Rebinding, is_late, rebindings
from scanner.fixes.identity.scopes import Reference
from scanner.fixes.identity.tree import identities, model_of
from scanner.fixes.identity.type_tests import (
    TYPE_TESTS,
    creations,
    elsewhere_used,
    is_creation,
    is_type_test,
    type_tests,
)
from scanner.fixes.identity.unclear_uses import unclear_uses
from scanner.fixes.model import RefusedError
from scanner.fixes.symbols.late_uses import uses_that_stay
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath

_FOUNDATIONS: "WeakKeyDictionary[Workspace, Foundations]" = WeakKeyDictionary()
_KNOWN: "WeakKeyDictionary[Workspace, tuple[int, dict[tuple[str, str, str], Conditions]]]" = (
    WeakKeyDictionary()
)


def require(context: FixContext, target: Replacement, symbol: str, node: Node) -> None:
    """Raise RefusedError if a replacement would not do at a place what the old symbol does."""
    Conditions.of(context, target, symbol).require(node)


def must_be_late(context: FixContext, target: Replacement, symbol: str) -> bool:
    """Return whether uses must look the replacement up in its module whenever they run."""
    return Conditions.of(context, target, symbol).is_late


def keeps_object(context: FixContext, target: Replacement, symbol: str, name: str) -> bool:
    """Return whether a name keeps its object if its import is replaced, so that its users need no change."""
    return name == target.last and Conditions.of(context, target, symbol).is_same


class Conditions:
    """The conditions on the places at which one symbol is replaced by another one, in one file."""

    def __init__(self, context: FixContext, old: str, new: str) -> None:
        self._context, self._old, self._new = context, old, new
        self._workspace = context.workspace
        self._model = model_of(context.workspace)

    @classmethod
    def of(cls, context: FixContext, target: Replacement, symbol: str) -> Self:
        """Return the conditions in a file; they are read once for each state of the tree."""
        key = (context.source.path, symbol, target.symbol)
        workspace = context.workspace
        if workspace not in _KNOWN or _KNOWN[workspace][0] != workspace.version:
            _KNOWN[workspace] = workspace.version, {}
        known = _KNOWN[workspace][1]
        if key not in known:
            known[key] = cls(context, symbol, target.symbol)
        return known[key]  # type: ignore[return-value]

    @cached_property
    def _module(self) -> Module | None:
        return self._model.module_at(RepoPath(self._context.source.path))

    @cached_property
    def _before(self) -> Knowledge:
        return know(self._model, self._old)

    @cached_property
    def _after(self) -> Knowledge:
        return know(self._model, self._new)

    @cached_property
    def is_same(self) -> bool:
        """Return whether both names refer to one definition, so that nothing but the name changes."""
        old, new = self._model.named(self._old), self._model.named(self._new)
        if identities(old) == identities(new):
            return True
        # The other direction, `new = old`, is not the same: `old` on its right cannot be replaced.
        return is_alias(self._model, old, new) and not self.rebound and not self.new_is_rebound

    @cached_property
    def rebound(self) -> tuple[Rebinding, ...]:
        """Return the places that give the old name another value."""
        return tuple(rebindings(self._workspace, self._model, self._old))

    @property
    def is_late(self) -> bool:
        """Return whether uses must look the name up whenever they run, because something rebinds it."""
        return bool(self.rebound) or self.new_is_rebound

    @cached_property
    def new_is_rebound(self) -> bool:
        """Return whether something gives the new name another value."""
        return next(rebindings(self._workspace, self._model, self._new), None) is not None

    def require(self, node: Node) -> None:
        """Raise RefusedError if the replacement would not do at a place what the old symbol does."""
        module = self._module
        if module is None:
            return
        self._require_other_foundation(module, node)
        reference = module.by_start.get(node.start_byte)
        if reference is None or node.end_byte not in reference.ends:
            return
        count = reference.ends.index(node.end_byte) + 1
        if reference.use != "load" and count == len(reference.parts):
            raise RefusedError("the name is assigned or deleted here: change it by hand")
        self._require_no_write()
        if is_late(module, reference, self._old):
            self._require_string_to_follow(module)
        if self.is_same:
            return
        self._require_kind(module, reference, count)
        if self._before.thing == "class":
            self._require_one_class(module, reference, count)
        self._require_members(module, reference, count)
        if count == len(reference.parts):
            self._require_signature(module, reference)

    def _require_other_foundation(self, module: Module, node: Node) -> None:
        """Raise RefusedError inside the code from which the replacement is built."""
        if self.is_same:
            return
        if self._foundation.holds(module, node.start_byte):
            new, old = self._new.rpartition(".")[2], self._old.rpartition(".")[2]
            raise RefusedError(f"{new} is built on {old} here, so it cannot replace it")
        if not self._foundation.is_complete:
            raise RefusedError(
                f"{self._last} is built on more than {MOST} definitions, which is too many to find out"
                " whether the code here is one of them"
            )

    def _require_no_write(self) -> None:
        for one in self.rebound:
            if one.how in {"assigned", "replaced"}:
                verb = "assigns" if one.how == "assigned" else "replaces"
                raise RefusedError(f"{one.path}:{one.line} {verb} {self._old}, which its uses have to see")
            if one.how == "global" and not self.is_same and not self.new_is_rebound:
                raise RefusedError(
                    f"{one.path}:{one.line} rebinds {self._old}, and nothing rebinds {self._new}"
                )

    def _require_string_to_follow(self, module: Module) -> None:
        """Raise RefusedError if a string of the file has to keep the old name, which its uses have to see."""
        if not any(one.how == "string" and one.path == module.path for one in self.rebound):
            return
        here = RepoPath(self._context.source.path)
        for path, line in uses_that_stay(self._context, self._old):
            if path != here:
                raise RefusedError(f"{path}:{line} still uses {self._old}: fix it first", waits=True)

    def _require_kind(self, module: Module, reference: Reference, count: int) -> None:
        """Raise RefusedError if a class is needed and the replacement is none."""
        if self._after.thing not in {"function", "value", "object"}:
            return
        node, parent = module.expression(reference), module.parent(module.expression(reference))
        is_called = isinstance(parent, ast.Call) and parent.func is node and count == len(reference.parts)
        if self._before.thing == "class" and not is_called:
            how = "is not known to be a class" if self._after.thing == "object" else "is no class"
            raise RefusedError(f"{self._last} {how}, so only calls can be replaced")
        is_type = isinstance(parent, ast.ClassDef | ast.ExceptHandler | ast.MatchClass) or (
            isinstance(parent, ast.Call) and last_name(parent.func) in TYPE_TESTS and node is not parent.func
        )
        if is_type and (not isinstance(parent, ast.ClassDef) or node in parent.bases):
            raise RefusedError(f"{self._last} is no class, and a class is needed here")
        if self._after.thing == "value" and is_called:
            raise RefusedError(f"{self._last} cannot be called")

    def _require_one_class(self, module: Module, reference: Reference, count: int) -> None:
        """Raise RefusedError if instances of both classes would meet."""
        if is_type_test(module, reference, count):
            for other, use, parts in creations(self._workspace, self._model, self._old):
                if self._stays(module, other, use, parts):
                    where = f"{other.path}:{other.line(use.start)}"
                    raise RefusedError(f"{where} still creates {self._old}: fix it first", waits=True)
            return
        if is_creation(module, reference, count) and self._stuck_type is not None:
            raise RefusedError(f"{self._stuck_type}, so both classes would meet")

    def _stays(self, module: Module, other: Module, use: Reference, parts: int) -> bool:
        """Return whether a use of the old class will not be changed together with this file."""
        if self._foundation.holds(other, use.start):
            return not self._is_own_base(other, use)
        if other is not module:
            return True
        try:
            self._require_kind(other, use, parts)
            self._require_members(other, use, parts)
        except RefusedError:
            return True
        parent = other.parent(other.expression(use))
        signature = self._after.signature
        is_call = isinstance(parent, ast.Call) and parts == len(use.parts) and signature is not None
        return is_call and bool(problem_of(signature, parent))  # type: ignore[arg-type]

    def _is_own_base(self, module: Module, use: Reference) -> bool:
        """Return whether a use makes the old class a base of the new one, and of no other class."""
        parent = module.parent(module.expression(use))
        name = f"{module.name}.{parent.name}" if isinstance(parent, ast.ClassDef) else ""
        return any(one.final == name for one in self._model.named(self._new))

    @cached_property
    def _stuck_type(self) -> str | None:
        """Return why a place that tests the type, or takes an instance, cannot change; None if all can."""
        for module, use, parts in type_tests(self._workspace, self._model, self._old):
            try:
                self._require_kind(module, use, parts)
                self._require_members(module, use, parts)
            except RefusedError as error:
                return f"{module.path}:{module.line(use.start)} has to keep {self._old} ({error})"
        return None

    @property
    def _foundation(self) -> Foundation:
        return _FOUNDATIONS.setdefault(self._workspace, Foundations(self._model)).of(self._new)

    @property
    def _last(self) -> str:
        return self._new.rpartition(".")[2]

    def _require_members(self, module: Module, reference: Reference, count: int) -> None:
        """Raise RefusedError if the code uses a member that the replacement lacks."""
        members = self._after.members
        if members is None:
            return
        node = module.expression(reference)
        is_base = isinstance(module.parent(node), ast.ClassDef)
        is_call = isinstance(module.parent(node), ast.Call) and count == len(reference.parts)
        if self._after.thing == "function" and is_call:
            return  # what a function returns is unknown
        was = self._before.members
        for member in used_members(module, reference, count):
            self._require_member(member)
        parent = module.parent(node)
        if is_base and isinstance(parent, ast.ClassDef) and was is not None and not was <= members:
            for other, member in elsewhere_used(self._workspace, self._model, module, parent, was - members):
                self._require_member(member, path=other)
        if self._before.thing == "class":
            self._require_clear_uses(module)

    def _require_clear_uses(self, module: Module) -> None:
        """Raise RefusedError if the file may use a member that the new class lacks."""
        has, had = self._after.instance_members, self._before.instance_members
        if has is None or had is None or had <= has:
            return
        for name, line in unclear_uses(self._model, module, had - has):
            raise RefusedError(f"{self._last} has no {name}, which line {line} may use")

    def _require_member(self, member: Member, *, path: str = "") -> None:
        """Raise RefusedError if the replacement lacks a member that the old symbol has or may have."""
        has, had = self._after.members, self._before.members
        if member.of_instance and self._after.instance_members is not None:
            has, had = self._after.instance_members, self._before.instance_members
        if has is None or not has.isdisjoint(member.names):
            return
        if had is not None and had.isdisjoint(member.names):
            return  # other code creates it
        where = f"{path}:{member.line}" if path else f"line {member.line}"
        raise RefusedError(f"{self._last} has no {member.names[0]}, which {where} uses")

    def _require_signature(self, module: Module, reference: Reference) -> None:
        """Raise RefusedError if the replacement is called indirectly with arguments that it does not take."""
        signature = self._after.signature
        if signature is None or signature.parameters is None:
            return
        node = module.expression(reference)
        parent = module.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return
        problem = indirect_problem(signature, parent, node)
        if problem is None and self._before.thing != "class" and is_passed_on(parent, node):
            was = self._before.signature
            if was is not None and was.parameters is not None and not accepts(signature, was):
                problem = "does not take the same arguments, and it is passed on here"
        if problem:
            raise RefusedError(f"{self._last} {problem}")
