"""The defects that git's object checks tolerate when a repository is read: git-fsck(1), "fsck messages".

By default, git rejects objects with any defect, even old and harmless ones that occur in well-known projects.
"""

import re

# Defective names, addresses, dates and modes written by old tools. git can still read such commits and trees.
# An entry without an object can only be a submodule, as the transfer fails if a file is missing.
# Defects that make a path ambiguous or lead out of the repository (hasDotdot, hasDotgit, duplicateEntries)
# remain errors, as do objects that cannot be parsed.
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
    "nullSha1",
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
    """Return the defects that git reports in its output and the affected objects, or an empty string."""
    found: dict[str, str] = {}
    for match in _DEFECT.finditer(said):
        words = f"{match['name']} in object {match['object'][:12]} ({match['words'].strip()})"
        found.setdefault(match["name"], words)
    return ", ".join(list(found.values())[:_SHOWN])
