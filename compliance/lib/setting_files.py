"""Reads settings from files, so that secrets need not be in the environment of a process.

Containers mount secrets as files that variables ending in `_FILE` name, and systemd and Docker put them in a
folder with one file per secret (systemd.exec(5), `LoadCredential=`).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

LONGEST = 64 * 1024
"""Maximum size of a file in bytes. More than that isn't a value of a setting."""


class SettingFileError(ValueError):
    """Raised if values can't be read. `problems` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_setting_files(names: Iterable[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the values that files contain, by the names of the settings.

    Args:
        names: all settings, in lower case.
        variables: the environment. `SECRETS_DIR` names a folder with one file per setting, whose name is the
            setting's in upper or lower case; without it, systemd's `CREDENTIALS_DIRECTORY` does. `NAME_FILE`
            names the file of one setting, and takes precedence over the folder.

    A value that is given as a variable takes precedence over the folder. White space at the end of a file is
    removed.

    Raises:
        SettingFileError: if a file can't be read, if one that `NAME_FILE` names is empty, or if a variable
            and its `_FILE` are both set.
    """
    folder = variables.get("SECRETS_DIR") or variables.get("CREDENTIALS_DIRECTORY")
    problems = []
    if variables.get("SECRETS_DIR") and not Path(variables["SECRETS_DIR"]).is_dir():
        problems.append("SECRETS_DIR: is not a folder that can be read")
    values = {}
    for name in names:
        variable = name.upper()
        given = variables.get(f"{variable}_FILE")
        if given and variables.get(variable):
            problems.append(f"{variable}: is set, and so is {variable}_FILE; remove one of them")
            continue
        path = Path(given) if given else None if variables.get(variable) else _file_in(folder, name)
        if path is None:
            continue
        try:
            values[name] = _read(path, is_optional=not given)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            problems.append(f"{variable}{'_FILE' if given else ''}: {path}: {reason}")
    if problems:
        raise SettingFileError(problems)
    return {name: value for name, value in values.items() if value}


def _file_in(folder: str | None, name: str) -> Path | None:
    """Return the file of a setting in the folder, or None if there is none."""
    if not folder:
        return None
    paths = (Path(folder) / spelling for spelling in (name, name.upper()))
    return next((path for path in paths if path.is_file()), None)


def _read(path: Path, *, is_optional: bool) -> str:
    with path.open("rb") as file:
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ValueError(f"is larger than {LONGEST // 1024} KiB")
    try:
        value = content.decode("utf-8-sig").rstrip()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    if not value and not is_optional:
        raise ValueError("is empty")
    return value
