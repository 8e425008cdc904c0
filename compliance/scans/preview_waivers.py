"""Finds the waived violations of a preview, so that their number matches the one on the other pages."""

from collections.abc import Callable

from compliance.lib.globs import matches
from compliance.models import Repository, Violation
from compliance.progress.waiver_figures import lasting, places_of
from compliance.scans import rows
from compliance.scans.rows import ViolationKey
from scanner import Finding

Accepts = Callable[[Finding], bool]


def accepting(repository: Repository, plan: int | None) -> Accepts:
    """Return a predicate that matches waived findings, by the active plan's rows or else by the text of each
    waiver.

    A waiver for a single violation follows its row when commits move it. Another plan has different rows.
    """
    if plan is not None and plan == repository.plan_id:
        waived = Violation.objects.filter(plan=plan, last__isnull=True, waiver__isnull=False)
        places: set[ViolationKey] = set(waived.values_list("file__path", "fingerprint"))
        return lambda finding: rows.key_of(finding) in places
    waivers = list(lasting(repository))
    single = [places_of(waiver) for waiver in waivers if waiver.fingerprint]
    others = [waiver for waiver in waivers if not waiver.fingerprint]

    def accepts(finding: Finding) -> bool:
        path, fingerprint = rows.key_of(finding)
        return any(fingerprint in places.get(path, ()) for places in single) or any(
            waiver.rule in {"", finding.rule} and matches(waiver.glob, path) for waiver in others
        )

    return accepts
