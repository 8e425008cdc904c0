"""Which folders of the server a page may add: those below REPOSITORY_FOLDERS, without a way out."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from pydantic import ValidationError

from compliance import scans
from compliance.environment import Environment
from compliance.lib.local_repositories import FolderError, check_folder, folder_problems, suggest
from compliance.lib.product_files import CHECKOUT
from compliance.models import Repository, RepositorySetup
from compliance.scans import repository_setup
from compliance.scans.setup_address import read_address
from compliance.scans.setup_errors import SetupError
from tests.scans.verify import run_jobs


@pytest.fixture
def outside(tmp_path: Path, folder: Path) -> Path:
    """A repository beside the permitted folder."""
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", str(folder), str(tmp_path / "secret.git")], check=True
    )
    return tmp_path / "secret.git"


def test_without_the_setting_no_folder_is_permitted(folder: Path) -> None:
    with pytest.raises(FolderError, match="none may be added") as caught:
        check_folder(str(folder))
    assert (
        f"`REPOSITORY_FOLDERS={folder.parent}` in the environment of the web server, workers"
        in caught.value.fix
    )


def test_the_command_that_permits_a_folder_starts_this_installation_and_no_other(
    permitted_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell runs the words of the page; in the place of `make`, a program prints what it was given."""
    settings.DATA_DIR = Path("/srv/my data")
    given = {"SSOT_STARTED_BY_UP": "1", "PORT": "8123", "SECRET_KEY": "x" * 40, "DATA_DIR": "data"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match="Stop the product first") as caught:
        read_address("/srv/other/shop")
    assert "x" * 40 not in str(caught.value)
    assert "SECRET_KEY must be set as now" in str(caught.value)
    command = str(caught.value).split("`")[1]
    programs = permitted_folder.parent / "programs"
    programs.mkdir()
    (programs / "make").write_text('#!/bin/sh\necho "$PWD|$1|$PORT|$DATA_DIR|$REPOSITORY_FOLDERS"\n')
    (programs / "make").chmod(0o755)
    clean = {"PATH": f"{programs}:/usr/bin:/bin"}
    ran = subprocess.run(["sh", "-c", command], env=clean, capture_output=True, text=True, check=True)
    folders = f"{permitted_folder.parent},/srv/other"
    assert ran.stdout == f"{CHECKOUT}|up|8123|/srv/my data|{folders}\n"


def test_a_folder_below_a_permitted_one_is_accepted(permitted_folder: Path) -> None:
    check_folder(str(permitted_folder))
    check_folder(str(permitted_folder.parent / "not-there"))
    assert suggest() == [str(permitted_folder)]


def linked(root: Path, secret: Path) -> Path:
    (root / "link").symlink_to(secret)
    return root / "link"


def dotted(root: Path, secret: Path) -> Path:
    return root / ".." / secret.name


def pointed(root: Path, secret: Path) -> Path:
    (root / "tree").mkdir()
    (root / "tree" / ".git").write_text(f"gitdir: {secret}\n")
    return root / "tree"


def git_link(root: Path, secret: Path) -> Path:
    (root / "tree").mkdir()
    (root / "tree" / ".git").symlink_to(secret)
    return root / "tree"


def bare(root: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--bare", str(root / "new.git")], check=True)
    return root / "new.git"


def borrowed(root: Path, secret: Path) -> Path:
    (bare(root) / "objects" / "info" / "alternates").write_text(f"{secret}/objects\n")
    return root / "new.git"


def common(root: Path, secret: Path) -> Path:
    (bare(root) / "commondir").write_text(f"../../{secret.name}\n")
    return root / "new.git"


def linked_objects(root: Path, secret: Path) -> Path:
    (bare(root) / "objects" / "pack").rmdir()
    (root / "new.git" / "objects" / "pack").symlink_to(secret / "objects" / "pack")
    return root / "new.git"


def linked_pack(root: Path, secret: Path) -> Path:
    (bare(root) / "objects" / "pack" / "pack-1.pack").symlink_to(secret / "packed")
    return root / "new.git"


def linked_refs(root: Path, secret: Path) -> Path:
    (bare(root) / "packed-refs").symlink_to(secret / "packed-refs")
    return root / "new.git"


WAYS_OUT = (*(linked, dotted, pointed, git_link, borrowed, common, linked_objects, linked_pack, linked_refs),)


@pytest.mark.parametrize("lead", WAYS_OUT, ids=lambda lead: lead.__name__)
def test_no_way_leads_out(
    permitted_folder: Path, outside: Path, lead: Callable[[Path, Path], Path], db: None
) -> None:
    folder = lead(permitted_folder.parent, outside)
    with pytest.raises(FolderError, match="REPOSITORY_FOLDERS"):
        check_folder(str(folder))
    with pytest.raises(SetupError, match="REPOSITORY_FOLDERS"):
        repository_setup.begin(str(folder), None)
    assert not RepositorySetup.objects.exists()
    assert str(folder) not in suggest()


def test_a_refused_folder_is_told_where_it_leads(permitted_folder: Path, outside: Path) -> None:
    root = permitted_folder.parent
    with pytest.raises(FolderError, match=f"leads to {outside}, which is not below") as caught:
        check_folder(str(linked(root, outside)))
    assert f"REPOSITORY_FOLDERS={root},{outside.parent}`" in caught.value.fix
    with pytest.raises(FolderError, match=f"Give the folder's full path: {permitted_folder}"):
        check_folder(f"{root}/../{root.name}/{permitted_folder.name}")


@pytest.mark.parametrize(
    ("entered", "name"),
    [("'{root}/a b'", "a b"), ('"{root}/a b"', "a b"), ("{root}/a 'b'", "a 'b'"), ("{root}/'b", "'b")],
)
def test_quotes_around_an_address_are_left_out_and_those_of_a_name_kept(
    permitted_folder: Path, entered: str, name: str
) -> None:
    root = permitted_folder.parent
    assert read_address(entered.format(root=root)) == (f"{root}/{name}", "")


def test_a_neighbour_whose_name_begins_alike_is_outside(permitted_folder: Path) -> None:
    with pytest.raises(FolderError):
        check_folder(f"{permitted_folder.parent}-2/r.git")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_folder_is_checked_each_time_it_is_read(permitted_folder: Path, outside: Path) -> None:
    setup = repository_setup.begin(str(permitted_folder), None)
    run_jobs()
    repository = repository_setup.add(setup, None)
    run_jobs()
    moved = permitted_folder.with_name("moved.git")
    permitted_folder.rename(moved)
    permitted_folder.symlink_to(outside)
    scans.track(str(permitted_folder), slug=repository.slug)
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble_kind == "address"
    assert "is not below a folder" in repository.trouble
    assert Repository.objects.count() == 1


@pytest.mark.parametrize("value", ["srv/git", "/srv/../etc", "/", "/srv/git,relative"])
def test_a_setting_that_is_no_list_of_full_paths_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "REPOSITORY_FOLDERS", value)
    with pytest.raises(ValidationError, match="repository_folders"):
        Environment()  # type: ignore[call-arg]


def test_the_check_for_deployment_names_the_permitted_folders(settings: Any, tmp_path: Path) -> None:
    def warned() -> list[str]:
        return [str(found.id) for found in run_checks(include_deployment_checks=True)]

    assert "compliance.W003" not in warned()
    settings.REPOSITORY_FOLDERS = [str(tmp_path), str(tmp_path / "gone")]
    assert {"compliance.W003", "compliance.W004"} <= set(warned())


def test_each_entry_that_is_no_folder_is_named_with_what_is_wrong(
    settings: Any, tmp_path: Path, ada: Client
) -> None:
    (tmp_path / "file").touch()
    settings.REPOSITORY_FOLDERS = [f"{tmp_path}:/srv/git", str(tmp_path / "file"), str(tmp_path / "gone")]
    separated, file, gone = folder_problems()
    assert f"Separate folders by commas: REPOSITORY_FOLDERS={tmp_path},/srv/git." in separated
    assert "is a file" in file
    assert "doesn't exist on this machine" in gone
    page = ada.get("/add-repository/").content.decode()
    assert page.count("REPOSITORY_FOLDERS has the entry") == 3
