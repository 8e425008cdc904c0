"""Shows a repository's tags as marks on its trend."""

import hashlib
from collections.abc import Iterable, Mapping

from django.db import transaction

from compliance.lib.batches import BATCH, batches
from compliance.lib.field_types import one_line
from compliance.models import Commit, Marker, Repository
from compliance.scans.scan import Scan

_PREFIX = "refs/tags/"
_LONGEST = 200


def named(refs: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the tags among a repository's refs, as pairs of name and target."""
    return [(name.removeprefix(_PREFIX), sha) for name, sha in refs.items() if name.startswith(_PREFIX)]


def digest(tags: Iterable[tuple[str, str]]) -> str:
    """Return a digest that changes when a tag is added, removed or moved."""
    return hashlib.sha256("\n".join(f"{sha} {name}" for name, sha in sorted(tags)).encode()).hexdigest()


def record(scan: Scan) -> None:
    """Replace the marks for tags with those for the mirror's tags. Only recorded commits can be marked."""
    repository, tags = scan.repository, scan.git.tags()
    line = Commit.objects.filter(repository=repository, position__isnull=False)
    tagged = batches({tag.commit for tag in tags})
    commits = {row.sha: row for shas in tagged for row in line.filter(sha__in=shas)}
    wanted = {(one_line(tag.name, _LONGEST), commits[tag.commit].pk) for tag in tags if tag.commit in commits}
    moments = {row.pk: row.dated_at for row in commits.values()}
    with transaction.atomic():
        known = Marker.objects.filter(repository=repository, kind=Marker.Kind.TAG)
        kept = {(mark.text, mark.commit_id): mark.pk for mark in known}
        for gone in batches(pk for key, pk in kept.items() if key not in wanted):
            Marker.objects.filter(pk__in=gone).delete()
        new = (
            Marker(
                repository=repository, kind=Marker.Kind.TAG, at=moments[commit], commit_id=commit, text=name
            )
            for name, commit in sorted(wanted - kept.keys())
        )
        Marker.objects.bulk_create(new, batch_size=BATCH)
        digested = digest((tag.name, tag.sha) for tag in tags)
        Repository.objects.filter(pk=repository.pk).update(tags_digest=digested)
