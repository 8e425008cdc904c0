"""A revision with uncommitted changes, judged in the same way as a scan judges a revision."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from scanner.engine.analyzer import EMPTY, Analyzer, FileReport, Word
from scanner.engine.codec import pack, unpack
from scanner.engine.revision_state import Changed, RevisionState
from scanner.engine.supplements import Key
from scanner.fixes.import_order.arrangement import ImportOrder
from scanner.fixes.import_order.tree_files import TreeFiles
from scanner.git.batch import Missing
from scanner.git.diff import blob_name
from scanner.model import Difference, Finding, RepoPath
from scanner.plan import Plan
from scanner.python.mentions import Mention, find_mention
from scanner.python.signatures import Signature, read_signature
from scanner.python.source import Source
from scanner.python.text import word_offsets

Contents = Callable[[str], bytes | Missing]
Search = Callable[[Collection[str]], Mapping[str, Iterable[RepoPath]]]


@dataclass(frozen=True, slots=True)
class Tree:
    """The files in a revision: the blob for each path, a blob reader, and a word search.

    `search` maps each word to the paths of files that contain it, whether or not they are in the plan's
    scope. `configuration` are the files that may configure ruff or isort.
    """

    blobs: Mapping[RepoPath, str]
    content: Contents
    search: Search
    configuration: Mapping[RepoPath, str] = field(default_factory=dict)


class Workspace:
    """One revision and the changes made to it so far; every change can be judged and withdrawn."""

    def __init__(
        self, plan: Plan, tree: Tree, reports: Mapping[tuple[RepoPath, str], FileReport], day: date
    ) -> None:
        self.plan = plan
        self.changed: dict[RepoPath, bytes] = {}
        self.version = 0  # changes with every text
        self._tree = tree
        self._day = day
        self._analyzer = Analyzer(plan)
        self._state = RevisionState(plan, self._supplement)
        self._blobs = {path: blob for path, blob in tree.blobs.items() if plan.in_scope(path)}
        self._content = lru_cache(maxsize=512)(tree.content)
        self._state.apply([(path, None, blob) for path, blob in self._blobs.items()], reports, day)
        in_order = sorted(tree.blobs, key=_import_order)
        self._modules: dict[str, RepoPath] = {plan.module_name(path): path for path in in_order}
        self._folders = {
            name[:end] for name in self._modules for end, letter in enumerate(name) if letter == "."
        }
        self._mentions: dict[str, dict[RepoPath, Mention | None]] = {}
        self._source = lru_cache(maxsize=256)(self._parse)

    def findings(self, path: RepoPath) -> tuple[Finding, ...]:
        """Return a file's findings, as a scan of the workspace would, including suppressed ones."""
        result = self._state.files.get(path)
        return result.findings if result else ()

    def notable(self) -> list[RepoPath]:
        """Return the paths of files with findings, in order."""
        return sorted(path for path, result in self._state.files.notable.items() if result.findings)

    def content(self, path: RepoPath) -> bytes | Missing:
        """Return the current text of a file."""
        if path in self.changed:
            return self.changed[path]
        blob = self._tree.blobs.get(path)
        return Missing("is not a file in this revision") if blob is None else self._content(blob)

    @cached_property
    def import_order(self) -> ImportOrder:
        """Return the order of imports that the revision's settings define."""

        def read(blob: str) -> bytes | None:
            content = self._tree.content(blob)
            return content if isinstance(content, bytes) else None

        return ImportOrder(TreeFiles(self._tree.blobs, self._tree.configuration, read))

    def state_of(self, path: RepoPath) -> str | bytes | None:
        """Return what identifies the current text of a file: its blob, or the changed text itself."""
        return self.changed[path] if path in self.changed else self._tree.blobs.get(path)

    def source(self, path: RepoPath) -> Source | None:
        """Return a parsed file, or None if it cannot be read."""
        content = self.content(path)
        return None if isinstance(content, Missing) or b"\0" in content else self._source(path, content)

    def module(self, name: str) -> Source | None:
        """Return the module that contains a dotted name, if it is a file in the tree."""
        path = self._modules.get(name)
        return self.source(path) if path else None

    def path_of(self, name: str) -> RepoPath | None:
        """Return the file with this dotted module name, if it is in the tree."""
        return self._modules.get(name)

    def is_folder(self, name: str) -> bool:
        """Return whether a dotted name is a folder in the tree that contains modules."""
        return name in self._folders

    def is_module(self, name: str) -> bool:
        """Return whether a file in the tree has this dotted module name."""
        return name in self._modules

    def has_package(self, name: str) -> bool:
        """Return whether a dotted name is a module or package in the tree."""
        return name in self._modules or name in self._folders

    def defines(self, symbol: str) -> bool:
        """Return whether a symbol's module is in the tree and binds its name at module level."""
        module, _, last = symbol.rpartition(".")
        source = self.module(module)
        return source is not None and any(b.scope == source.root for b in source.bindings(last))

    def signature(self, symbol: str) -> Signature | None:
        """Return the signature of a function or class in the tree; None if it is unknown."""
        module, _, last = symbol.rpartition(".")
        source = self.module(module)
        return None if source is None else read_signature(source, last)

    def findings_of(self, rule: str, symbol: str) -> Iterator[Finding]:
        """Yield every finding about one symbol, including suppressed ones."""
        for path in self.notable():
            yield from (f for f in self.findings(path) if f.rule == rule and f.symbol == symbol)

    def importers(self, module: str, name: str, besides: str, *, texts: bool = False) -> tuple[RepoPath, ...]:
        """Return the other files that import a name from a module, or look it up by a string.

        With `texts`, this includes files that contain the full name in a string, and files that contain the
        word but do not parse.
        """
        full = f"{module}.{name}".lstrip(".")
        return tuple(
            path
            for path, mention in self._mentions_of(module, name)
            if path != besides and mention.imports(full, name, texts=texts)
        )

    def string_mentions(self, module: str, name: str) -> tuple[RepoPath, ...]:
        """Return the files in which a string names a module's member, such as an argument of `mock.patch`."""
        full = f"{module}.{name}".lstrip(".")
        return tuple(path for path, mention in self._mentions_of(module, name) if mention.spells(full))

    def containing(self, name: str) -> tuple[RepoPath, ...]:
        """Return the files that contain a word."""
        if name not in self._mentions:
            self.prefetch_mentions([name])
        return tuple(self._mentions[name])

    def configuration(self, names: Collection[str]) -> Iterator[tuple[RepoPath, str]]:
        """Yield the texts of the configuration files with these names, in order of their paths."""
        for path, blob in sorted(self._tree.configuration.items()):
            content = self._tree.content(blob) if path.rpartition("/")[2] in names else None
            if isinstance(content, bytes):
                yield path, content.decode("utf-8", "replace")

    def prefetch_mentions(self, names: Iterable[str]) -> None:
        """Search the tree for several names in a single pass."""
        fresh = sorted(set(names) - self._mentions.keys())
        if fresh:
            found = self._tree.search(fresh)
            # A changed file may contain any name.
            self._mentions |= {name: dict.fromkeys(sorted({*found[name], *self.changed})) for name in fresh}

    def _mentions_of(self, module: str, name: str) -> Iterator[tuple[RepoPath, Mention]]:
        """Yield where a word is mentioned in files that may use a module."""
        if name not in self._mentions:
            self.prefetch_mentions([name])
        known = self._mentions[name]
        last = module.rpartition(".")[2].encode()
        is_package = self._modules.get(module, "").endswith("__init__.py")
        for path in list(known):
            content = self.content(path)
            if isinstance(content, Missing):
                continue
            # `from . import name` does not mention the package; every other import does.
            if not is_package and next(word_offsets(content, last), None) is None:
                continue
            mention = known[path]
            if mention is None:
                source = self.source(path)
                mention = known[path] = Mention() if source is None else find_mention(source, name)
            yield path, mention

    def propose(self, path: RepoPath, content: bytes) -> Changed:
        """Replace a file's text and return every file whose result changed, with both results."""
        blob = blob_name(content)
        report = unpack(pack(self._analyzer.analyze(path, content)))
        old = self._blobs.get(path)
        self.changed[path] = content
        self.version += 1
        for known in self._mentions.values():
            known[path] = None
        if old is None or old == blob:  # out of scope, or unchanged
            return {}
        self._blobs[path] = blob
        return self._state.apply([(path, old, blob)], {(path, blob): report or EMPTY}, self._day)

    def withdraw(self, path: RepoPath, content: bytes, *, was_changed: bool) -> None:
        """Withdraw a proposal by restoring the file's text."""
        self.propose(path, content)
        self.version += 1
        if not was_changed:
            del self.changed[path]

    def _supplement(self, words: Collection[Word], keys: Collection[Key]) -> dict[Key, FileReport]:
        """Return the reports on words that only other files show to matter."""
        found = ((key, self._analyzer.supplement(key[0], self.content(key[0]), words)) for key in keys)
        return {key: unpack(pack(report)) for key, report in found if report is not EMPTY}

    def _parse(self, path: RepoPath, content: bytes) -> Source:
        return Source(path, content, self.plan.scope.source_roots)


def difference(changed: Changed) -> Difference:
    """Return a change within one tree as a difference without renames."""
    return Difference(changed, {})


def _import_order(path: RepoPath) -> tuple[bool, RepoPath]:
    """Return a key that puts a module behind its stub, so that the module decides what the name means."""
    return path.endswith(".py"), path
