"""Streams commits from `git log` one at a time, so that a long history need not fit in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from scanner.git.command import DamagedRepositoryError, GitError, stream
from scanner.model import Revision

_FIELDS = ("%H", "%P", "%an", "%ae", "%ad", "%cd", "%s")
_LOG = (
    "log",
    "-z",
    "--date=raw",
    "--encoding=UTF-8",
    "--no-color",
    f"--format=tformat:{'%x00'.join(_FIELDS)}",
)


def read_log(git_dir: str, *arguments: str) -> Iterator[Revision]:
    """Yield the commits that `git log` lists with these arguments.

    Raises `DamagedRepositoryError` if the history cannot be read.
    """
    fields: list[str] = []
    for field in _read_fields(git_dir, *arguments):
        fields.append(field)
        if len(fields) == len(_FIELDS):
            sha, parents, author, email, authored, committed, subject = fields
            fields = []
            moments = _moment(authored), _moment(committed)
            yield Revision(sha, tuple(parents.split()), author, email, *moments, subject)


def _read_fields(git_dir: str, *arguments: str) -> Iterator[str]:
    """Yield the fields of all commits as one sequence."""
    rest = b""
    try:
        for part in stream([*_LOG, *arguments], git_dir):
            *whole, rest = (rest + part).split(b"\0")
            yield from (field.decode("utf-8", "replace") for field in whole)
    except GitError as error:
        raise DamagedRepositoryError(f"{git_dir}: the history cannot be read: {error}") from error


def _moment(raw: str) -> datetime:
    """Return the time for git's seconds and time zone. An unrepresentable time becomes the nearest
    representable one.
    """
    fields = raw.split()
    try:
        seconds, zone = int(fields[0]), int(fields[1])
    except (IndexError, ValueError):
        return datetime.fromtimestamp(0, UTC)
    offset = timedelta(hours=abs(zone) // 100, minutes=abs(zone) % 100)
    try:
        zone_info = timezone(-offset if zone < 0 else offset)
        return datetime.fromtimestamp(seconds, zone_info)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(min(max(seconds, 0), 253_402_214_400), UTC)
