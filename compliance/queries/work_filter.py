"""Filters and sort orders of the worklist, and the sizes of its files."""

from typing import Annotated

from pydantic import StringConstraints

from compliance.lib.field_types import NO_NUL
from compliance.queries.filters import Control, ListFilter, OneOf

LARGEST_SMALL, LARGEST_MEDIUM = 2, 9
SIZES = ("none", "small", "medium", "large")
SORTS = (
    *("due", "-due", "violations", "-violations", "patch", "-patch"),
    *("owner", "-owner", "size", "-size", "path", "-path"),
)
"""The orders of the worklist. All but the first two sort the files of each phase."""

_Text = StringConstraints(max_length=300, pattern=NO_NUL)


def size_of(by_hand: int) -> str:
    """Return the size of a file's work: none, small, medium or large, by the number of violations that its
    patch doesn't fix.
    """
    if by_hand <= 0:
        return SIZES[0]
    return SIZES[1 if by_hand <= LARGEST_SMALL else 2 if by_hand <= LARGEST_MEDIUM else 3]


class WorkFilter(ListFilter):
    """Filters for the worklist: the folder, the owner as written in CODEOWNERS, the key of an open phase, if
    a patch has been created for the newest commit, the size of the work that the patch leaves, and the order.
    """

    folder: Annotated[
        str,
        StringConstraints(max_length=4096, pattern=NO_NUL),
        Control("Folder", placeholder="src/app"),
    ] = ""
    owner: Annotated[str, _Text, Control("Owner", placeholder="@team/name")] = ""
    phase: Annotated[str, _Text, Control("Phase", "phases")] = ""
    patch: Annotated[str, OneOf(("yes", "no")), Control("Patch", "patches")] = ""
    size: Annotated[str, OneOf(SIZES), Control("Size", "sizes")] = ""
    sort: Annotated[str, OneOf(SORTS)] = ""

    @property
    def narrowed(self) -> bool:
        """Return true if any filter is set, apart from the order."""
        return self.matches_nothing or self != type(self)(sort=self.sort)

    def matches(self, path: str, owners: tuple[str, ...], fixes: int | None, by_hand: int) -> bool:
        """Return true if a file matches the filters other than the phase."""
        under = f"{self.folder.strip('/')}/" if self.folder.strip("/") else ""
        return (
            path.startswith(under)
            and (not self.owner or self.owner in owners)
            and (not self.patch or bool(fixes) == (self.patch == "yes"))
            and (not self.size or size_of(by_hand) == self.size)
        )
