"""The documentation names only files that exist, and the product names none that it does not contain."""

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PAGES = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((PROJECT / "docs").rglob("*.md")),
]
ROOTS = ("compliance/", "scanner/", "tests/", "docs/", "bench/", "static/", "templates/")
FOREIGN = re.compile(
    r"\b(?:CASES(?:-\w+)?|DESIGN|LAYOUT|STYLE|PLAN-FORMAT|BRIEF|CONVENTIONS|ANCHORS|INTEGRATIONS|USERS-ASK)"
    r"\.md\b"
)


def named_files(document: Path) -> set[str]:
    """Return the paths inside the project that a document names, in links and in code spans."""
    text = document.read_text()
    linked = {
        (document.parent / target).resolve().relative_to(PROJECT).as_posix()
        for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", text)
    }
    spans = {span for span in re.findall(r"`([\w./*<>-]+)`", text) if span.startswith(ROOTS)}
    return linked | {span for span in spans if not re.search(r"[*<>]", span) and is_ours(span)}


def is_ours(path: str) -> bool:
    """Return false for a path of the demonstration's imagined platform, whose tests have other folders."""
    return not path.startswith("tests/") or (PROJECT / Path(*Path(path).parts[:2])).exists()


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_a_document_names_only_files_that_exist(document: Path) -> None:
    assert [name for name in sorted(named_files(document)) if not (PROJECT / name).exists()] == []


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text().splitlines()) <= 120


def test_no_file_names_a_document_that_is_not_part_of_the_project() -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    texts = (
        PROJECT / name for name in files if name.endswith((".py", ".md", ".html", ".js", ".txt", ".toml"))
    )
    assert [str(file) for file in texts if file.is_file() and FOREIGN.search(file.read_text("utf-8"))] == []
