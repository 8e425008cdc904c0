"""A repository to which anything may happen, in any order."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from compliance import scans
from compliance.evidence import receive_report
from compliance.models import Repository, Violation, Waiver
from compliance.work.waivers import end
from tests.evidence.conftest import report
from tests.scanner.factories import TEXTS
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import PHASED, point
from tests.scans.growing import DAY, START, grow
from tests.scans.upstream import git
from tests.scans.verify import run_jobs
from tests.work.factories import waive

FOURTH = datetime.fromtimestamp(START + 3 * DAY, UTC).date()
DATED = PHASED.replace("title: Everything", f"title: Everything\n        start: {FOURTH}")
PLANS = (PHASED, PHASED.replace("call: high", "call: low"), PHASED.replace(", app.home._it", ""), DATED)
TESTS = report({"test_1": "passed"}, "tests.test_home"), report({"test_1": "failure"}, "tests.test_home")


class World:
    """A repository to which things happen; each is recorded before the next."""

    def __init__(self, folder: Path, person: User) -> None:
        write_history(
            folder,
            [
                Written(
                    {"app/home.py": TEXTS[0], "app/a.py": TEXTS[3], "app/b.py": TEXTS[3]},
                    when=f"{START} +0000",
                )
            ],
        )
        self.folder, self.person, self.plan = folder, person, PHASED
        self.tips = [git(folder, "rev-parse", "main")]
        self.read()

    def read(self) -> Repository:
        self.repository = scans.track(str(self.folder), slug="hot", plan=self.plan)
        run_jobs()
        self.repository.refresh_from_db()
        assert self.repository.history_done, self.repository.trouble
        return self.repository

    def push(self, files: dict[str, str | None]) -> None:
        self.tips.append(grow(self.folder, files))
        self.read()

    def rename(self, way: tuple[str, str]) -> None:
        self.tips.append(grow(self.folder, {}, rename=way))
        self.read()

    def rewrite(self, how: tuple[int, dict[str, str | None]]) -> None:
        back, files = how
        length = int(git(self.folder, "rev-list", "--first-parent", "--count", "main"))
        point(self.folder, git(self.folder, "rev-parse", f"main~{min(back, length - 1)}"))
        self.push(files)

    def go_back(self, number: int) -> None:
        point(self.folder, self.tips[number % len(self.tips)])
        self.read()

    def waive(self, glob: str) -> None:
        standing = Violation.objects.filter(plan=self.repository.plan, last__isnull=True, suppressed=False)
        if glob:
            waive(self.repository, self.person, "Stays", None, glob=glob)
        elif one := standing.order_by("file__path", "line").first():
            waive(self.repository, self.person, "Stays", None, violation=one)

    def end(self, number: int) -> None:
        lasting = list(Waiver.objects.filter(repository=self.repository, ended_at=None).order_by("pk"))
        if lasting:
            end(lasting[number % len(lasting)])

    def change_plan(self, text: str) -> None:
        self.plan = text
        self.read()

    def receive(self, body: bytes) -> None:
        assert self.repository.head is not None
        receive_report(self.repository, self.repository.head.sha, body)

    def do(self, name: str, value: Any) -> None:
        others: dict[str, Callable[[Any], None]] = {
            "return": self.go_back,
            "plan": self.change_plan,
            "evidence": self.receive,
        }
        verb: Callable[[Any], None] = others.get(name) or getattr(self, name)
        verb(value)
        self.repository.refresh_from_db()
