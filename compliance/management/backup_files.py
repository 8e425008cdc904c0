"""The files of a backup, and the description by which a restore recognises damage before it writes."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.management import CommandError

DUMP = "database.dump"
KEY = "secret_key"
DESCRIPTION = "backup.json"


@dataclass(frozen=True)
class Description:
    """What a backup contains.

    `postgres` and `programs` are the versions of the server and of pg_dump, `size` (in bytes) and `sha256`
    those of the dump, and `key` is the fingerprint of the secret key.
    """

    postgres: str
    programs: str
    created_at: str
    size: int
    sha256: str
    key: str

    @property
    def major(self) -> int:
        """Return the major version of the server."""
        return int(self.postgres.split(".")[0])

    def write(self, folder: Path) -> None:
        """Write it into the folder of the backup. Raises OSError."""
        path = folder / DESCRIPTION
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def read_description(folder: Path) -> Description | None:
    """Read the description of a backup, or return None for those of earlier releases, which have none.

    Raises:
        CommandError: if it can't be read.
    """
    path = folder / DESCRIPTION
    try:
        found = Description(**json.loads(path.read_text()))
        found.major  # noqa: B018  (raises ValueError)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError):
        raise CommandError(
            f"{path} is damaged, or was written by a newer release; nothing was restored."
        ) from None
    return found


def require_intact(folder: Path, described: Description) -> None:
    """Raise CommandError if the dump is not the one that was described."""
    try:
        found = digest_of(folder / DUMP)
    except OSError as error:
        raise CommandError(f"{folder / DUMP} cannot be read: {error.strerror}.") from None
    if found != (described.size, described.sha256):
        raise CommandError(
            f"{folder / DUMP} is damaged: it has {found[0]:,} bytes and not the contents that "
            f"{DESCRIPTION} names ({described.size:,} bytes). Nothing was restored. Use another copy."
        )


def digest_of(path: Path) -> tuple[int, str]:
    """Return the size of a file in bytes, and its SHA-256. Raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest
