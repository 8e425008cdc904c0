"""What the list of files may be narrowed by; every filter stands in the address."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from compliance.models import Claim, Commit, File, FileState, Repository, Violation
from compliance.queries.filters import alike, under, word, words

NOBODY, SOMEBODY = "nobody", "somebody"
_ASKED = {
    "violating": {"yes": {"violations__gt": 0}, "no": {"violations": 0}},
    "suppressed": {"yes": {"suppressed__gt": 0}, "no": {"suppressed": 0}},
}


@dataclass(frozen=True, slots=True)
class FileFilter:
    """The filters of one address, as the reader gave them.

    `violating` is yes, no, or unknown, which takes yes and the files that could not be read well enough to
    call them clean. `risk`, `rule`, `phase` and `issue` take files in which a violation of that kind, neither
    suppressed nor waived, stands now; given together, one and the same violation must fit them all. `who` is
    the name of whoever has the file, `somebody`, or `nobody` for files with something to do that are free.
    Files that are gone are shown only where the status asks for them. An unknown value takes no file.
    """

    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    path: str = ""
    violating: str = ""
    suppressed: str = ""
    risk: str = ""
    rule: str = ""
    phase: str = ""
    issue: str = ""
    who: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "FileFilter":
        """The filters that an address names."""
        names = ("path", *_ASKED, "risk", "rule", "phase", "issue", "who")
        return cls(
            status=words(query, "status"),
            category=words(query, "category"),
            **{name: word(query, name) for name in names},
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered at all."""
        return self != FileFilter()

    def files(self, repository: Repository) -> QuerySet[File]:
        """The repository's files that pass."""
        rows = self.whatever_status(repository)
        return rows.filter(status__in=self.status) if self.status else rows.exclude(status=File.Status.GONE)

    def whatever_status(self, repository: Repository) -> QuerySet[File]:
        """The repository's files that pass everything but the filter by status."""
        rows = File.objects.filter(repository=repository, **under(self.path))
        if self.category:
            rows = rows.filter(category__in=self.category)
        if self.who:
            active = Claim.objects.filter(file=OuterRef("pk"), state=Claim.State.ACTIVE)
            if self.who == NOBODY:
                rows = rows.filter(~Exists(active), violations__gt=0)
            elif self.who == SOMEBODY:
                rows = rows.filter(Exists(active))
            else:
                rows = rows.filter(Exists(active.filter(person__username=self.who)))
        for name, answers in _ASKED.items():
            rows = rows.filter(**answers.get(getattr(self, name), {}))
        if self.violating == "unknown":
            now = FileState.objects.filter(plan=repository.plan_id, file=OuterRef("pk"), last__isnull=True)
            rows = rows.filter(Q(violations__gt=0) | Exists(now.filter(tainted=True, skipped="")))
        wanted = alike(risk=self.risk, rule=self.rule, phase=self.phase, issue=self.issue)
        if not wanted:
            return rows
        violations = Violation.objects.filter(plan=repository.plan_id, file=OuterRef("pk"), last__isnull=True)
        return rows.filter(Exists(violations.filter(suppressed=False, waiver=None, **wanted)))


def counts(repository: Repository, shown: File) -> list[dict[str, Any]]:
    """The file's number of violations each time that it changed, newest first, with the commit; one query."""
    commits = Commit.objects.filter(repository=repository, position=OuterRef("first"))
    states = shown.states.filter(plan=repository.plan_id).annotate(
        **{
            name: Subquery(commits.values(name)[:1])
            for name in ("sha", "subject", "author_name", "committed_at")
        }
    )
    columns = ("violations", "suppressed", "first", "sha", "subject", "author_name", "committed_at")
    return list(states.order_by(F("first").desc(nulls_last=True)).values(*columns)[:50])
