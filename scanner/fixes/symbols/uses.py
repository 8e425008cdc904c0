"""Fixes the uses of a deprecated name together with the import that provides the name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.cst.import_clauses import Alias
from scanner.fixes.edits.imports import (
    NameTakenError,
    already_means,
    append_import,
    insert_import,
    is_imported,
    replace_imports,
)
from scanner.fixes.identity.rebinding import rebindings
from scanner.fixes.identity.tree import model_of
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.conditions import keeps_object, must_be_late
from scanner.fixes.symbols.doctests import example_line, rename_in_examples
from scanner.fixes.symbols.import_groups import group_by_import, is_about
from scanner.fixes.symbols.lookups import own_lookup
from scanner.fixes.symbols.module_access import import_replacement, name_directly
from scanner.fixes.symbols.reexports import refuse_import
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.symbols.use_sites import CALLS, Use, bindings_of, is_reachable, read_use
from scanner.fixes.text_edits import Edit, overlaps
from scanner.model import Finding
from scanner.python.annotations import uses_of
from scanner.python.scopes import Binding


def fix_uses(
    context: FixContext, target: Replacement, symbol: str, findings: Sequence[Finding]
) -> Iterator[Outcome]:
    """Yield changes for a symbol's calls and references, and for imports that only they need."""
    ready: list[Use] = []
    for finding in findings:
        if finding.role not in CALLS and finding.role != "reference":
            continue
        try:
            ready.append(read_use(context, target, symbol, finding))
        except RefusedError as error:
            yield refuse(finding, error)
    imports = [finding for finding in findings if finding.role == "import"]
    handled: set[Finding] = set()
    for bindings, group in group_by_import(context, target, symbol, ready, imports):
        unneeded = [f for f in imports if any(is_about(context, f, binding) for binding in bindings)]
        handled.update(unneeded)
        yield from _fix_group(context, target, symbol, bindings, group, imports=unneeded)
    for finding in imports:
        if finding not in handled:
            yield refuse_import(context, finding)


def _fix_group(
    context: FixContext,
    target: Replacement,
    symbol: str,
    bindings: Sequence[Binding],
    group: list[Use],
    *,
    imports: list[Finding],
) -> Iterator[Outcome]:
    try:
        if not bindings:
            yield _fix_single_use(context, target, symbol, group[0])
            return
        if group[0].word:
            yield from _fix_imported_uses(context, target, symbol, bindings, group, imports=imports)
        else:
            yield from _fix_module_uses(context, target, symbol, bindings[0], group)
    except RefusedError as error:
        yield from (refuse(finding, error) for finding in (*(use.finding for use in group), *imports))


@dataclass(frozen=True, slots=True)
class _OtherUsers:
    """Everything outside a group of uses that still needs an import.

    `line` is 0 if nothing in this file does.
    """

    line: int
    importers: tuple[str, ...]
    exported: bool

    @classmethod
    def of(cls, context: FixContext, binding: Binding, group: Sequence[Use]) -> Self:
        """Return what else uses an import."""
        fixed = {use.name.id for use in group}
        rest = next((node for node in uses_of(context.source, binding) if node.id not in fixed), None)
        exported = binding.name in (context.source.exported or ())
        return cls(rest.start_point.row + 1 if rest else 0, _importers(context, binding), exported)

    @property
    def any(self) -> bool:
        """Return whether the import is still needed."""
        return bool(self.line or self.importers or self.exported)

    @property
    def reason(self) -> str:
        """Return why the import is still needed."""
        return f"line {self.line} still uses it" if self.line else "the module re-exports it"


def _fix_imported_uses(
    context: FixContext,
    target: Replacement,
    symbol: str,
    bindings: Sequence[Binding],
    group: list[Use],
    *,
    imports: list[Finding],
) -> Iterator[Outcome]:
    """Propose edits to uses through the `from` imports of a name, and to these if nothing else needs them."""
    binding = bindings[0]
    _require_no_other_binding(context, bindings)
    _require_no_attribute(binding)
    others = _OtherUsers.of(context, binding, group)
    if others.any and keeps_object(context, target, symbol, binding.name):
        others = _OtherUsers(0, (), exported=False)  # they get the same object by the same name
    keeps_alias = not others.any and _is_renamed(binding)
    if keeps_alias and is_imported(context, binding.statement, target.symbol):
        keeps_alias = False  # the alias goes, as no import is needed
    local = binding.name if keeps_alias else target.last
    fixed, left = ([*group], []) if local == binding.name else _split(context, target, binding, group, local)
    if left:
        others = _OtherUsers.of(context, binding, fixed)
    if others.importers and not others.line and not others.exported:
        raise RefusedError(
            f"{others.importers[0]} imports {binding.name} from this file: fix that file first", waits=True
        )
    if local != binding.name or target.needs:
        _require_unpatched(context, target, symbol, binding, local)
    names = [] if local == binding.name else [edit for use in fixed for edit in _name_edits(use, local)]
    if local != binding.name and not others.any and binding.scope == context.source.root:
        names += _rename_in_examples(context, target, binding.name, local)
    edits = replace_imports(context, bindings, target.symbol, drop=not others.any)
    gone = [*(use.finding for use in fixed), *([] if others.any else imports)]
    yield _propose(gone, names, edits, fixed)
    yield from left
    if others.any:
        yield from (refuse(finding, RefusedError(others.reason, waits=True)) for finding in imports)


def _rename_in_examples(context: FixContext, target: Replacement, name: str, local: str) -> Sequence[Edit]:
    """Return the edits to examples in docstrings. Raises RefusedError if one would need an argument."""
    if target.needs and example_line(context, name):
        raise RefusedError(f"the example on line {example_line(context, name)} calls it, too")
    return rename_in_examples(context, name, local)


def _split(
    context: FixContext, target: Replacement, binding: Binding, group: Sequence[Use], local: str
) -> tuple[list[Use], list[Outcome]]:
    """Return the uses at which a local name is free or means the replacement, and refusals of the others.

    Raises RefusedError if there is no such use.
    """
    free: list[Use] = []
    errors: list[tuple[Use, RefusedError]] = []
    for use in group:
        try:
            already_means(context, use.name, local, target.symbol, runs=use.runs, old=binding)
            free.append(use)
        except RefusedError as error:
            errors.append((use, error))
    in_the_way = [error for _, error in errors if not isinstance(error, NameTakenError)]
    if in_the_way and not _OtherUsers.of(context, binding, group).any:
        raise in_the_way[0]
    if errors and not free:
        raise errors[0][1]
    return free, [refuse(use.finding, error) for use, error in errors]


def _require_no_other_binding(context: FixContext, bindings: Sequence[Binding]) -> None:
    """Raise RefusedError if the same name has another binding in the same scope."""
    own = {binding.node.id for binding in bindings}
    for other in context.source.bindings_in(bindings[0].name, bindings[0].scope):
        if other.node.id not in own:
            line = other.node.start_point.row + 1
            raise RefusedError(f"{other.name} has a second binding on line {line}")


def _require_no_attribute(binding: Binding) -> None:
    """Raise RefusedError if an import gives a class an attribute, whose name would change."""
    if binding.scope.type == "class_definition" and not _is_renamed(binding):
        raise RefusedError(f"{binding.name} is an attribute of the class, which other code may use")


def _require_unpatched(
    context: FixContext, target: Replacement, symbol: str, binding: Binding, local: str
) -> None:
    """Raise RefusedError if something looks the imported name up in this module, and could not follow."""
    if binding.scope != context.source.root:
        return
    if line := own_lookup(context, binding.name):
        raise RefusedError(f"line {line} looks {binding.name} up by its name")
    own = f"{context.source.module}.{binding.name}".lstrip(".")
    for one in rebindings(context.workspace, model_of(context.workspace), own):
        if one.how in {"assigned", "replaced"} and one.path != context.source.path:
            raise RefusedError(
                f"{one.path}:{one.line} replaces {binding.name} of this file: fix that file first"
            )
        is_renamed = local != binding.name != symbol.rpartition(".")[2]
        if one.how == "string" and is_renamed:
            raise RefusedError(f"{one.path}:{one.line} names {own}, which would no longer exist")
        if one.how == "string" and context.source.bindings_in(target.last, context.source.root):
            raise RefusedError(
                f"{one.path}:{one.line} names {own}, but not {target.last}, which is used here too"
            )


def _is_renamed(binding: Binding) -> bool:
    """Return whether an import renames the name with `as`."""
    return binding.target is not None and binding.name != binding.target.rpartition(".")[2]


def _fix_module_uses(
    context: FixContext, target: Replacement, symbol: str, binding: Binding, group: list[Use]
) -> Iterator[Outcome]:
    """Yield the change to uses through an imported module that lacks the replacement."""
    module_uses: list[Use] = []
    names: list[Edit] = []
    late = must_be_late(context, target, symbol)
    for use in group:
        try:
            names.append(name_directly(context, target, use.name, late=late))
            module_uses.append(use)
        except RefusedError as error:
            yield refuse(use.finding, error)
    if module_uses:
        imports = import_replacement(context, target, binding, [use.name for use in module_uses], late=late)
        yield _propose([use.finding for use in module_uses], names, imports, module_uses)


def _importers(context: FixContext, binding: Binding) -> tuple[str, ...]:
    """Return the files that import a module-level name from this file."""
    if binding.scope != context.source.root:
        return ()
    return context.workspace.importers(context.source.module, binding.name, context.source.path)


def _fix_single_use(context: FixContext, target: Replacement, symbol: str, use: Use) -> ProposedEdit:
    """Fix a use without a `from` import of its own: through a module, a star import, or in its own module."""
    source = context.source
    if not use.word:
        if is_reachable(context, target, symbol, use):
            return _propose([use.finding], _name_edits(use, target.last), (), [use])
        module = use.names[0].rpartition(".")[0] if use.names else "something"
        raise RefusedError(f"it is accessed through {module}, which has no {target.last}")
    bound = bindings_of(context, use)
    if len(bound) > 1:
        lines = " and ".join(str(b.node.start_point.row + 1) for b in bound[:2])
        raise RefusedError(f"{use.word} has two bindings (lines {lines})")
    added: tuple[Edit, ...] = ()
    if must_be_late(context, target, symbol) and target.symbol.rpartition(".")[0] != source.module:
        raise RefusedError(f"something rebinds {use.word} while the program runs, which this use has to see")
    if not already_means(context, use.name, target.last, target.symbol, runs=use.runs):
        stars = [star for star, _ in source.stars]
        if not bound and not stars:
            raise RefusedError(f"nothing in the file binds {use.word}: import {target.last} first")
        statement = source.enclosing(stars[-1], "import_from_statement") if stars and not bound else None
        module = target.symbol.rpartition(".")[0]
        alias = Alias(target.last)
        added = (
            insert_import(context, statement, module, alias)
            if statement is not None
            else append_import(context, target.symbol)
        )
    return _propose([use.finding], _name_edits(use, target.last), added, [use])


def _name_edits(use: Use, local: str) -> list[Edit]:
    return [Edit(start, end, local.encode()) for start, end in use.ranges]


def _propose(
    findings: Sequence[Finding], names: Sequence[Edit], imports: Sequence[Edit], module_uses: Sequence[Use]
) -> ProposedEdit:
    """Return one change. Raises RefusedError if one of the uses is inside another."""
    own = [edit for use in module_uses for edit in use.edits]
    edits = list(dict.fromkeys([*names, *imports, *own]))
    for at, edit in enumerate(edits):
        if any(overlaps(edit, other) for other in edits[at + 1 :]):
            raise RefusedError("one of its uses is inside another: change the inner one by hand")
    return ProposedEdit(tuple(findings), tuple(edits))
