"""Trees whose imports are sorted by the real ruff or isort, from files on the disk."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import isort
from ruff import find_ruff_bin

from scanner.fixes.model import Selection
from scanner.fixes.rounds import rewrite_in
from scanner.model import RepoPath
from tests.scanner.fixes.trees import plan_of, workspace_of

RULES = """
  - id: fetch
    kind: deprecated-symbol
    symbols: [app.old.fetch]
    replacement: {symbol: app.zeta.load}
  - id: reader
    kind: deprecated-symbol
    symbols: [app.old.Reader]
    replacement: {symbol: app.alpha.Loader}
  - {id: home, kind: canonical-import, names: {Team: app.Teams}}
"""
MODULES = {
    "app/__init__.py": "",
    "app/Teams.py": "class Team: ...\n",
    "app/alpha.py": "class Loader: ...\n\n\nfirst = 1\n",
    "app/old.py": "def fetch(): ...\n\n\nclass Reader: ...\n\n\nclass Team: ...\n\n\nother = 1\n",
    "app/zeta.py": "def load(): ...\n\n\nZ_INDEX = 1\n",
    "lib/core.py": "thing = 1\n",
}


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def sort_with_ruff(folder: Path) -> None:
    """Sort every import below a folder with its own settings."""
    _ruff(folder, "--fix")


def unsorted_by_ruff(folder: Path) -> set[str]:
    """Return the paths of the files with I001, by the folder's own settings."""
    found = _ruff(folder, "--output-format", "concise").stdout
    return {line.partition(":")[0] for line in found.splitlines() if " I001 " in line}


def _ruff(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [find_ruff_bin(), "check", "--no-cache", "--select", "I001", "--exit-zero", *options, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def sort_with_isort(folder: Path, path: str) -> None:
    """Sort the imports of a file with the settings that isort finds from its folder upwards."""
    isort.file(folder / path, config=isort.Config(settings_path=str((folder / path).parent)))


def is_sorted_by_isort(folder: Path, path: str) -> bool:
    """Return whether isort would leave a file as it is."""
    config = isort.Config(settings_path=str((folder / path).parent))
    return isort.check_file(folder / path, config=config)


def fix_in(folder: Path, *paths: str, refusing: bool = False, roots: str = ".") -> dict[str, str]:
    """Fix files in a tree on the disk, and return their new texts; a second run must change nothing.

    Unless `refusing`, everything must be fixed.
    """
    texts = {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    plan = plan_of(RULES, f"scope: {{source_roots: [{roots}]}}")
    after = {}
    workspace = workspace_of(plan, texts)
    for path in paths:
        result = rewrite_in(workspace, RepoPath(path), Selection())
        after[path] = result.after.decode()
        assert refusing or not result.refused, (result.refused, texts[path])
        (folder / path).write_bytes(result.after)
    again = workspace_of(plan, {**texts, **after})
    for path in paths:
        assert not rewrite_in(again, RepoPath(path), Selection()).changed
    return after
