"""The copies of the product in which mutants are planted; the checkout itself is never changed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.mutant import Mutant

LINKS = (".venv", "node_modules")


class Copy:
    """One copy, in which one mutant at a time is planted."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self._plants = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, names.stdout.split("\0")):
            if (root / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, folder / name)
        for link in LINKS:
            (folder / link).symlink_to((root / link).resolve())
        self._commit()

    def _commit(self) -> None:
        """Tests list the product's files with git."""
        author = ("-c", "user.name=mutants", "-c", "user.email=mutants@localhost")
        for words in (("init",), ("add", "--all"), (*author, "commit", "--no-verify", "--message", "Copy")):
            subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True)

    @contextmanager
    def plant(self, mutant: Mutant) -> Iterator[None]:
        """Change the file while the block runs."""
        file = self.folder / mutant.path
        original, times = file.read_bytes(), file.stat()
        self._plants += 1
        try:
            file.write_bytes(mutant.apply(original))
            # Python takes a compiled file for current if the size and the second are the source's.
            os.utime(file, (times.st_atime, int(times.st_mtime) - self._plants))
            yield
        finally:
            file.write_bytes(original)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
