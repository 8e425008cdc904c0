"""Fetches the heads of pull requests into the mirror of the repository that they target.

A head is fetched once. A ref of the mirror then keeps it, so it can be judged again when the forge no longer
has it.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from compliance.lib.field_types import SHORTEST_SHA
from compliance.models import PullRequest, Repository
from compliance.scans import mirror
from compliance.scans.credentials import access_to
from compliance.scans.judging import JudgingError
from compliance.scans.transfers import watching
from scanner import (
    DamagedRepositoryError,
    GitError,
    RemoteError,
    branch_ref,
    fetch_refs,
    is_ref,
    keep_ref,
    list_refs,
    open_repository,
)
from scanner import Repository as GitRepository

log = logging.getLogger(__name__)

KEPT = "refs/pull-requests/"
"""Prefix of the refs by which a mirror keeps the heads of open pull requests."""

_LACKS_REF = {"not found", "other"}
"""Reasons for which a fetch fails if the server doesn't have a ref."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head that is to be judged. `ref` is its full name at the forge if it has one, and `url` the address
    of the fork that has the ref, or empty if the repository itself has it. `kept` is the ref that keeps it.
    """

    sha: str
    ref: str
    kept: str
    url: str = ""

    @classmethod
    def of(cls, pull: PullRequest) -> "Head":
        """Return the head of a pull request. Only a branch is in the fork; other refs are in the target."""
        url = pull.source_url if pull.head_ref.startswith("refs/heads/") else ""
        return cls(pull.head_sha, pull.head_ref, f"{KEPT}{pull.number}", url)


def provide(repository: Repository, heads: Sequence[Head], *, with_target: bool) -> dict[str, JudgingError]:
    """Fetch the heads that this machine's mirror lacks and, if `with_target` is set, the tracked branch.
    Return why heads can't be judged, by SHA.

    Raises `RemoteError` if the repository itself can't be read, and `TroubleError` if the tracked branch is
    gone and no other one has replaced it.
    """
    with mirror.locked(repository):
        path = str(mirror.folder(repository))
        if not mirror.folder(repository).exists():
            mirror.fetch(repository)
        fetcher = _Fetcher(repository, path)
        return fetcher.fetch(heads, with_target=with_target)


def forget_closed(repository: Repository) -> None:
    """Let this machine's mirror no longer keep the heads of pull requests that aren't open."""
    path = mirror.folder(repository)
    if not path.exists():
        return
    with mirror.locked(repository):
        kept = list_refs(str(path), KEPT)
        is_open = PullRequest.objects.filter(repository=repository, state="open")
        wanted = {f"{KEPT}{number}" for number in is_open.values_list("number", flat=True)}
        for ref in set(kept) - wanted:
            keep_ref(str(path), ref, "")


def commit_of(git: GitRepository, sha: str) -> str:
    """Return the full SHA of a head, or an empty string if the mirror lacks it, or has several commits whose
    SHAs begin so. That its tree can be read is found out later, when a damaged mirror is cloned again.
    """
    try:
        return git.resolve(sha)
    except DamagedRepositoryError:
        raise
    except GitError:
        return ""


class _Fetcher:
    """Fetches into one mirror, whose lock the caller holds."""

    def __init__(self, repository: Repository, path: str) -> None:
        self._repository, self._path = repository, path

    def fetch(self, heads: Sequence[Head], *, with_target: bool) -> dict[str, JudgingError]:
        """Fetch what is lacking, if possible with one request, and let the mirror keep all heads.

        If that request fails, the target is fetched alone. If this fails, too, it isn't because of a head.
        """
        lacking = self._lacking(heads)
        near = [f"+{head.ref}:{head.kept}" for head in lacking if not head.url and is_ref(head.ref)]
        target = [self._target] if with_target else []
        if (target or near) and not self._try([*target, *near]):
            self._fetch_target()
        problems = {head.sha: self._fetch_alone(head) for head in self._lacking(lacking)}
        # Several pull requests can have the same head, and one place where it can be fetched is enough.
        missing = {head.sha for head in self._lacking(lacking)} if any(problems.values()) else set()
        self._keep(head for head in heads if head.sha not in missing)
        return {sha: problem for sha, problem in problems.items() if problem and sha in missing}

    @property
    def _target(self) -> str:
        ref = branch_ref(self._repository.branch)
        return f"+{ref}:{ref}"

    def _fetch_target(self) -> None:
        """Fetch the tracked branch, or the one that has replaced it."""
        try:
            self._request([self._target])
        except RemoteError as error:
            if error.reason not in _LACKS_REF:
                raise
            mirror.follow_renamed(self._repository)
            self._request([self._target])

    def _lacking(self, heads: Iterable[Head]) -> list[Head]:
        with open_repository(self._path) as git:
            return [head for head in heads if not commit_of(git, head.sha)]

    def _keep(self, heads: Iterable[Head]) -> None:
        with open_repository(self._path) as git:
            for head in heads:
                try:
                    keep_ref(self._path, head.kept, commit_of(git, head.sha))
                except GitError as error:  # it is fetched again when it is gone
                    log.warning("%s: %s can't be kept: %s", self._repository.slug, head.kept, error)

    def _fetch_alone(self, head: Head) -> JudgingError | None:
        """Fetch a head by its ref, else by its SHA. Return why that failed."""
        try:
            url = _address_of(self._repository, head)
        except JudgingError as problem:
            return problem
        sources = [head.ref] if is_ref(head.ref) else []
        sources += [head.sha] if len(head.sha) >= SHORTEST_SHA else []
        failure = ""
        for source in sources:
            try:
                self._request([f"+{source}:{head.kept}"], url)
            except RemoteError as error:
                failure = failure or str(error)
            if not self._lacking([head]):
                return None
        return JudgingError(_missing(head, failure))

    def _try(self, refspecs: list[str]) -> bool:
        """Fetch refs. Return False if that fails."""
        try:
            self._request(refspecs)
        except RemoteError:
            return False
        return True

    def _request(self, refspecs: list[str], url: str = "") -> None:
        repository = self._repository
        with watching("fetching") as watch, access_to(repository) as access:
            fetch_refs(self._path, refspecs, url or repository.url, access, watch)


def _missing(head: Head, failure: str) -> str:
    where = f"the fork {head.url}" if head.url else "the repository"
    if failure:
        return f"The head {head.sha[:10]} can't be fetched from {where}: {failure}."
    return (
        f"The head {head.sha[:10]} is no longer in {where}, because another one has replaced it. Push the "
        "branch again."
    )


def _address_of(repository: Repository, head: Head) -> str:
    """Return the address from which a head is fetched. Raises `JudgingError` if a fork is on another host,
    which must not receive the repository's credentials.
    """
    if not head.url:
        return repository.url
    own = urlsplit(repository.url)
    try:
        fork = urlsplit(head.url)
    except ValueError as error:
        words = f"The head {head.sha[:10]} is in a fork whose address, {head.url}, is invalid: {error}."
        raise JudgingError(words) from None
    if "://" in repository.url and fork.hostname == own.hostname:
        return urlunsplit((own.scheme, own.netloc, fork.path, "", ""))
    host, separator, _ = repository.url.partition(":")
    if separator and "/" not in host and host.rpartition("@")[2] == fork.hostname:
        return f"{host}:{fork.path.lstrip('/')}"
    raise JudgingError(
        f"The head {head.sha[:10]} is in the fork {head.url}, which can't be read, because it isn't on the "
        "server of the tracked repository."
    )
