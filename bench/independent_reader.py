"""Finds the uses of listed names with `ast` and `symtable`, and compares them with the scanner's findings.

`python -m bench.independent_reader CHECKOUT SYMBOL… [--root FOLDER]` reads every Python file of a checkout
twice. It shares no code with the scanner's own name resolution: scopes come from CPython's symbol tables.
It knows imports, uses by name and by attribute chain, re-exports and star imports, but no strings and no
quoted types.
"""

import argparse
import ast
import symtable
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scanner.engine.analyzer import Analyzer
from scanner.engine.revision_state import RevisionState
from scanner.model import RepoPath
from scanner.plan import Plan
from scanner.planfile import read_plan

Place = tuple[str, int, int]
_COMPARED = frozenset({"call", "stored-call", "reference", "import", "unused-import", "re-export"})
_COMPREHENSIONS = {
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}


@dataclass
class Module:
    """One file: its names, what each scope imports, and the attribute chains in it."""

    path: str
    name: str
    package: bool
    tree: ast.Module
    imports: dict[tuple[int, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    stars: list[str] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    places: list[tuple[Place, str]] = field(default_factory=list)  # of imported names, with the full name
    chains: list[tuple[Place, str, tuple[str, ...], int]] = field(default_factory=list)


class Reader(ast.NodeVisitor):
    """Visits one module with the symbol table of each scope."""

    def __init__(self, module: Module, text: str) -> None:
        self.module = module
        self.tables = [symtable.symtable(text, module.path, "exec")]
        self.children = [list(self.tables[0].get_children())]
        self.root = self.tables[0]

    def scope_of(self, name: str) -> int:
        """Return the id of the scope to which a name refers; that of the module if it is global."""
        for table in reversed(self.tables):
            if table is not self.tables[-1] and table.get_type() == "class":
                continue
            try:
                symbol = table.lookup(name)
            except KeyError:
                continue
            if symbol.is_local() and not symbol.is_declared_global():
                return table.get_id()
            if symbol.is_global():
                break
        return self.root.get_id()

    def inside(self, kind: str, lines: tuple[int, ...], body: list[ast.AST]) -> None:
        """Visit nodes in the next scope with this name on one of these lines."""
        table = next(t for t in self.children[-1] if t.get_name() == kind and t.get_lineno() in lines)
        self.children[-1].remove(table)
        self.tables.append(table)
        self.children.append(list(table.get_children()))
        for node in body:
            self.visit(node)
        self.tables.pop()
        self.children.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bind(node.name)
        arguments = node.args
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        outside: list[ast.AST | None] = [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults]
        outside += [argument.annotation for argument in every if argument] + [node.returns]
        for part in outside:
            if part is not None:
                self.visit(part)
        self.inside(node.name, _lines(node), list(node.body))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bind(node.name)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        self.inside(node.name, _lines(node), list(node.body))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in (*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)):
            self.visit(part)
        self.inside("lambda", (node.lineno,), [node.body])

    def comprehend(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        """Visit the first iterable outside, and everything else inside."""
        first, *rest = node.generators
        self.visit(first.iter)
        values: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner = [first.target, *first.ifs, *rest, *values]
        self.inside(_COMPREHENSIONS[type(node)], (node.lineno,), inner)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = comprehend  # noqa: N815

    def bind(self, name: str) -> None:
        if self.scope_of(name) == self.root.get_id():
            self.module.own.add(name)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            local = alias.asname or alias.name.partition(".")[0]
            self.module.imports[self.scope_of(local), local].add(alias.name if alias.asname else local)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        parts = self.module.name.split(".") if self.module.name else []
        above = parts[: len(parts) - node.level + self.module.package] if node.level else []
        origin = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append(origin)
                continue
            local, full = alias.asname or alias.name, f"{origin}.{alias.name}"
            self.module.imports[self.scope_of(local), local].add(full)
            self.module.places.append(((self.module.path, alias.lineno, alias.col_offset), full))

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        else:
            self.chain(node, node.id, ())

    def visit_Attribute(self, node: ast.Attribute) -> None:
        names: list[str] = []
        head: ast.expr = node
        while isinstance(head, ast.Attribute):
            names.insert(0, head.attr)
            head = head.value
        if isinstance(head, ast.Name):
            self.chain(node, head.id, tuple(names))
        self.visit(node.value)

    def chain(self, node: ast.expr, head: str, rest: tuple[str, ...]) -> None:
        place = (self.module.path, node.lineno, node.col_offset)
        self.module.chains.append((place, head, rest, self.scope_of(head)))


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> tuple[int, ...]:
    return node.lineno, *(decorator.lineno for decorator in node.decorator_list)


class Tree:
    """All modules of a checkout."""

    def __init__(self, modules: list[Module], symbols: set[str]) -> None:
        self.symbols = symbols
        self.by_name = {module.name: module for module in modules}

    def leads(self, full: str, seen: frozenset[str] = frozenset()) -> bool:
        """Return whether a full name leads to a listed one."""
        if full in self.symbols:
            return True
        if full in seen:
            return False
        parts = full.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = self.by_name.get(".".join(parts[:length]))
            if module is None:
                continue
            name, rest = parts[length], "".join(f".{part}" for part in parts[length + 1 :])
            table = next((key for key in module.imports if key[1] == name and key[0] == -1), None)
            targets = module.imports[table] if table else set()
            if not targets and name not in module.own and not name.startswith("_"):
                targets = {f"{star}.{name}" for star in module.stars}
            return any(self.leads(target + rest, seen | {full}) for target in targets)
        return False

    def places(self, module: Module) -> Iterator[Place]:
        """Yield the places of imports and uses that lead to a listed name."""
        definitions = [
            range(min(_lines(node)), (node.end_lineno or 0) + 1)
            for node in module.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and f"{module.name}.{node.name}" in self.symbols
        ]
        for place, full in module.places:
            if self.leads(full):
                yield place
        for place, head, rest, scope in module.chains:
            if any(place[1] in lines for lines in definitions):
                continue
            targets = module.imports.get((scope, head), set())
            if scope == -1 and head in module.own:
                targets = {*targets, f"{module.name}.{head}"}
            if not targets and scope == -1 and head not in module.own:
                targets = {f"{star}.{head}" for star in module.stars}
            if any(self.leads(".".join((target, *rest))) for target in targets):
                yield place


def read(folder: Path, root: str, symbols: set[str]) -> tuple[set[Place], set[str]]:
    """Return the places in a checkout, and the files that the running Python does not parse."""
    modules, refused = [], set()
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder).as_posix()
        inside = path.removeprefix(f"{root}/").removesuffix(".py").split("/")
        package = inside[-1] == "__init__"
        module = Module(path, ".".join(inside[:-1] if package else inside), package, ast.Module([], []))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                text = file.read_text()
                reader = Reader(module, text)
                module.tree = ast.parse(text)
                reader.visit(module.tree)
        except (SyntaxError, ValueError):
            refused.add(path)
            continue
        own = reader.root.get_id()
        module.imports = {(-1 if key[0] == own else key[0], key[1]): v for key, v in module.imports.items()}
        module.chains = [(p, h, r, -1 if s == own else s) for p, h, r, s in module.chains]
        modules.append(module)
    tree = Tree(modules, symbols)
    return {place for module in modules for place in tree.places(module)}, refused


def scan(folder: Path, plan: Plan) -> dict[Place, str]:
    """Return the scanner's findings in a checkout: place -> role."""
    analyzer = Analyzer(plan)
    files = {RepoPath(f.relative_to(folder).as_posix()): f.read_bytes() for f in folder.rglob("*.py")}
    state = RevisionState(
        plan, lambda words, keys: {key: analyzer.supplement(key[0], files[key[0]], words) for key in keys}
    )
    reports = {(path, str(path)): analyzer.analyze(path, raw) for path, raw in files.items()}
    state.apply([(path, None, blob) for path, blob in reports], reports, date(2025, 1, 1))
    return {
        (f.path, f.line, f.column - 1): f.role
        for result in state.files.notable.values()
        for f in result.findings
        if f.role in _COMPARED
    }


def main() -> None:
    """Compare both, and print every difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("symbols", nargs="+")
    parser.add_argument("--root", default=".")
    options = parser.parse_args()
    sys.setrecursionlimit(50_000)  # generated code chains thousands of operators
    rule = f"{{id: s, kind: deprecated-symbol, symbols: [{', '.join(options.symbols)}]}}"
    roots = f'scope: {{source_roots: ["{options.root}"]}}'
    plan = read_plan(f"version: 1\nname: Compared\n{roots}\nrules: [{rule}]\n", "plan.yaml")
    mine, refused = read(options.checkout, options.root, set(options.symbols))
    found = {place: role for place, role in scan(options.checkout, plan).items() if place[0] not in refused}
    both = mine & found.keys()
    print(f"{len(both)} places in common, {len(refused)} files not read")
    for place in sorted(mine - found.keys()):
        print("reader only:", *place)
    for place in sorted(found.keys() - mine):
        print("scanner only:", *place, found[place])


if __name__ == "__main__":
    main()
