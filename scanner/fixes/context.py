"""One parsed file in a workspace, the syntax nodes of its findings, and the edits that a fix proposes."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from scanner.fixes.model import Guide, Refusal, RefusedError
from scanner.fixes.text_edits import Edit
from scanner.fixes.workspace import Workspace
from scanner.model import Finding
from scanner.plan import Plan, RuleSpec
from scanner.python.source import Source


@dataclass(frozen=True, slots=True)
class ProposedEdit:
    """Edits that are applied together, and the findings that they fix."""

    findings: tuple[Finding, ...]
    edits: tuple[Edit, ...]


Outcome = ProposedEdit | Refusal | Guide
FixFunction = Callable[["FixContext", RuleSpec, Sequence[Finding]], Iterator[Outcome]]


class FixContext:
    """One parsed file in a workspace."""

    def __init__(self, workspace: Workspace, source: Source) -> None:
        self.workspace = workspace
        self.source = source

    @property
    def plan(self) -> Plan:
        """Return the plan under which the workspace is judged."""
        return self.workspace.plan

    @property
    def is_test(self) -> bool:
        """Return whether pytest would collect tests or fixtures from this file."""
        name = self.source.path.rpartition("/")[2]
        return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"

    @cached_property
    def _rows(self) -> list[int]:
        data = self.source.data
        rows = [0]
        while (at := data.find(b"\n", rows[-1])) >= 0:
            rows.append(at + 1)
        return rows

    def offset(self, line: int, column: int) -> int:
        """Return the byte offset of a 1-based line and column; columns count characters."""
        start = self._rows[line - 1]
        if column <= 1:
            return start
        end = self._rows[line] if line < len(self._rows) else len(self.source.data)
        text = self.source.data[start:end].decode("utf-8", "replace")
        return start + len(text[: column - 1].encode())

    def line(self, offset: int) -> int:
        """Return the 1-based line number at a byte offset."""
        return bisect_right(self._rows, offset)

    def line_start(self, offset: int) -> int:
        """Return the offset at which the line that contains an offset begins."""
        return self._rows[self.line(offset) - 1]

    def next_line(self, offset: int) -> int:
        """Return the offset at which the next line begins; on the last line, the end of the text."""
        line = self.line(offset)
        return self._rows[line] if line < len(self._rows) else len(self.source.data)

    def node(self, finding: Finding, *types: str) -> Node:
        """Return the outermost node that spans a finding exactly, restricted to `types` if given.

        Raises RefusedError if the text at the finding has changed.
        """
        start = self.offset(finding.line, finding.column)
        end = self.offset(finding.end_line, finding.end_column)
        for step in self.source.descend(start):
            node = step.node
            if node.start_byte == start and node.end_byte == end and (not types or node.type in types):
                return node
        raise RefusedError("the reported code could not be found again")

    def at(self, finding: Finding, *types: str) -> Node:
        """Return the innermost node of one of these types that encloses the start of a finding."""
        for step in reversed(self.source.descend(self.offset(finding.line, finding.column))):
            if step.node.type in types:
                return step.node
        raise RefusedError("the reported code could not be found again")

    def text(self, node: Node) -> str:
        """Return the node's text."""
        return self.source.text(node)

    def newline(self) -> bytes:
        """Return the file's line ending."""
        end = self.source.data.find(b"\n")
        return b"\r\n" if end > 0 and self.source.data[end - 1 : end] == b"\r" else b"\n"
