"""What git's check of objects lets through when a repository is read: git-fsck(1), "fsck messages".

git refuses every defect by default, also old ones that do no harm and that well-known projects have.
"""

import re

# Names, addresses, dates and modes that old tools wrote wrongly; git reads such commits and trees all the
# same. What makes a path ambiguous or leads out of the repository (hasDotdot, hasDotgit, duplicateEntries)
# stays an error, as do objects that cannot be parsed.
HARMLESS = (
    "badDate",
    "badDateOverflow",
    "badEmail",
    "badFilemode",
    "badName",
    "badTimezone",
    "missingAuthor",
    "missingCommitter",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "multipleAuthors",
    "nulInCommit",
    "zeroPaddedDate",
    "zeroPaddedFilemode",
)
CHECK_ON_TRANSFER = ("transfer.fsckObjects=true", *(f"fetch.fsck.{name}=warn" for name in HARMLESS))
CHECK_IN_PLACE = tuple(f"fsck.{name}=warn" for name in HARMLESS)
_DEFECT = re.compile(
    r"error(?:: object| in \w+) (?P<object>[0-9a-f]{40,64}): (?P<name>\w+): (?P<words>[^\n]+)"
)
_SHOWN = 3


def defects(said: str) -> str:
    """Return the defects that git names in its output, with their objects; empty if it names none."""
    found: dict[str, str] = {}
    for match in _DEFECT.finditer(said):
        words = f"{match['name']} in object {match['object'][:12]} ({match['words'].strip()})"
        found.setdefault(match["name"], words)
    return ", ".join(list(found.values())[:_SHOWN])
