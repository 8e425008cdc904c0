"""A small recorded world for the pages' tests: one repository, a plan with two phases, a line of commits.

Ada wrote the beginning, Ben migrates, Cy breaks one file again. Rows are made as the records make them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1, sha256

from django.db.models import F
from django.utils import timezone

from compliance.models import (
    Baseline,
    Change,
    Commit,
    File,
    FileState,
    PlanVersion,
    Repository,
    Snapshot,
    Violation,
)
from tests.views.planned import plan_rows

PLAN = """version: 1
name: "Agent factory: singleton to per-request factory"
target_percent: 95.0
compliance_counts: [production]
rules: []
"""
PEOPLE = {"Ada": "ada@example.org", "Ben": "ben@example.org", "Cy": "cy@example.org"}
STEP = timedelta(hours=20)
RISKS = ("critical", "high", "medium", "low")


@dataclass
class World:
    """The recorded repository. Each call of `commit` records one more commit and makes it the head."""

    repository: Repository
    plan: PlanVersion
    files: list[File]
    standing: list[Violation] = field(default_factory=list)
    position: int = 0
    at: datetime = field(default_factory=timezone.now)
    sites: int = 0
    head: Commit = field(init=False)

    def record(self, subjects: list[str]) -> None:
        """Write files and commits in a few statements. Each commit after the first fixes a violation."""
        states = [FileState(plan=self.plan, file=file, category=file.category) for file in self.files]
        for state in states[3:4]:
            state.unparsed, state.unparsed_line = "a bracket is never closed", 41
        begun = {state.file.path: state for state in states}
        for number, file in enumerate(self.files):
            if number % 4 == 0:
                file.violations, file.status, file.worst_risk = number % 3 + 1, File.Status.OPEN, RISKS[0]
                self.standing += [self._violation(file, 10 + 7 * line) for line in range(file.violations)]
                begun[file.path].violations = file.violations
        File.objects.bulk_create(self.files)
        Violation.objects.bulk_create(self.standing)
        line: list[Commit] = []
        snapshots, fixes = [], []
        for subject in subjects:
            fix = 1 if line else 0
            line.append(self._next(subject, by="Ben" if fix else "Ada"))
            fixed, self.standing = self.standing[:fix], self.standing[fix:]
            for violation in fixed:
                self._fix(violation, line[-1])
                begun[violation.file.path].violations -= 1
            fixes += fixed
            snapshots.append(self._snapshot(line[-1], new=0, fixed=len(fixed)))
        self.head = line[-1]
        Commit.objects.bulk_create(line)
        FileState.objects.bulk_create(states)
        Snapshot.objects.bulk_create(snapshots)
        # Ended after they were written, because a trigger notes the paths of those that stand.
        Violation.objects.bulk_update(fixes, ["resolved", "last"])
        files = {violation.file.path: violation.file for violation in fixes}
        File.objects.bulk_update(files.values(), ["violations", "status", "worst_risk", "changed_at"])
        changes = (self._change(of, of.resolved, Change.Kind.FIXED) for of in fixes if of.resolved)
        Change.objects.bulk_create(changes)

    def commit(self, subject: str, by: str = "Ben", fix: int = 0, breaks: tuple[File, ...] = ()) -> Commit:
        """Record a commit that fixes the oldest `fix` violations and breaks files that had been clean."""
        commit = self._next(subject, by)
        commit.save()
        fixed, self.standing = self.standing[:fix], self.standing[fix:]
        for violation in fixed:
            self._resolve(violation, commit)
        for file in breaks:
            self._break(file, commit)
        self._snapshot(commit, new=len(breaks), fixed=len(fixed)).save()
        self.head = self.repository.head = commit
        self.repository.line_length = self.position
        self.repository.save()
        return commit

    def _next(self, subject: str, by: str) -> Commit:
        self.position += 1
        self.at += STEP
        return Commit(
            repository=self.repository,
            sha=sha1(f"{self.repository.slug}{self.position}".encode()).hexdigest(),
            parents=[],
            position=self.position,
            author_name=by,
            author_email=PEOPLE[by],
            authored_at=self.at,
            committed_at=self.at,
            subject=subject,
        )

    def _resolve(self, violation: Violation, commit: Commit) -> None:
        violation.file.refresh_from_db()
        self._fix(violation, commit)
        violation.save()
        self._change(violation, commit, Change.Kind.FIXED).save()
        violation.file.states.filter(last=None).update(violations=F("violations") - 1)
        violation.file.save()

    def _fix(self, violation: Violation, commit: Commit) -> None:
        violation.resolved, violation.last = commit, self.position - 1
        file = violation.file
        file.violations -= 1
        file.status = File.Status.IN_PROGRESS if file.violations else File.Status.MIGRATED
        file.worst_risk = violation.risk if file.violations else ""
        file.changed_at = commit.committed_at
        self.sites += 1

    def _break(self, file: File, commit: Commit) -> None:
        violation = self.violation(file, 7, commit)
        self._change(violation, commit, Change.Kind.NEW, regression=True).save()
        file.states.filter(last=None).update(violations=F("violations") + 1)
        file.refresh_from_db()
        file.violations += 1
        file.status, file.worst_risk = File.Status.REGRESSED, violation.risk
        file.changed_at = commit.committed_at
        file.save()

    def violation(self, file: File, line: int, commit: Commit | None = None) -> Violation:
        """One more standing violation."""
        made = self._violation(file, line, commit)
        made.save()
        self.standing.append(made)
        return made

    def _violation(self, file: File, line: int, commit: Commit | None = None) -> Violation:
        number = self.files.index(file) + line  # not its key, which depends on the tests before
        text = f"factory = get_agent_instance_factory()  # {line}"
        print_ = sha256(f"{file.path}{line}{self.position}".encode()).hexdigest()
        return Violation(
            plan=self.plan,
            file=file,
            introduced=commit,
            first=self.position or None,
            rule="agent-instance-factory",
            role="call",
            symbol="netra.agents.factory.get_agent_instance_factory",
            scope="Supervisor.run",
            risk=RISKS[number % 4],
            category=file.category,
            message="One factory shared by all users",
            snippet=text,
            line=line,
            column=5,
            end_line=line,
            end_column=40,
            fingerprint=print_,
            origin_path=file.path,
            origin_fingerprint=print_,
            issues=["#1274"],
            phases=["golden-path" if number % 3 else "cleanup"],
            counted=file.category == "production",
        )

    def _change(
        self, of: Violation, commit: Commit, kind: Change.Kind, *, regression: bool = False
    ) -> Change:
        return Change(
            commit=commit,
            plan=self.plan,
            violation=of,
            kind=kind,
            rule=of.rule,
            role=of.role,
            symbol=of.symbol,
            risk=of.risk,
            category=of.category,
            counted=of.counted,
            path=of.file.path,
            line=of.line,
            snippet=of.snippet,
            fingerprint=of.fingerprint,
            regression=regression,
        )

    def _snapshot(self, commit: Commit, new: int, fixed: int) -> Snapshot:
        counted = [v for v in self.standing if v.counted]
        violating = {v.file.path for v in counted}
        files = [file for file in self.files if file.category == "production"]
        slices: dict[str, dict[str, list[int]]] = {}
        for dimension, keys in _KEYS.items():
            slices[dimension] = {key: _slice(self.standing, dimension, key) for key in keys}
        return Snapshot(
            commit=commit,
            plan=self.plan,
            files=len(files),
            clean=len(files) - len(violating),
            violations=len(counted),
            files_with_violations=len(violating),
            old_sites=len(counted),
            new_sites=self.sites,
            suppressed=6,
            unparsed=1,
            skipped=3,
            new=new,
            fixed=fixed,
            moved=0,
            files_added=0,
            files_gone=0,
            by=slices,
            category_files={"production": len(files), "unit": len(self.files) - len(files)},
        )


_KEYS = {
    "risk": RISKS,
    "rule": ("agent-instance-factory",),
    "category": ("production", "unit"),
    "phase": ("golden-path", "cleanup"),
    "issue": ("#1274",),
}


def _slice(standing: list[Violation], dimension: str, key: str) -> list[int]:
    def takes(violation: Violation) -> bool:
        if dimension in ("phase", "issue"):
            return key in getattr(violation, f"{dimension}s")
        counts = violation.counted or dimension == "category"
        return counts and getattr(violation, dimension) == key

    rows = [violation for violation in standing if takes(violation)]
    return [len(rows), len({violation.file.path for violation in rows})]


def _paths(files: int) -> Iterator[tuple[str, str]]:
    for number in range(files):
        yield f"netra/app/agents/part_{number % 7}/module_{number}.py", "production"
    for number in range(files // 4):
        yield f"tests/unit/agents/test_module_{number}.py", "unit"


def world(slug: str = "netra", files: int = 40, commits: int = 12) -> World:
    """A repository of `files` production files and a quarter as many tests, `commits` commits deep."""
    repository = Repository.objects.create(
        slug=slug,
        name="Netra agents",
        url="https://git.example.org/netra.git",
        branch="main",
        web_url="https://git.example.org/netra",
        history_done=True,
    )
    plan = PlanVersion.objects.create(
        repository=repository,
        number=1,
        digest=sha256(slug.encode()).hexdigest(),
        name=f"Agent factory of {slug}",
        text=PLAN,
        counted=["production"],
        target_percent="95.0",
        source="ssot-plan.yaml at the first commit",
    )
    repository.plan = plan
    repository.save()
    rows = [File(repository=repository, path=path, category=kind) for path, kind in _paths(files)]
    made = World(repository, plan, rows)
    made.at -= commits * STEP
    plan_rows(repository)
    made.record(
        ["Write the agents", *(f"Hand the context to module {number}" for number in range(commits - 2))]
    )
    made.commit("Bring the cache back", by="Cy", breaks=(made.files[1],))
    first = Commit.objects.get(repository=repository, position=1)
    Baseline.objects.create(plan=plan, commit=first, tip=made.position)
    return made
