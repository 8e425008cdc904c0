"""Small trees of texts, rewritten as `fix` would, without a repository or a child process."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from scanner.engine.analyzer import Analyzer
from scanner.fixes.model import Guide, Refusal, Selection
from scanner.fixes.rounds import rewrite_in
from scanner.fixes.workspace import Tree, Workspace
from scanner.git.batch import Missing
from scanner.git.diff import blob_name
from scanner.model import RepoPath
from scanner.plan import Plan
from scanner.planfile import read_plan

Texts = Mapping[str, str | bytes]
DAY = date(2025, 9, 30)


def plan_of(rules: str, more: str = "") -> Plan:
    """A plan with these rules, given as YAML items."""
    return read_plan(f"version: 1\nname: Rewrites\nrules:\n{rules}\n{more}", "plan.yaml")


def workspace_of(plan: Plan, texts: Texts) -> Workspace:
    """A draft of a tree that is nothing but texts."""
    contents = {RepoPath(path): t.encode() if isinstance(t, str) else t for path, t in texts.items()}
    by_blob = {blob_name(content): content for content in contents.values()}
    blobs = {path: blob_name(content) for path, content in contents.items()}

    def search(words: Collection[str]) -> dict[str, list[RepoPath]]:
        return {
            word: [p for p, text in contents.items() if re.search(rb"\b%b\b" % word.encode(), text)]
            for word in words
        }

    def content(blob: str) -> bytes | Missing:
        return by_blob.get(blob, Missing("is lost"))

    analyzer = Analyzer(plan)
    reports = {
        (path, blob): analyzer.analyze(path, contents[path])
        for path, blob in blobs.items()
        if plan.in_scope(path)
    }
    python = {path: blob for path, blob in blobs.items() if path.endswith((".py", ".pyi"))}
    settings = {path: blob for path, blob in blobs.items() if path not in python}
    return Workspace(plan, Tree(python, content, search, settings), reports, DAY)


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    text: str
    raw: bytes
    refused: tuple[Refusal, ...]
    guides: tuple[Guide, ...]
    left: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """The refusals as `line: reason`."""
        return [f"{refusal.line}: {refusal.reason}" for refusal in self.refused]


def rewritten(plan: Plan, texts: Texts, path: str, selection: Selection | None = None) -> Outcome:
    """One file of the tree, rewritten; a second run over the result must change nothing."""
    asked = selection or Selection()
    workspace = workspace_of(plan, texts)
    result = rewrite_in(workspace, RepoPath(path), asked)
    left = tuple(f"{f.rule}/{f.role}" for f in workspace.findings(RepoPath(path)) if not f.suppressed)
    again = rewrite_in(workspace_of(plan, {**texts, path: result.after}), RepoPath(path), asked)
    assert not again.changed, again.patch.decode()
    return Outcome(result.after.decode("utf-8", "replace"), result.after, result.refused, result.guides, left)
