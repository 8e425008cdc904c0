"""The scopes of one module, as CPython compiles them: what each scope binds, and what each name refers to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from weakref import ref

ScopeKind = Literal["module", "class", "function", "comprehension"]
BoundKind = Literal["import", "def", "class", "assign", "parameter", "other", "del"]
Use = Literal["load", "store", "del", "declare"]


@dataclass(frozen=True, slots=True)
class Block:
    """A branch that may not run: the offset of its statement, and the name of the branch."""

    at: int
    branch: str


@dataclass(slots=True, eq=False, weakref_slot=True)
class Scope:
    """One scope; `at` is the offset of the statement that opens it, and `name` its name if it has one."""

    kind: ScopeKind
    node: ast.AST
    parent: "Scope | None"
    at: int
    name: str = ""
    bound: dict[str, list["Bound"]] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)

    @property
    def functions(self) -> Iterator["Scope"]:
        """Yield this scope and those around it, innermost first, as far as they are inside a function."""
        chain: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            chain.append(scope)
            scope = scope.parent
        last = max((i for i, one in enumerate(chain) if one.kind == "function"), default=-1)
        yield from chain[: last + 1]

    @property
    def is_deferred(self) -> bool:
        """Return whether the code of this scope runs only when a function is called."""
        return next(self.functions, None) is not None

    def holder(self, name: str) -> "Scope":
        """Return the scope to which a binding of a name in this scope belongs."""
        word = self.declared.get(name)
        scope = self
        if word == "global":
            while scope.parent is not None:
                scope = scope.parent
        elif word == "nonlocal":
            above = self.parent
            while above is not None and (above.kind != "function" or name not in above.bound):
                above = above.parent
            scope = above or self
        return scope

    def lookup(self, name: str, at: int) -> list["Bound"]:
        """Return the bindings to which a name refers at an offset in this scope; empty if it is a builtin."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind == "class" and scope is not self:
                scope = scope.parent
                continue
            if scope.declared.get(name) == "global":
                while scope.parent is not None:
                    scope = scope.parent
            here = [one for one in scope.bound.get(name, ()) if one.kind != "del"]
            if scope.kind == "class":
                here = [one for one in here if one.at <= at]
            if here:
                return here
            scope = scope.parent
        return []


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """One binding. It holds from the offset `at`; `target` is the full name that an import refers to."""

    name: str
    kind: BoundKind
    node: ast.AST
    owner: "ref[Scope]"  # weak, so that a module is freed as soon as nothing uses it
    at: int
    blocks: tuple[Block, ...]
    target: str = ""
    typing: bool = False
    is_remote: bool = False  # the code of a different scope binds it

    @property
    def scope(self) -> Scope:
        """Return the scope to which it belongs."""
        found = self.owner()
        if found is None:
            raise ReferenceError(f"the module of {self.name} is no longer in use")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A name in the code and the attributes that follow it; `ends` are the offsets at which its parts end."""

    parts: tuple[str, ...]
    start: int
    ends: tuple[int, ...]
    scope: Scope
    use: Use
    node: ast.AST
    blocks: tuple[Block, ...]
    lazy: bool = False  # an annotation that does not run

    def bindings(self) -> list[Bound]:
        """Return the bindings of the first name to which it refers."""
        name = self.parts[0]
        if self.use == "load" or len(self.parts) > 1:
            return self.scope.lookup(name, self.start)
        holder = self.scope
        while self.use == "store" and holder.kind == "comprehension" and name not in holder.bound:
            holder = holder.parent or holder
        return [
            one for one in holder.holder(name).bound.get(name, ()) if one.kind != "del" or self.use == "del"
        ]
