"""Finds the approved waivers that cover what a head adds.

A violation that is new in a head has no row yet, so it is matched by what the waiver names, as at the newest
commit (compliance/work/waiver_matching.py):

* A waiver for files covers the violations of its rule in the files whose paths in the head match its glob.
* A waiver for a single violation covers one with the same fingerprint at the place where its violation is now
  or, if that is gone, at any place where it was known. This is how a violation that the target branch has by
  now, or that a revert brings back, keeps its waiver. It never covers a second violation.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from compliance.lib.globs import matches
from compliance.models import Repository, Waiver
from compliance.progress.waiver_figures import lasting, places_of
from compliance.pull_requests.verdict import Judged

_F = TypeVar("_F", bound=Judged)
_Takes = Callable[[Judged], bool]


def covered(repository: Repository, findings: Iterable[_F]) -> dict[_F, Waiver]:
    """Return the waiver that covers each of these findings. The waiver that was approved first comes first,
    and findings without one are left out.
    """
    waivers = [(waiver, _taker(repository, waiver)) for waiver in lasting(repository)]
    found = {}
    for finding in findings:
        waiver = next((waiver for waiver, takes in waivers if takes(finding)), None)
        if waiver is not None:
            found[finding] = waiver
    return found


def _taker(repository: Repository, waiver: Waiver) -> _Takes:
    """Return the function that says if a waiver covers a finding."""
    if not waiver.fingerprint:
        return lambda found: waiver.rule in {"", found.rule} and matches(waiver.glob, found.path)
    places = _places(repository, waiver)

    def takes(found: Judged) -> bool:
        is_there = found.fingerprint in places.get(found.path, ())
        if is_there:
            places.clear()
        return is_there

    return takes


def _places(repository: Repository, waiver: Waiver) -> dict[str, set[str]]:
    now = waiver.violations.filter(plan=repository.plan_id, last__isnull=True, suppressed=False)
    standing = now.values_list("file__path", "fingerprint").first()
    return {standing[0]: {standing[1]}} if standing else places_of(waiver)
