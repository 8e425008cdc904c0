"""Scans the labelled corpus and compares the findings with the labels."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scanner.engine.analyzer import Analyzer, FileReport, Word
from scanner.engine.codec import pack, unpack
from scanner.engine.revision_state import RevisionState
from scanner.model import RepoPath
from scanner.plan import Plan
from scanner.planfile import read_plan

FOLDER = Path(__file__).parent
_LABEL = re.compile(r"#([!?]) ((?:[a-z-]+/[a-z-]+ ?)+)$")
Place = tuple[str, str, int, str]  # topic, path, line, rule/role


@dataclass(frozen=True, slots=True)
class Score:
    """The labels, the silent places, and the findings that differ from them."""

    expected: Counter[Place] = field(default_factory=Counter)
    silent: frozenset[Place] = frozenset()
    found: Counter[Place] = field(default_factory=Counter)

    @property
    def wrong(self) -> Counter[Place]:
        """Return the findings without a label."""
        return self.found - self.expected

    @property
    def missed(self) -> Counter[Place]:
        """Return the labels without a finding."""
        return self.expected - self.found

    @property
    def precision(self) -> float:
        """Return the share of the findings that have a label."""
        return 1 - self.wrong.total() / max(self.found.total(), 1)

    @property
    def recall(self) -> float:
        """Return the share of the labels that have a finding."""
        return 1 - self.missed.total() / max(self.expected.total(), 1)


def score() -> Score:
    """Scan every topic, and return the comparison."""
    plan = read_plan((FOLDER / "plan.yaml").read_text(), "plan.yaml")
    expected: Counter[Place] = Counter()
    found: Counter[Place] = Counter()
    silent: set[Place] = set()
    for file in sorted(FOLDER.glob("*.txt")):
        tree = _read(file.read_text())
        for path, text in tree.items():
            for number, line in enumerate(text.splitlines(), 1):
                for sign, labels in _LABEL.findall(line):
                    places = [(file.stem, path, number, label) for label in labels.split()]
                    expected.update(places if sign == "!" else ())
                    silent.update(places if sign == "?" else ())
        found.update((file.stem, *place) for place in _scan(plan, tree))
    return Score(expected, frozenset(silent), found)


def _read(text: str) -> dict[str, str]:
    """Return the files of one topic by path."""
    parts = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _scan(plan: Plan, tree: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Yield the path, line, and rule/role of every finding in a tree."""
    analyzer = Analyzer(plan)
    contents = {RepoPath(path): text.encode() for path, text in tree.items()}

    def supplement(
        words: Collection[Word], keys: Collection[tuple[RepoPath, str]]
    ) -> dict[tuple[RepoPath, str], FileReport]:
        reports = {key: analyzer.supplement(key[0], contents[key[0]], words) for key in keys}
        return {key: unpack(pack(report)) for key, report in reports.items()}

    state = RevisionState(plan, supplement)
    reports = {(path, str(path)): unpack(pack(analyzer.analyze(path, raw))) for path, raw in contents.items()}
    state.apply([(path, None, blob) for path, blob in reports], reports, date(2025, 9, 1))
    for path, result in state.files.items():
        yield from ((path, f.line, f"{f.rule}/{f.role}") for f in result.violations)


def main() -> None:
    """Print the figures and the differences."""
    result = score()
    print(f"{result.expected.total()} findings and {len(result.silent)} silent places are labelled")
    print(f"precision {result.precision:.4f}, recall {result.recall:.4f}")
    for name, places in (("wrong", result.wrong), ("missed", result.missed)):
        for topic, path, line, label in sorted(places.elements()):
            print(f"{name}: {topic}.txt {path}:{line} {label}")


if __name__ == "__main__":
    main()
