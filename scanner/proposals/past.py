"""Reads what sampled commits of the past imported, so that proposals know of migrations that have ended.

Files are not parsed, and each version of a file is read once, which keeps this much cheaper than reading the
newest commit.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from sys import stdlib_module_names
from typing import NamedTuple

from scanner.engine.analyzer import MAX_BYTES
from scanner.git.batch import Missing
from scanner.git.repository import Repository
from scanner.git.sampling import sampled_commits
from scanner.model import decode_path
from scanner.proposals.import_lines import attributes_of, import_lines
from scanner.proposals.markers import Marker
from scanner.proposals.model import EarlierUse, PastUse
from scanner.python.imports import absolute, module_name
from scanner.python.multi_search import Needles

MOST_SAMPLES = 8
MOST_FILES = 8_000
"""Number of files in all samples together that are aimed at; large repositories get fewer samples."""

LEAST_SAMPLES = 3
MOST_BLOBS = 30_000
"""Maximum number of versions of files that are read in addition to the newest ones."""

Entry = tuple[str, str]
"""A path and its blob."""


class Content(NamedTuple):
    """What matters in one version of a file: its imports (dots, module, name) and the markers that occur."""

    imports: tuple[tuple[int, str, str], ...]
    markers: frozenset[str]


NOTHING = Content((), frozenset())


@dataclass(slots=True)
class Sample:
    """One commit. The counters have the number of files, of all and of production code, that import a
    module, something beneath it or a full name, or that contain a marker. `names` has what is imported from
    each module.
    """

    sha: str
    on: str
    modules: dict[str, str] = field(default_factory=dict)
    files: Counter[str] = field(default_factory=Counter)
    production: Counter[str] = field(default_factory=Counter)
    names: dict[str, set[str]] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    file_names: set[str] = field(default_factory=set)

    def add(self, path: str, content: Content, roots: Sequence[str], *, is_test: bool) -> None:
        """Count a file."""
        module, is_package = module_name(path, roots)
        self.folders.update(path.split("/")[:-1])
        self.file_names.add(path.rpartition("/")[2])
        if not is_test:
            self.modules[module] = path
        for level, written, name in content.imports:
            full = absolute(module, is_package, level, written)
            if full and name and name != "*":
                self.names.setdefault(full, set()).add(name)
        found = _uses(module, is_package, content)
        self.files.update(found)
        if not is_test:
            self.production.update(found)


@lru_cache(maxsize=50_000)
def _with_packages(module: str) -> tuple[str, ...]:
    """Return a module and the packages that contain it."""
    parts = module.split(".")
    return tuple(".".join(parts[: end + 1]) for end in range(len(parts)))


class Past:
    """The samples of a history, oldest first, the newest commit last.

    `own` are the repository's own packages.
    """

    def __init__(self, newest: Sample, markers: Sequence[Marker], own: Collection[str]) -> None:
        self.samples = [newest]
        self._markers = markers
        self._needles = Needles([each.needles for each in markers])
        self._known = {*own, *stdlib_module_names}
        self._read: dict[str, Content] = {}
        self._importers: dict[str, set[str]] = {}
        self._lists: dict[str, Sequence[Entry]] = {}
        self._roots: Sequence[str] = (".",)

    @property
    def now(self) -> Sample:
        """The newest commit."""
        return self.samples[-1]

    def content(self, blob: str, text: bytes) -> Content:
        """Return what matters in a version of a file, and remember it."""
        lines = list(import_lines(text))
        found = dict.fromkeys((each.level, each.module, each.name) for each in lines)
        for each in lines:
            if not each.level and not each.name and each.module not in self._known:
                found |= dict.fromkeys((0, each.module, name) for name in attributes_of(each.bound, text))
        imports = tuple(found)
        likely = (self._markers[number] for number in self._needles.found_in(text))
        markers = frozenset(each.name for each in likely if each.is_in(text))
        made = self._read[blob] = Content(imports, markers)
        return made

    def use(self, key: str) -> PastUse | None:
        """Return the earlier uses of a key if it was used more anywhere."""
        found = PastUse(*(self._peak(number, key) for number in (_everywhere, _in_production, _in_tests)))
        return found if found.files else None

    def _peak(self, number: Callable[[Sample, str], int], key: str) -> EarlierUse | None:
        """Return the earlier sample with the most files for a key, the newest of several, if they are more
        than now.
        """
        best: Sample | None = None
        for each in self.samples[:-1]:
            if best is None or number(each, key) >= number(best, key):
                best = each
        if best is None or number(best, key) <= number(self.now, key):
            return None
        return EarlierUse(best.sha, best.on, number(best, key))

    def names(self, module: str) -> set[str]:
        """Return the names that any sample imports from a module."""
        return {name for each in self.samples for name in each.names.get(module, ())}

    def beneath(self, package: str) -> list[str]:
        """Return what any sample imports from a top-level package, each as `package.name`."""
        start = f"{package}."
        keys = (key for sample in self.samples for key in sample.files if key.startswith(start))
        return sorted({".".join(key.split(".")[:2]) for key in keys})

    def importers(self, name: str) -> set[str]:
        """Return the modules from which any sample imports a name."""
        if not self._importers:
            for sample in self.samples:
                for module, names in sample.names.items():
                    for each in names:
                        self._importers.setdefault(each, set()).add(module)
        return self._importers.get(name, set())

    def read(
        self,
        repository: Repository,
        lists: Mapping[str, tuple[str, Sequence[Entry]]],
        roots: Sequence[str],
        is_test: Callable[[str], bool],
    ) -> None:
        """Add samples, given the day and the files of each commit, newest first."""
        left = MOST_BLOBS
        for sha, (on, entries) in lists.items():
            unread = list(dict.fromkeys(blob for _, blob in entries if blob not in self._read))
            left -= len(unread)
            if left < 0:
                return
            for blob, text in repository.blobs(unread, MAX_BYTES):
                if isinstance(text, Missing):
                    self._read[blob] = NOTHING
                else:
                    self.content(blob, text)
            self._lists[sha], self._roots = entries, roots
            sample = Sample(sha, on)
            for path, blob in entries:
                sample.add(path, self._read[blob], roots, is_test=is_test(path))
            self.samples.insert(0, sample)

    def survivors(self, wanted: Mapping[str, str]) -> dict[str, float]:
        """Return, for keys with a commit each, the share of the files that used it whose name still exists.

        A migration changes files; where they were deleted or moved out together, nothing was migrated.
        """
        names: dict[str, list[bool]] = {key: [] for key in wanted}
        for commit in dict.fromkeys(wanted.values()):
            keys = {key for key, at in wanted.items() if at == commit}
            for path, blob in self._lists[commit]:
                for key in keys & _uses(*module_name(path, self._roots), self._read[blob]):
                    names[key].append(path.rpartition("/")[2] in self.now.file_names)
        return {key: sum(still) / max(len(still), 1) for key, still in names.items()}

    def forget_contents(self) -> None:
        """Free the contents of files once all questions about them have been answered."""
        self._read.clear()
        self._lists.clear()


def _uses(module: str, is_package: bool, content: Content) -> set[str]:
    """Return the keys of a file: its markers, and what it imports, with the packages around it."""
    found = set(content.markers)
    for level, written, name in content.imports:
        full = absolute(module, is_package, level, written)
        if full:
            found.update(_with_packages(full))
            if name and name != "*":
                found.add(f"{full}.{name}")
    return found.difference(_with_packages(module))  # within a package, its own modules are no uses of it


def _everywhere(sample: Sample, key: str) -> int:
    return sample.files[key]


def _in_production(sample: Sample, key: str) -> int:
    return sample.production[key]


def _in_tests(sample: Sample, key: str) -> int:
    return sample.files[key] - sample.production[key]


def list_samples(repository: Repository, sha: str, size: int) -> dict[str, tuple[str, list[Entry]]]:
    """Return commits of the first-parent history at equal distances, newest first, without the given one.

    Each comes with its day and its Python files. `size` is the number of files in the given commit.
    """
    number = max(LEAST_SAMPLES, min(MOST_SAMPLES, MOST_FILES // max(size, 1)))
    found = {}
    for each in sampled_commits(repository, sha, number):
        files = repository.files(each.sha)
        entries = [(str(decode_path(path)), blob) for path, blob in files if path.endswith(b".py")]
        found[each.sha] = (each.committed_at.date().isoformat(), entries)
    return found
