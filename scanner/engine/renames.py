"""Detects files that were renamed between two revisions, lazily and only where it matters."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from scanner.git.repository import Repository
from scanner.model import FileResult, RepoPath, decode_path, encode_path


class Renames(Mapping[RepoPath, RepoPath]):
    """Maps new paths to old paths. Identical content is detected here, similar content by git.

    git only runs if files with findings are among the added or deleted files that are left.
    """

    def __init__(
        self,
        repository: Repository,
        before: str | None,
        after: str,
        changed: Mapping[RepoPath, tuple[FileResult | None, FileResult | None]],
    ) -> None:
        self._repository = repository
        self._before = before
        self._after = after
        self._deleted = {path: old for path, (old, new) in changed.items() if old is not None and new is None}
        self._added = {path: new for path, (old, new) in changed.items() if old is None and new is not None}

    def within(self, changed: Mapping[RepoPath, tuple[FileResult | None, FileResult | None]]) -> "Renames":
        """Return the renames among a part of the files that changed."""
        return Renames(self._repository, self._before, self._after, changed)

    def __getitem__(self, path: RepoPath) -> RepoPath:
        return self._found[path]

    def __iter__(self) -> Iterator[RepoPath]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[RepoPath, RepoPath]:
        if self._before is None or not self._deleted or not self._added:
            return {}
        found = self._same_content()
        taken = set(found.values())
        deleted = {path: old for path, old in self._deleted.items() if path not in taken}
        added = {path: new for path, new in self._added.items() if path not in found}
        if deleted and added and any(result.findings for result in (*deleted.values(), *added.values())):
            found |= self._similar(deleted, added)
        return found

    def _same_content(self) -> dict[RepoPath, RepoPath]:
        """Return renames with identical content; files with the same name are paired first."""
        unmatched: dict[str, list[RepoPath]] = {}
        for path in sorted(self._deleted):
            unmatched.setdefault(self._deleted[path].blob, []).append(path)
        found = {}
        for by_name in (True, False):
            for path in sorted(self._added):
                for old in unmatched.get(self._added[path].blob, ()) if path not in found else ():
                    if not by_name or _name(old) == _name(path):
                        found[path] = old
                        unmatched[self._added[path].blob].remove(old)
                        break
        return found

    def _similar(
        self, deleted: Mapping[RepoPath, FileResult], added: Mapping[RepoPath, FileResult]
    ) -> dict[RepoPath, RepoPath]:
        deleted_has_findings = any(result.findings for result in deleted.values())
        added_has_findings = any(result.findings for result in added.values())
        candidates = [path for path, old in deleted.items() if old.findings or added_has_findings]
        candidates += [path for path, new in added.items() if new.findings or deleted_has_findings]
        raw = self._repository.renames(
            self._before or "", self._after, [encode_path(path) for path in candidates]
        )
        named = {decode_path(new): decode_path(old) for new, old in raw.items()}
        return {new: old for new, old in named.items() if new in added and old in deleted}


def _name(path: RepoPath) -> str:
    return path.rpartition("/")[2]
