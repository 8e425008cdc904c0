"""Uses of a deprecated name put right together with the import that serves them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.cst.import_clauses import Alias
from scanner.fixes.edits.imports import already_means, append_import, insert_import, is_from, replace_import
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.symbols.annotations import find_in_quotes
from scanner.fixes.symbols.calls import edit_call
from scanner.fixes.symbols.module_access import find_module_import, import_replacement, name_directly
from scanner.fixes.symbols.reexports import refuse_import
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.text_edits import Edit, overlaps
from scanner.model import Finding
from scanner.python.annotations import uses_of
from scanner.python.resolver import split_chain
from scanner.python.scopes import Binding

_CALLS = frozenset({"call", "stored-call"})
_ASKS = frozenset({"isinstance", "issubclass", "callable", "hasattr", "type", "id", "repr"})


@dataclass(frozen=True, slots=True)
class _Use:
    """One use that can be put right: its name node (or quoted annotation), and the edits besides the name's.

    `places` are the bytes of the name's last word; `word` is it where it stands alone, `names` are the full
    names where it does not.
    """

    finding: Finding
    name: Node
    edits: tuple[Edit, ...]
    places: tuple[tuple[int, int], ...]
    word: str
    names: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether the program reads the name; a quoted annotation is for type checkers."""
        return self.name.type != "string"


def fix_uses(
    context: FixContext, target: Replacement, symbol: str, findings: Sequence[Finding]
) -> Iterator[Outcome]:
    """Changes for the calls and references of one symbol, and for the imports that only they need."""
    ready: list[_Use] = []
    for finding in findings:
        if finding.role not in _CALLS and finding.role != "reference":
            continue
        try:
            ready.append(_use(context, target, symbol, finding))
        except RefusedError as error:
            yield refuse(finding, error)
    imports = [finding for finding in findings if finding.role == "import"]
    told: set[Finding] = set()
    for binding, group in _group_by_import(context, target, ready):
        served = [f for f in imports if binding is not None and f.line == _line(context, binding, f)]
        told.update(served)
        yield from _fix_group(context, target, binding, group, served)
    for finding in imports:
        if finding not in told:
            yield refuse_import(context, finding)


def _line(context: FixContext, binding: Binding, finding: Finding) -> int:
    """The finding's line if it is about this binding, else 0."""
    start = context.offset(finding.line, finding.column)
    end = context.offset(finding.end_line, finding.end_column)
    return finding.line if start <= binding.node.start_byte < end else 0


def _use(context: FixContext, target: Replacement, symbol: str, finding: Finding) -> _Use:
    if finding.role in _CALLS:
        call = context.node(finding, "call")
        function = call.child_by_field_name("function")
        while function is not None and function.type == "parenthesized_expression":
            function = function.named_child(0)
        if function is None:
            raise RefusedError("the call has a form that is not known")
        edits = edit_call(context, target, symbol, call, stored=finding.role == "stored-call")
        return _at(context, finding, function, edits)
    node = context.node(finding)
    while (
        node.type in {"type", "expression_statement", "parenthesized_expression"}
        and node.named_child_count == 1
    ):
        node = node.named_children[0]
    if node.type in {"string", "concatenated_string"}:
        said = find_in_quotes(context, node, symbol)
        single = len(said.chain) == 1
        return _Use(finding, node, (), said.places, said.chain[0] if single else "", said.names)
    if node.type not in {"identifier", "attribute"}:
        raise RefusedError("it is used in a way that is not known")
    if target.needs and not _is_only_inspected(context, node):
        words = ", ".join(need.name for need in target.needs)
        raise RefusedError(f"it is handed on without a call, and whoever calls it would have to give {words}")
    if _is_bound(context, node):
        raise RefusedError("something is assigned to the name here: change it by hand")
    return _at(context, finding, node, ())


def _at(context: FixContext, finding: Finding, node: Node, edits: tuple[Edit, ...]) -> _Use:
    """A use by a name, or by an attribute of something."""
    name = node.child_by_field_name("attribute") if node.type == "attribute" else node
    if node.type == "identifier":
        return _Use(finding, node, edits, ((node.start_byte, node.end_byte),), context.text(node))
    if name is None or split_chain(node) is None:
        raise RefusedError("it is reached in a way that is not known")
    place = (name.start_byte, name.end_byte)
    return _Use(finding, node, edits, (place,), "", tuple(context.source.resolve(node)))


def _is_only_inspected(context: FixContext, node: Node) -> bool:
    """Whether a reference only asks about the thing and calls it nowhere."""
    above = next(context.source.ancestors(node), None)
    if above is None:
        return False
    if above.type in {"comparison_operator", "type", "except_clause"}:
        return True
    if above.type == "argument_list":
        call = context.source.enclosing(above, "call")
        function = call.child_by_field_name("function") if call is not None else None
        return function is not None and context.text(function) in _ASKS
    return False


def _is_bound(context: FixContext, node: Node) -> bool:
    """Whether a name is assigned or deleted here, not read."""
    source = context.source
    if node.type == "identifier" and source.binding_at(node) is not None:
        return True
    above = next(source.ancestors(node), None)
    if above is None:
        return False
    return above.type == "delete_statement" or (
        above.type == "assignment" and above.child_by_field_name("left") == node
    )


def _group_by_import(
    context: FixContext, target: Replacement, ready: Sequence[_Use]
) -> Iterator[tuple[Binding | None, list[_Use]]]:
    """Uses by the import that serves them; None where each stands for itself."""
    groups: dict[int, tuple[Binding, list[_Use]]] = {}
    for use in ready:
        bound = _bindings(context, use)
        through = None if _reaches(context, target, use) else find_module_import(context, use.name)
        if len(bound) == 1 and is_from(bound[0]):
            groups.setdefault(bound[0].node.id, (bound[0], []))[1].append(use)
        elif through is not None:
            groups.setdefault(through.node.id, (through, []))[1].append(use)
        else:
            yield None, [use]
    yield from groups.values()


def _reaches(context: FixContext, target: Replacement, use: _Use) -> bool:
    """Whether a module through which the old name is reached has the new one."""
    modules = [full.rpartition(".")[0] for full in use.names]
    return target.symbol in [f"{module}.{target.last}" for module in modules] or any(
        context.workspace.defines(f"{module}.{target.last}") for module in modules
    )


def _bindings(context: FixContext, use: _Use) -> tuple[Binding, ...]:
    """What binds the name of a use that stands alone."""
    if not use.word:
        return ()
    return context.source.lookup(use.name) if use.runs else context.source.lookup_word(use.word, use.name)


def _fix_group(
    context: FixContext,
    target: Replacement,
    binding: Binding | None,
    group: list[_Use],
    imports: list[Finding],
) -> Iterator[Outcome]:
    try:
        if binding is None:
            yield _fix_single_use(context, target, group[0])
            return
        if group[0].word:
            yield from _fix_imported_uses(context, target, binding, group, imports)
        else:
            yield from _fix_module_uses(context, target, binding, group)
    except RefusedError as error:
        yield from (refuse(finding, error) for finding in (*(use.finding for use in group), *imports))


def _fix_imported_uses(
    context: FixContext, target: Replacement, binding: Binding, group: list[_Use], imports: list[Finding]
) -> Iterator[Outcome]:
    """Uses through one `from` import, and the import itself once nothing else needs it."""
    others = [b for b in context.source.bindings_in(binding.name, binding.scope) if b.node != binding.node]
    if others:
        raise RefusedError(
            f"{binding.name} is bound in a second way in line {others[0].node.start_point.row + 1}"
        )
    done = {use.name.id for use in group}
    open_uses = [node for node in uses_of(context.source, binding) if node.id not in done]
    exported = binding.name in (context.source.exported or ())
    importers = _importers(context, binding)
    drop = not open_uses and not importers and not exported
    keeps = drop and binding.target is not None and binding.name != binding.target.rpartition(".")[2]
    local = binding.name if keeps else target.last
    taken: list[_Use] = []
    for use in group:
        try:
            if local != binding.name:
                already_means(context, use.name, local, target.symbol, runs=use.runs)
            taken.append(use)
        except RefusedError as error:
            if drop:
                raise
            yield refuse(use.finding, error)
    if importers and not open_uses and not exported:
        raise RefusedError(f"{importers[0]} takes {binding.name} from here: rewrite that first", waits=True)
    names = [] if local == binding.name else [edit for use in taken for edit in _name_edits(use, local)]
    edits = replace_import(context, binding, target.symbol, drop=drop)
    if local == binding.name and drop and not keeps:
        names = []
    yield _propose([*(use.finding for use in taken), *(imports if drop else [])], names, edits, taken)
    if not drop:
        line = open_uses[0].start_point.row + 1 if open_uses else 0
        why = f"line {line} still uses it" if line else "the module hands it on"
        yield from (refuse(finding, RefusedError(why, waits=True)) for finding in imports)


def _fix_module_uses(
    context: FixContext, target: Replacement, binding: Binding, group: list[_Use]
) -> Iterator[Outcome]:
    """Uses through the import of a module, which has no such name to give."""
    taken: list[_Use] = []
    names: list[Edit] = []
    for use in group:
        try:
            names.append(name_directly(context, target, use.name))
            taken.append(use)
        except RefusedError as error:
            yield refuse(use.finding, error)
    if taken:
        imports = import_replacement(context, target, binding, [use.name for use in taken])
        yield _propose([use.finding for use in taken], names, imports, taken)


def _importers(context: FixContext, binding: Binding) -> tuple[str, ...]:
    """The files that take a name of the module's top from here."""
    if binding.scope != context.source.root:
        return ()
    return context.workspace.importers(context.source.module, binding.name, context.source.path)


def _fix_single_use(context: FixContext, target: Replacement, use: _Use) -> ProposedEdit:
    """A use that no `from` import of its own serves: through a module, a star, or in the defining module."""
    source = context.source
    if not use.word:
        if _reaches(context, target, use):
            return _propose([use.finding], _name_edits(use, target.last), (), [use])
        module = use.names[0].rpartition(".")[0] if use.names else "something"
        raise RefusedError(f"it is reached through {module}, which has no {target.last}")
    bound = _bindings(context, use)
    if len(bound) > 1:
        lines = " and ".join(str(b.node.start_point.row + 1) for b in bound[:2])
        raise RefusedError(f"{use.word} is bound in two ways (lines {lines})")
    added: tuple[Edit, ...] = ()
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


def _name_edits(use: _Use, local: str) -> list[Edit]:
    return [Edit(start, end, local.encode()) for start, end in use.places]


def _propose(
    findings: Sequence[Finding], names: Sequence[Edit], imports: Sequence[Edit], taken: Sequence[_Use]
) -> ProposedEdit:
    """One change. Raises RefusedError where two uses want the same stretch: one inside the other."""
    own = [edit for use in taken for edit in use.edits]
    edits = list(dict.fromkeys([*names, *imports, *own]))
    for at, edit in enumerate(edits):
        if any(overlaps(edit, other) for other in edits[at + 1 :]):
            raise RefusedError("two of its uses are one inside the other: change the inner one by hand")
    return ProposedEdit(tuple(findings), tuple(edits))
