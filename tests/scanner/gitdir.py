"""A small real repository, built commit by commit with the git command."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Alice",
    "GIT_AUTHOR_EMAIL": "alice@example.org",
    "GIT_COMMITTER_NAME": "Alice",
    "GIT_COMMITTER_EMAIL": "alice@example.org",
}


@dataclass
class GitDir:
    """A repository in a folder; each commit is a day younger than the one before, from 1 September 2025."""

    path: Path
    days: int = 0

    def git(self, *arguments: str) -> str:
        """Standard output of a git command in the repository."""
        moment = f"2025-09-{self.days:02} 12:00:00 +0000"
        dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment} if self.days else {}
        command = ["git", "-C", str(self.path), *arguments]
        environment = {**os.environ, **_ENVIRONMENT, **dates}
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, subject: str, files: dict[str, str | bytes | None] | None = None) -> str:
        """Write the files (None deletes one), commit everything, give the SHA."""
        for name, text in (files or {}).items():
            file = self.path / name
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.days += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    @classmethod
    def create(cls, path: Path) -> "GitDir":
        """An empty repository whose branch is called main."""
        path.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made.git("init", "-q", "-b", "main")
        return made


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ALLOW_PROTOCOL": "file"}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


def loosen(folder: Path) -> None:
    """Store each object of a bare repository in a file of its own, so that a test can damage one of them."""
    for pack in (folder / "objects" / "pack").glob("*.pack"):
        packed = pack.read_bytes()
        for file in pack.parent.glob(f"{pack.stem}.*"):
            file.unlink()
        subprocess.run(["git", "unpack-objects", "-q"], cwd=folder, input=packed, check=True)
