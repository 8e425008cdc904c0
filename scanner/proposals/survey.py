"""Reads every Python file of one revision once, for all detectors, and indexes what modules define."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scanner.engine.analyzer import MAX_BYTES
from scanner.git.batch import Missing
from scanner.git.repository import Repository
from scanner.globs import path_matches
from scanner.model import RepoPath, decode_path
from scanner.proposals.layout import categories, excluded, minimum_python, source_roots
from scanner.proposals.markers import Marker
from scanner.proposals.past import Past, Sample, list_samples
from scanner.proposals.python_file import ImportedName, PythonFile
from scanner.python.imports import module_name

PRODUCTION = "production"
"""The category of files that no other one matches."""

Watch = Callable[[int, int], None]
"""Receives the number of files read and their total."""


@dataclass
class Layout:
    """Which files there are and how they are arranged. `samples` has days and files of earlier commits."""

    paths: tuple[RepoPath, ...]
    categories: dict[str, tuple[str, ...]]
    excluded: tuple[str, ...]
    roots: tuple[str, ...]
    minimum_python: tuple[int, int] = (0, 0)
    samples: dict[str, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)

    def is_test(self, path: str) -> bool:
        """Return whether a file is in a category other than production."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = not path_matches(
                self.categories.get(PRODUCTION, ()), path
            ) and path_matches(self._globs, path)
        return known

    @cached_property
    def _known(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _globs(self) -> tuple[str, ...]:
        return tuple(g for name, globs in self.categories.items() if name != PRODUCTION for g in globs)


@dataclass(frozen=True, slots=True)
class Module:
    """What other modules can import from a module."""

    path: str
    bound: dict[str, str]
    defined: frozenset[str]
    exported: frozenset[str]
    is_package: bool


@dataclass(slots=True)
class Survey:
    """The index of one revision. `imports` counts, for each full name, how often it is imported, and `names`
    does for each last name. `importers` maps a name to the modules that it is imported from, `by_name` to
    those that define it. `past` has what earlier commits imported.
    """

    layout: Layout
    past: Past
    modules: dict[str, Module] = field(default_factory=dict)
    imports: Counter[str] = field(default_factory=Counter)
    importers: dict[str, set[str]] = field(default_factory=dict)
    by_name: dict[str, set[str]] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)

    def add(self, file: PythonFile) -> None:
        """Index a file; of tests, only what they import."""
        if not file.is_test:
            defined = frozenset(each.name for each in file.definitions)
            names = defined | {name for name, _ in file.assignments}
            self.modules[file.module] = Module(file.path, file.bound, names, file.exported, file.is_package)
            for name in names:
                self.by_name.setdefault(name, set()).add(file.module)
        for each in file.imports:
            full = f"{each.module}.{each.name}" if each.name else each.module
            self.imports[full] += 1
            if each.name:
                self.importers.setdefault(each.name, set()).add(each.module)
                self.names[each.name] += 1

    def resolve(self, name: str, module: str, depth: int = 5) -> str:
        """Return the full name of a definition in the repository that a name, written in a module, means.

        Return an empty string if nothing, or more than one definition, fits.
        """
        here = self.modules.get(module)
        head, _, rest = name.partition(".")
        if here and head in here.bound:
            name = ".".join(filter(None, (here.bound[head], rest)))
        full = self._defined(name, depth)
        if full or "." not in name:
            owners = list(self.by_name.get(name, ()))
            return full or (f"{owners[0]}.{name}" if len(owners) == 1 else "")
        last = name.rpartition(".")[2]
        fits = [
            f"{each}.{last}" for each in self.by_name.get(last, ()) if f".{each}.{last}".endswith(f".{name}")
        ]
        return fits[0] if len(fits) == 1 else ""

    def defines(self, name: str) -> bool:
        """Return whether a full name is a definition in the repository, or one of its modules hands it on."""
        return bool(self._defined(name, 5))

    def _defined(self, name: str, depth: int) -> str:
        """Follow a full name through re-exports to its definition."""
        module, _, last = name.rpartition(".")
        there = self.modules.get(module)
        if there is None or depth == 0:
            return ""
        if last in there.defined:
            return name
        return self._defined(there.bound[last], depth - 1) if last in there.bound else ""


def read_layout(repository: Repository, sha: str) -> Layout:
    """Return the Python files of a revision, those of earlier ones, and how they are arranged.

    The categories suit the earlier commits as well, because a plan is applied to them, too.
    """
    paths = tuple(decode_path(path) for path, _ in repository.files(sha) if path.endswith(b".py"))
    settings = [
        repository.content(sha, RepoPath(name)) for name in ("pyproject.toml", "setup.cfg", "setup.py")
    ]
    texts = [text.decode("utf-8", "replace") for text in settings if not isinstance(text, Missing)]
    minimum = minimum_python("\n".join(texts))
    samples = list_samples(repository, sha, len(paths))
    every = list(dict.fromkeys([*paths, *(path for _, files in samples.values() for path, _ in files)]))
    return Layout(paths, categories(every), excluded(paths), source_roots(paths), minimum, samples)


def survey(
    repository: Repository,
    sha: str,
    layout: Layout,
    readers: Iterable[Callable[[PythonFile], None]],
    markers: Sequence[Marker],
    *,
    watch: Watch,
) -> Survey:
    """Read the files in scope one after another, give each to the readers, and return the index."""
    now = Sample(sha, "")
    own = {_top(module_name(path, layout.roots)[0]) for path in layout.paths if not layout.is_test(path)}
    found = Survey(layout, Past(now, markers, own))
    every: Sequence[Callable[[PythonFile], None]] = [found.add, *readers]
    files = [
        (path, blob)
        for raw, blob in repository.files(sha)
        if raw.endswith(b".py") and not path_matches(layout.excluded, path := decode_path(raw))
    ]
    contents = repository.blobs([blob for _, blob in files], MAX_BYTES)
    for number, ((path, blob), (_, content)) in enumerate(zip(files, contents, strict=True)):
        watch(number, len(files))
        if isinstance(content, Missing):
            continue
        is_test = layout.is_test(path)
        now.add(path, found.past.content(blob, content), layout.roots, is_test=is_test)
        module, is_package = module_name(path, layout.roots)
        file = PythonFile(path, content, module, is_package=is_package, is_test=is_test)
        for read in every:
            read(file)
    watch(len(files), len(files))
    earlier = {at: (on, _in_scope(entries, layout)) for at, (on, entries) in layout.samples.items()}
    found.past.read(repository, earlier, layout.roots, layout.is_test)
    return found


def _top(module: str) -> str:
    return module.partition(".")[0]


def _in_scope(entries: Iterable[tuple[str, str]], layout: Layout) -> list[tuple[str, str]]:
    return [(path, blob) for path, blob in entries if not path_matches(layout.excluded, path)]


__all__ = ["PRODUCTION", "ImportedName", "Layout", "Module", "Survey", "Watch", "read_layout", "survey"]
