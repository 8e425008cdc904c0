"""What a head takes out of the plan's sight without deleting it, with real git."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from compliance.scans.departures import departures
from scanner import open_repository, read_plan
from tests.scanner.history import LINK, SUBMODULE, Commit, Entry, write_history

PLAN = read_plan(
    """
version: 1
name: Old
scope: {include: ["**/*.py"], exclude: ["attic/**"]}
rules: [{id: old, kind: deprecated-symbol, symbols: [lib.get_old]}]
""",
    "plan.yaml",
)
USE = "import lib\nlib.get_old()\n" + "".join(f"x{number} = {number}\n" for number in range(30))
BASE: Mapping[str, Entry] = {
    "shop/a.py": USE,
    "shop/b.py": USE + "y = 1\n",
    "notes.txt": "Notes\n",
    "data/a.txt": "Data\n",
}


def found(folder: Path, head: Mapping[str, Entry], before: Mapping[str, Entry] = BASE) -> dict[str, str]:
    """The departures from the base to a head with these changes, and their doubts."""
    base, tip = write_history(folder / "r.git", [Commit(before), Commit(head)])
    with open_repository(str(folder / "r.git")) as git:
        return {one.path: one.doubt for one in departures(git, PLAN, base, tip, git.changes(base, tip))}


@pytest.mark.parametrize(
    "head",
    [
        {"shop/a.py": USE + "z = 1\n", "shop/c.py": "import lib\n", "notes.txt": None},
        {"shop/a.py": None},
        {"shop/a.py": None, "shop/moved.py": USE},
        {"shop/a.py": (LINK, b"../shop/b.py")},
        {"linked": (LINK, b"shop/b.py"), "vendor": (SUBMODULE, b"1" * 40), "new.txt": "x\n"},
        {"shop/a.py": None, "shop/b.py": None, "lib/shop/a.py": USE, "lib/shop/b.py": BASE["shop/b.py"]}
        | {"shop": (LINK, b"lib/shop")},
    ],
    ids=["edits", "deletion", "rename", "link to a file", "elsewhere", "linked folder"],
)
def test_what_the_plan_still_sees_is_no_departure(tmp_path: Path, head: Mapping[str, Entry]) -> None:
    assert found(tmp_path, head) == {}


@pytest.mark.parametrize("new", ["attic/a.py", "shop/a.py.txt", "shop/a"])
def test_a_rename_out_of_the_scope_is_a_departure_without_a_doubt(tmp_path: Path, new: str) -> None:
    assert found(tmp_path, {"shop/a.py": None, new: USE}) == {"shop/a.py": ""}


def test_a_changed_file_that_leaves_the_scope_is_a_doubt(tmp_path: Path) -> None:
    assert found(tmp_path, {"shop/a.py": None, "attic/a.py": USE + "lib.get_old()\n"}) == {
        "shop/a.py": "it was changed and renamed to attic/a.py, which the plan leaves out"
    }


@pytest.mark.parametrize(
    "target",
    [b"../data/a.txt", b"/etc/passwd", b"../../elsewhere.py", b"missing.py", b"a.py", b"x" * 5000],
)
def test_a_link_to_what_the_plan_does_not_see_is_a_doubt(tmp_path: Path, target: bytes) -> None:
    (path, doubt), *others = found(tmp_path, {"shop/a.py": (LINK, target)}).items()

    assert (path, others) == ("shop/a.py", [])
    assert "behind a symbolic link" in doubt


def test_a_new_link_inside_the_scope_is_judged_like_one_that_replaces_a_file(tmp_path: Path) -> None:
    assert list(found(tmp_path, {"shop/new.py": (LINK, b"../data/a.txt")})) == ["shop/new.py"]


def test_a_link_to_a_folder_with_files_that_the_plan_does_not_see_is_a_doubt(tmp_path: Path) -> None:
    """`shop.old` could be imported from there as if it was a part of the scope."""
    hidden: dict[str, Entry] = {"attic/old/__init__.py": USE, "lib/new/__init__.py": USE}
    assert found(tmp_path / "1", {**hidden, "shop/old": (LINK, b"../attic/old")}) == {
        "shop/old": "it is a symbolic link to attic/old, which has files that the plan doesn't cover"
    }
    harmless = {"shop/new": (LINK, b"../lib/new"), "shop/data": (LINK, b"../data"), "attic/a": (LINK, b"old")}
    assert found(tmp_path / "2", {**hidden, **harmless}) == {}


def test_folders_that_become_links_or_submodules_take_their_files_away(tmp_path: Path) -> None:
    gone = {"shop/a.py": None, "shop/b.py": None}
    linked = found(tmp_path / "1", {**gone, "shop": (LINK, b"/opt/shop")})
    assert list(linked) == ["shop/a.py", "shop/b.py"]
    moved = found(tmp_path / "2", {**gone, "shop": (SUBMODULE, b"1" * 40)})
    assert set(moved.values()) == {"it is now in the submodule shop, whose files are not read"}


@pytest.mark.parametrize("target", [b"..", b"../", b"./..", b"../shop/.."])
def test_a_link_to_the_root_of_the_repository_leads_to_all_that_the_plan_leaves_out(
    tmp_path: Path, target: bytes
) -> None:
    words = "it is a symbolic link to the root of the repository, which has files that the plan doesn't cover"
    head: dict[str, Entry] = {"attic/old.py": USE, "shop/all": (LINK, target)}
    assert found(tmp_path / "1", head) == {"shop/all": words}
    assert found(tmp_path / "2", {"shop/all": (LINK, target)}) == {}


@pytest.mark.parametrize(
    "links",
    [
        {"first": (LINK, b"attic"), "shop/old": (LINK, b"../first")},
        {"first": (LINK, b"attic"), "shop/old": (LINK, b"../first/deep/..")},
        {"shop/old": (LINK, b"./other"), "shop/other": (LINK, b"third"), "shop/third": (LINK, b"../attic")},
    ],
    ids=["two", "back", "three"],
)
def test_a_chain_of_links_is_followed_to_its_end(tmp_path: Path, links: dict[str, Entry]) -> None:
    hidden: dict[str, Entry] = {"attic/old.py": USE, "attic/deep/note.txt": "x\n"}
    doubts = found(tmp_path, {**hidden, **links})

    assert doubts["shop/old"] == (
        "it is a symbolic link to attic, which has files that the plan doesn't cover"
    )


def test_an_older_link_that_a_new_one_leads_elsewhere_counts_as_new(tmp_path: Path) -> None:
    base: dict[str, Entry] = {"attic/old.py": USE, "shop/old": (LINK, b"../now"), "now": (LINK, b"lib")}
    doubts = found(tmp_path, {"now": (LINK, b"attic")}, {**BASE, **base})

    assert "symbolic link to attic" in doubts["shop/old"]


def test_links_in_a_circle_lead_to_nothing(tmp_path: Path) -> None:
    circle: dict[str, Entry] = {"shop/one": (LINK, b"two"), "shop/two": (LINK, b"one"), "attic/old.py": USE}
    assert found(tmp_path, circle) == {}


@pytest.mark.parametrize("entry", [(SUBMODULE, b"1" * 40), (LINK, b"/opt/shop"), (LINK, b"../../shop")])
def test_a_folder_beside_modules_whose_files_nobody_reads_is_a_doubt(
    tmp_path: Path, entry: tuple[str, bytes]
) -> None:
    (path, doubt), *others = found(tmp_path / "1", {"shop/extra": entry}).items()
    words = "whose files are not read" if entry[0] == SUBMODULE else "leads out of the repository"
    assert (path, words in doubt, others) == ("shop/extra", True, [])
    harmless: dict[str, Entry] = {"data/extra": entry, "shop/not-a-package": entry, "attic/extra": entry}
    assert found(tmp_path / "2", harmless) == {}


def test_a_link_into_a_submodule_is_a_doubt(tmp_path: Path) -> None:
    head: dict[str, Entry] = {
        "vendor/lib": (SUBMODULE, b"1" * 40),
        "shop/extra": (LINK, b"../vendor/lib/extra"),
    }
    assert found(tmp_path, head) == {
        "shop/extra": "it is a symbolic link into the submodule vendor/lib, whose files are not read"
    }


def test_a_submodule_that_moves_to_another_commit_is_none(tmp_path: Path) -> None:
    base: dict[str, Entry] = {**BASE, "shop/extra": (SUBMODULE, b"1" * 40)}
    assert found(tmp_path, {"shop/extra": (SUBMODULE, b"2" * 40)}, base) == {}
