"""Template tags for addresses at a repository's forge, which are empty if the forge isn't known, and in the
reader's editor.
"""

from django import template

from compliance.accounts.editors import Editor
from compliance.integrations.forge_pages import pages_of
from compliance.models import Change, Commit, Repository

register = template.Library()


@register.simple_tag
def blob_url(repository: Repository, sha: str, path: str, line: int | None = None) -> str:
    """Return the address of a file in a commit, or of a line in it."""
    pages = pages_of(repository)
    return pages.file(sha, path, line) if pages else ""


@register.simple_tag
def commit_url(repository: Repository, sha: str) -> str:
    """Return the address of a commit."""
    pages = pages_of(repository)
    return pages.commit(sha) if pages else ""


@register.simple_tag
def change_url(repository: Repository, commit: Commit, change: Change) -> str:
    """Return the address of a changed violation. A fixed violation is linked in the parent commit."""
    fixed = change.kind == Change.Kind.FIXED and commit.parents
    return blob_url(repository, commit.parents[0] if fixed else commit.sha, change.path, change.line)


@register.simple_tag
def editor_url(editor: Editor | None, repository: Repository, path: str, line: int | None = None) -> str:
    """Return the address that opens a file, or a line of it, in the reader's editor."""
    return editor.address(repository.slug, path, line or 1) if editor else ""


@register.simple_tag
def forge_name(repository: Repository) -> str:
    """Return the name of the forge, such as GitHub."""
    pages = pages_of(repository)
    return pages.label if pages else ""
