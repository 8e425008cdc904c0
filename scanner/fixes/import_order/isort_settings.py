"""Reads isort's settings as data, from the configuration files of a revision."""

import configparser
from dataclasses import dataclass
from io import StringIO

from scanner.fixes.import_order.tree_files import (
    Table,
    TreeFiles,
    folders_above,
    imported_modules,
    join,
    relative_to,
    without_known,
)

# In the order in which isort looks for them, each with its sections.
_SOURCES = {
    ".isort.cfg": ("settings", "isort"),
    "pyproject.toml": (),
    "setup.cfg": ("isort", "tool:isort"),
    "tox.ini": ("isort", "tool:isort"),
    ".editorconfig": ("*", "*.py", "**.py"),
}
# Settings that read or write files, load plugins or only affect isort's own output.
_IGNORED = frozenset(
    {
        *("src_paths", "directory", "virtual_env", "conda_env", "formatter", "formatting_function"),
        *("skip", "extend_skip", "skip_glob", "extend_skip_glob", "skip_gitignore", "filter_files"),
        *("color_output", "verbose", "quiet", "atomic", "source", "sources", "git_ls_files", "known_other"),
        *("settings_path", "settings_file", "import_headings", "import_footers", "supported_extensions"),
    }
)
_EDITOR_KEYS = frozenset({"indent", "line_length"})
_KNOWN, _FIRST = "known_", "known_first_party"


@dataclass(frozen=True, slots=True)
class IsortSettings:
    """isort's settings for the files below one configuration file; `src` are its source folders.

    `is_explicit` is False if they are only those of an editor.
    """

    values: dict[str, str]
    src: tuple[str, ...]
    is_explicit: bool

    def configuration(self, files: TreeFiles, text: str) -> str:
        """Return the settings as a file for isort, with the first-party modules that a text imports.

        isort looks for these modules on the disk, where the revision is not.
        """
        values = dict(self.values)
        listed = [name for key, each in values.items() if key.startswith(_KNOWN) for name in _split(each)]
        listed += _split(values.get("extra_standard_library", ""))
        found = {
            name
            for module in imported_modules(text)
            for root in self.src
            if (name := _first_party(files, root, module))
        }
        values[_FIRST] = ",".join([*_split(values.get(_FIRST, "")), *without_known(found, listed)])
        parser = configparser.RawConfigParser()
        parser.read_dict({"settings": {key: value.replace("%", "%%") for key, value in values.items()}})
        out = StringIO()
        parser.write(out)
        return out.getvalue()


def read_isort_settings(files: TreeFiles, path: str) -> IsortSettings | None:
    """Return the settings of the closest file above a path that configures isort; None if none does."""
    for folder in folders_above(path):
        for name, sections in _SOURCES.items():
            text = files.text(join(folder, name))
            if text is None:
                continue
            table = _from_toml(files.table(join(folder, name))) if not sections else _from_ini(text, sections)
            if name == ".editorconfig":
                table = _from_editor(table)
            if table:
                return _settings(folder, table, is_explicit=name != ".editorconfig")
    return None


def _settings(folder: str, table: Table, *, is_explicit: bool) -> IsortSettings:
    values = {key.replace("-", "_"): _to_text(value) for key, value in table.items()}
    roots = (relative_to(folder, root) for root in _split(values.get("src_paths", "src,.")))
    src = tuple(root for root in roots if root is not None)
    kept = {key: value for key, value in values.items() if key not in _IGNORED}
    return IsortSettings(kept, src, is_explicit)


def _from_toml(table: Table) -> Table:
    tool = table.get("tool")
    found = tool.get("isort") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else {}


def _from_ini(text: str, sections: tuple[str, ...]) -> Table:
    parser = configparser.RawConfigParser(strict=False)
    try:
        # An .editorconfig may begin with keys outside of any section.
        parser.read_string("[:]\n" + text)
    except configparser.Error:
        return {}
    found: Table = {}
    for section in sections:
        if parser.has_section(section):
            found |= dict(parser.items(section))
        if section == "*.py":
            for other in parser.sections():
                if other.startswith("*.{") and "py" in other[3:].rstrip("}").replace(" ", "").split(","):
                    found |= dict(parser.items(other))
    return found


def _from_editor(table: Table) -> Table:
    """Return the indentation and line length of an .editorconfig as isort's settings."""
    found = {key: value for key, value in table.items() if key.startswith(_KNOWN) or key in _EDITOR_KEYS}
    size = str(table.get("indent_size", "")).strip()
    size = str(table.get("tab_width", "")).strip() if size == "tab" else size
    if table.get("indent_style") == "space":
        found["indent"] = size if size.isdigit() else "4"
    elif table.get("indent_style") == "tab":
        found["indent"] = "tab"
    longest = str(table.get("max_line_length", "")).strip()
    if longest.isdigit():
        found["line_length"] = longest
    return found


def _to_text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]


def _first_party(files: TreeFiles, root: str, module: str) -> str:
    """Return the part of a module's name by which isort would find it below a source folder, or ''."""
    parts = module.split(".")
    above, _, name = root.rpartition("/")
    if name == parts[0] and files.is_module(above, name):  # a source folder may be the package itself
        return name
    folder = root
    for length, part in enumerate(parts, 1):
        if not files.is_module(folder, part):
            return ""
        folder = join(folder, part)
        if length == len(parts) or files.is_package(folder) or not files.is_namespace(folder):
            return ".".join(parts[:length])
    return ""
