"""Databases that root's starts left under /var/lib are listed with their checkouts, and removed."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from compliance.embedded.cluster import UPGRADED
from compliance.embedded.data_folders import DataFolder, InUseError, data_folders
from compliance.embedded.paths import LINK_RECORD, PostgresPaths, find_paths
from compliance.embedded.postgres import Postgres
from compliance.management.commands import data_folders as command


def made(root: Path, name: str, link: Path | None) -> Path:
    """A data folder, and the link to it unless its checkout is gone."""
    path = root / f"data-{name}"
    (path / "data" / "pg_wal").mkdir(parents=True)
    (path / "data" / "base").write_bytes(b"x" * 1000)
    if link is not None:
        (path / LINK_RECORD).write_text(str(link))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    used = made(tmp_path, "used", checkout / "postgres")
    (checkout / "postgres").symlink_to(used)
    made(tmp_path, "gone", tmp_path / "removed" / "postgres")
    other = made(tmp_path, "moved", checkout / "other")
    (checkout / "other").symlink_to(other.with_name("data-elsewhere"))
    made(tmp_path, "old", None)
    return tmp_path


def find(root: Path, name: str) -> DataFolder:
    (found,) = [folder for folder in data_folders(root) if folder.path.name == f"data-{name}"]
    return found


def test_each_folder_is_listed_with_its_use(root: Path) -> None:
    states = {folder.path.name: folder.state() for folder in data_folders(root)}
    assert states == {
        "data-used": f"used by {root}/checkout/postgres",
        "data-gone": f"unused: {root}/removed/postgres is gone",
        "data-moved": f"unused: {root}/checkout/other is gone",
        "data-old": "its checkout is not recorded",
    }
    assert find(root, "gone").size() >= 1000
    assert find(root, "gone").changed_at().year >= 2026


def test_only_what_nobody_uses_is_removed(root: Path) -> None:
    for name in ("used", "old"):
        with pytest.raises(InUseError, match="was not removed"):
            find(root, name).remove()
        assert find(root, name).path.exists()
    for name in ("gone", "moved"):
        find(root, name).remove()
    find(root, "old").remove(force=True)
    assert [folder.path.name for folder in data_folders(root)] == ["data-used"]
    with pytest.raises(InUseError):
        find(root, "used").remove(force=True)


def test_the_command_removes_what_is_unused_and_on_demand_more(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "SYSTEM_FOLDER", root)
    call_command("data_folders", "--remove-unused")
    assert capsys.readouterr().out == f"Removed {root}/data-gone.\nRemoved {root}/data-moved.\n"
    with pytest.raises(CommandError, match="Use --force to delete it anyway"):
        call_command("data_folders", "--remove", f"{root}/data-old")
    call_command("data_folders", "--remove", f"{root}/data-old", "--force")
    assert capsys.readouterr().out == f"Removed {root}/data-old.\n"
    call_command("data_folders")
    (told,) = capsys.readouterr().out.splitlines()
    assert told.startswith(f"{root}/data-used  0 MB, last used ")
    assert told.endswith(f", used by {root}/checkout/postgres")


def test_copies_of_programs_are_removed_once_they_are_not_used(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "SYSTEM_FOLDER", root)
    for name in ("postgres-old", "postgres-new", "postgres-running"):
        (root / name).mkdir()
        shutil.copy("/bin/sleep", root / name)
    for name in ("postgres-old", "postgres-running"):
        os.utime(root / name, (0, 0))
    program = subprocess.Popen([root / "postgres-running" / "sleep", "60"])
    try:
        call_command("data_folders")
        listed = capsys.readouterr().out
        assert (
            f"{root}/postgres-running  0 MB, last used 1970-01-01, programs of Postgres; a server" in listed
        )
        call_command("data_folders", "--remove-unused")
        removed = capsys.readouterr().out
    finally:
        program.kill()
        program.wait()
    assert f"Removed {root}/postgres-old.\n" in removed
    assert sorted(path.name for path in root.glob("postgres-*")) == ["postgres-new", "postgres-running"]


def test_the_rest_of_an_interrupted_removal_is_no_data_folder_and_removed_next_time(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "data-gone").rename(root / ".removed-data-gone")
    assert "data-gone" not in [folder.path.name for folder in data_folders(root)]
    monkeypatch.setattr(command, "SYSTEM_FOLDER", root)
    call_command("data_folders", "--remove-unused")
    assert not (root / ".removed-data-gone").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["data", UPGRADED])
def test_a_folder_with_a_running_server_is_never_removed(
    paths: PostgresPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Also if the server is that of an upgrade, and the checkout is gone."""
    server = Postgres(replace(paths, name=name), tmp_path / "postgres.log", durable=False)
    server.start()
    root = tmp_path / "system"
    root.mkdir()
    try:
        (root / "data-x").symlink_to(paths.home)
        (paths.home / LINK_RECORD).write_text(str(tmp_path / "gone"))
        assert find(root, "x").state() == "a server is running in it"
        with pytest.raises(InUseError):
            find(root, "x").remove(force=True)
        monkeypatch.setattr(command, "SYSTEM_FOLDER", root)
        call_command("data_folders", "--remove-unused")
        assert server.ended() is None
        assert (paths.home / name / "PG_VERSION").exists()
    finally:
        server.stop()


def test_a_start_records_the_link(tmp_path: Path) -> None:
    home = tmp_path / "data-x"
    home.mkdir()
    checkout = tmp_path / "var"
    checkout.mkdir()
    (checkout / "postgres").symlink_to(home)
    find_paths(checkout)
    find_paths(checkout)
    assert find(tmp_path, "x").link == checkout / "postgres"
    assert find(tmp_path, "x").is_linked
