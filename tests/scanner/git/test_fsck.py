"""Old defects that do no harm are read, unsafe ones are refused by name, by every way into a mirror."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner import RemoteError, clone_mirror, fetch_mirror, is_complete, ls_remote, open_repository
from scanner.git.fsck import defects
from tests.scanner.git.defects import DANGEROUS, HARMLESS, push_defect
from tests.scanner.git.tls import forge, permitted
from tests.scanner.gitdir import git, loosen
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow


@pytest.fixture(params=["folder", "https"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of one repository, as a folder of this machine and at a forge."""
    write_history(tmp_path / "served" / "r.git", [Commit({"a.py": "x = 0\n"})])
    if request.param == "folder":
        yield str(tmp_path / "served" / "r.git")
        return
    with permitted(), forge(tmp_path / "served", tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield f"https://localhost:{running.port}/r.git"


@pytest.fixture
def origin(tmp_path: Path, address: str) -> Path:
    return tmp_path / "served" / "r.git"


def test_harmless_defects_are_read_at_first_and_later(address: str, origin: Path, tmp_path: Path) -> None:
    clone_mirror(address, str(tmp_path / "later"))
    pushed = [push_defect(origin, name, f"x = {number}\n") for number, name in enumerate(HARMLESS)]
    clone_mirror(address, str(tmp_path / "first"))
    fetch_mirror(str(tmp_path / "later"))
    for mirror in ("first", "later"):
        with open_repository(str(tmp_path / mirror), complete=True) as repository:
            line = [revision.sha for revision in repository.line("main", oldest_first=True)]
            assert line[1:] == pushed
            assert {repository.text(sha, "n.py") for sha in pushed} == {  # type: ignore[arg-type]
                f"x = {number}\n" for number in range(len(HARMLESS))
            }


@pytest.mark.parametrize("name", DANGEROUS)
def test_an_unsafe_object_is_refused_by_its_name_at_first_and_later(
    address: str, origin: Path, tmp_path: Path, name: str
) -> None:
    clone_mirror(address, str(tmp_path / "later"))
    before = ls_remote(str(tmp_path / "later"))
    push_defect(origin, name)
    attempts: tuple[Callable[[], None], ...] = (
        lambda: clone_mirror(address, str(tmp_path / "first")),
        lambda: fetch_mirror(str(tmp_path / "later")),
    )
    for attempt in attempts:
        with pytest.raises(RemoteError) as caught:
            attempt()
        assert name in str(caught.value)
        assert "server is up" not in str(caught.value)
        assert caught.value.reason == "unsafe"
    assert not (tmp_path / "first").exists()
    assert ls_remote(str(tmp_path / "later")) == before


def test_a_harmless_defect_does_not_hide_an_unsafe_one(address: str, origin: Path, tmp_path: Path) -> None:
    for number in range(30):
        push_defect(origin, "badTimezone", f"x = {number}\n")
    push_defect(origin, "hasDotgit")
    with pytest.raises(RemoteError) as caught:
        clone_mirror(address, str(tmp_path / "m"))
    assert "hasDotgit" in str(caught.value)
    assert "badTimezone" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "zeroPaddedFilemode", "hasDotdot", "fullPathname"])
def test_a_folder_without_some_contents_is_checked_all_the_same(tmp_path: Path, name: str) -> None:
    (first,) = write_history(tmp_path / "r.git", [Commit({"a.py": "x = 0\n", "lost.py": "x = 9\n"})])
    loosen(tmp_path / "r.git")
    blob = git(tmp_path / "r.git", "rev-parse", f"{first}:lost.py")
    (tmp_path / "r.git" / "objects" / blob[:2] / blob[2:]).unlink()
    if name:
        push_defect(tmp_path / "r.git", name)
    if name in DANGEROUS:
        with pytest.raises(RemoteError, match=name):
            clone_mirror(str(tmp_path / "r.git"), str(tmp_path / "m"))
        assert not (tmp_path / "m").exists()
        return
    clone_mirror(str(tmp_path / "r.git"), str(tmp_path / "m"))
    assert not is_complete(str(tmp_path / "m"))
    with open_repository(str(tmp_path / "m")) as repository:
        assert repository.text(first, "a.py") == "x = 0\n"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            f"warning: object {'b' * 40}: badDate: bad\nerror: object {'a' * 40}: hasDotdot: contains '..'\n",
            "hasDotdot in object aaaaaaaaaaaa (contains '..')",
        ),
        (f"error in tree {'c' * 64}: hasDot: contains '.'", "hasDot in object cccccccccccc (contains '.')"),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", ""),
    ],
)
def test_the_defects_are_read_from_what_git_says(said: str, told: str) -> None:
    assert defects(said) == told
