"""Adds to the site what docs/ links to outside of its folder, so that links work here as they do on a forge.

The project's pages become pages of the site, and other files pages that show their text.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PROJECT = Path(__file__).resolve().parents[1]
PROJECT_PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s#]+)")
_LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".py": "python", ".service": "ini", ".md": ""}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the project, and the files outside of docs/ that pages link to."""
    for name in PROJECT_PAGES:
        files.append(File.generated(config, address(name), content=(PROJECT / name).read_text()))
    sources = [file for file in files if file.is_documentation_page()]
    linked = {target for file in sources for target in links(source(file.src_uri), file.content_string)}
    for target in sorted(linked):
        is_outside = not target.startswith("docs/") and target not in (*PROJECT_PAGES, "README.md")
        if is_outside and (PROJECT / target).exists():
            files.append(File.generated(config, address(target), content=_show(PROJECT / target, target)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links of a page that lead out of docs/, or back into it."""
    del config, files
    uri = page.file.src_uri
    here = source(uri)
    folder = str(PurePosixPath(uri).parent)

    def rewrite(match: re.Match[str]) -> str:
        target = _resolve(here, match[1])
        is_inside = here.startswith("docs/") and target.startswith("docs/")
        return match[1] if is_inside else relpath(address(target), folder)

    return _LINK.sub(rewrite, markdown)


def links(here: str, markdown: str) -> set[str]:
    """Return the files of the project that a page links to, without anchors."""
    return {_resolve(here, found) for found in _LINK.findall(markdown)}


def address(path: str) -> str:
    """Return the path in the site of a file of the project."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path == "README.md":
        return path
    if path in PROJECT_PAGES:
        return f"project/{path}"
    visible = path.removeprefix(".")  # the site leaves out hidden files
    return f"files/{visible}" if path.endswith(".md") else f"files/{visible}.md"


def source(uri: str) -> str:
    """Return the file of the project that a page of the site was made of."""
    name = uri.removeprefix("project/")
    return name if uri != name and name in PROJECT_PAGES else f"docs/{uri}"


def _resolve(here: str, link: str) -> str:
    return normpath(str(PurePosixPath(here).parent / link))


def _show(path: Path, name: str) -> str:
    """Return a page with the text of a file, or of the files of a folder."""
    if path.suffix == ".md":
        return path.read_text()
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    parts = [f"# {name}"]
    for file in files:
        language = _LANGUAGES.get(file.suffix, "text")
        heading = [f"## {file.relative_to(path)}"] if path.is_dir() else []
        parts += [*heading, f"````{language}\n{file.read_text().rstrip()}\n````"]
    return "\n\n".join(parts) + "\n"
