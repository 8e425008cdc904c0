"""Settings that files contain, as containers and systemd provide secrets."""

from pathlib import Path

import pytest

from compliance.environment import Environment
from compliance.lib.setting_files import LONGEST, SettingFileError, read_setting_files

NAMES = ("secret_key", "database_url", "port")


def test_a_variable_names_the_file_of_a_setting(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("öffentlich nicht \n\n")
    assert read_setting_files(NAMES, {"SECRET_KEY_FILE": str(tmp_path / "key")}) == {
        "secret_key": "öffentlich nicht"
    }


@pytest.mark.parametrize("variable", ["SECRETS_DIR", "CREDENTIALS_DIRECTORY"])
def test_a_folder_has_one_file_per_setting_and_variables_come_first(tmp_path: Path, variable: str) -> None:
    for name, value in (("secret_key", "a"), ("DATABASE_URL", "b"), ("port", "1"), ("unknown", "c")):
        (tmp_path / name).write_text(value)
    (tmp_path / "other").write_text("9")
    given = {variable: str(tmp_path), "SECRET_KEY": "given", "PORT_FILE": str(tmp_path / "other")}
    assert read_setting_files(NAMES, given) == {"database_url": "b", "port": "9"}


def test_an_empty_file_is_no_value_unless_it_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    (tmp_path / "port").write_bytes(b"\xef\xbb\xbf9\r\n")  # as some editors on Windows write it
    assert read_setting_files(NAMES, {"SECRETS_DIR": str(tmp_path)}) == {"port": "9"}
    with pytest.raises(SettingFileError, match=r"SECRET_KEY_FILE: .* is empty"):
        read_setting_files(NAMES, {"SECRET_KEY_FILE": str(tmp_path / "secret_key")})


def test_every_problem_is_named_and_no_value_is_shown(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"secret" * LONGEST)
    (tmp_path / "binary").write_bytes(b"secret\xff")
    given = {
        "SECRETS_DIR": str(tmp_path / "none"),
        "SECRET_KEY_FILE": str(tmp_path / "long"),
        "DATABASE_URL_FILE": str(tmp_path / "binary"),
        "PORT": "80",
        "PORT_FILE": str(tmp_path / "long"),
    }
    with pytest.raises(SettingFileError) as error:
        read_setting_files(NAMES, given)
    assert error.value.problems == [
        "SECRETS_DIR: is not a folder that can be read",
        f"SECRET_KEY_FILE: {tmp_path}/long: is larger than 64 KiB",
        f"DATABASE_URL_FILE: {tmp_path}/binary: is not UTF-8 text",
        "PORT: is set, and so is PORT_FILE; remove one of them",
    ]


def test_files_are_checked_like_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "port").write_text("99999")
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="less than or equal to 65535"):
        Environment()  # type: ignore[call-arg]
