"""Renamed files between two revisions, determined only on demand and only if it matters."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from scanner.git.repository import Repository
from scanner.model import FileResult, RepoPath, decode_path, encode_path


class Renames(Mapping[RepoPath, RepoPath]):
    """New path -> old path. Identical content is detected here; similar content is detected by git.

    git compares only files that were added or deleted while a file with findings was deleted or added.
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
        self._gone = {path: old for path, (old, new) in changed.items() if old is not None and new is None}
        self._came = {path: new for path, (old, new) in changed.items() if old is None and new is not None}

    def __getitem__(self, path: RepoPath) -> RepoPath:
        return self._found[path]

    def __iter__(self) -> Iterator[RepoPath]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[RepoPath, RepoPath]:
        if self._before is None or not self._gone or not self._came:
            return {}
        found = self._same_content()
        taken = set(found.values())
        gone = {path: old for path, old in self._gone.items() if path not in taken}
        came = {path: new for path, new in self._came.items() if path not in found}
        if gone and came and any(result.findings for result in (*gone.values(), *came.values())):
            found |= self._similar(gone, came)
        return found

    def _same_content(self) -> dict[RepoPath, RepoPath]:
        """Return renames with identical content: files with the same name first, then in order of path."""
        waiting: dict[str, list[RepoPath]] = {}
        for path in sorted(self._gone):
            waiting.setdefault(self._gone[path].blob, []).append(path)
        found = {}
        for by_name in (True, False):
            for path in sorted(self._came):
                for old in waiting.get(self._came[path].blob, ()) if path not in found else ():
                    if not by_name or _name(old) == _name(path):
                        found[path] = old
                        waiting[self._came[path].blob].remove(old)
                        break
        return found

    def _similar(
        self, gone: Mapping[RepoPath, FileResult], came: Mapping[RepoPath, FileResult]
    ) -> dict[RepoPath, RepoPath]:
        speaking_gone = any(result.findings for result in gone.values())
        speaking_came = any(result.findings for result in came.values())
        asked = [path for path, old in gone.items() if old.findings or speaking_came]
        asked += [path for path, new in came.items() if new.findings or speaking_gone]
        raw = self._repository.renames(self._before or "", self._after, [encode_path(path) for path in asked])
        named = {decode_path(new): decode_path(old) for new, old in raw.items()}
        return {new: old for new, old in named.items() if new in came and old in gone}


def _name(path: RepoPath) -> str:
    return path.rpartition("/")[2]
