"""A plan that changes what is made of the findings, not how they are found, reads no file again."""

from pathlib import Path

from scanner import ReportStore, Walker, open_repository, read_plan
from tests.scanner.gitdir import GitDir

PLAN = """\
version: 1
name: Before
rules: [{id: old, kind: deprecated-symbol, symbols: [pkg.old.get], risk: low}]
"""
AFTER = (
    PLAN.replace("risk: low", "risk: high").replace("Before", "After") + 'categories: {test: ["tests/**"]}\n'
)
OTHER = PLAN.replace("pkg.old.get", "pkg.old.put")


def test_only_a_change_of_the_rules_reads_the_files_again(tmp_path: Path) -> None:
    made = GitDir.create(tmp_path / "repo")
    use = "from pkg.old import get\nget()\n"
    sha = made.commit("Begin", {"app/a.py": use, "tests/test_a.py": use})
    with open_repository(str(made.path)) as repository:
        store = ReportStore(str(tmp_path / "reports"))
        seen = []
        for text in (PLAN, AFTER, OTHER):
            walker = Walker(repository, read_plan(text, "plan.yaml"), store)
            (visit,) = walker.walk([sha])
            seen.append(
                (visit.tally.violations, visit.tally.by["risk"]["high"].violations, walker.progress[1])
            )
            walker.close()
        store.close()
    assert seen == [(4, 0, 2), (2, 2, 0), (0, 0, 2)]
