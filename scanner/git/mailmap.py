"""Maps the addresses of authors as .mailmap specifies; see https://git-scm.com/docs/gitmailmap."""

from scanner.git.command import run
from scanner.model import Revision

_NOT_IN_CONTACTS = str.maketrans("", "", "<>\n\0")
"""Characters that a contact's name or address cannot contain."""


def mapped_address(git_dir: str, revision: Revision, sha: str) -> str:
    """Return the author's address according to a commit's .mailmap, or the recorded one."""
    name = revision.author.translate(_NOT_IN_CONTACTS) or "?"
    contact = f"{name} <{revision.email.translate(_NOT_IN_CONTACTS)}>"
    found = run(["check-mailmap", "--", contact], git_dir=git_dir, config=(f"mailmap.blob={sha}:.mailmap",))
    return found.decode("utf-8", "replace").strip().rpartition("<")[2].rstrip(">")
