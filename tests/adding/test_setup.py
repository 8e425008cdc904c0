"""An address becomes a tracked repository: folders, https with a token, ssh with a deploy key."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from compliance.models import Commit, Repository, RepositorySetup
from compliance.scans import access_values, mirror, repository_setup
from compliance.scans.setup_errors import SetupError
from scanner import SshAccess
from tests.adding.sshd import SshServer, running
from tests.scanner.git.tls import Forge
from tests.scans.upstream import PLAN, git
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def checked(address: str, **credentials: Any) -> RepositorySetup:
    """An address after its check."""
    setup = repository_setup.begin(str(address), None, **credentials)
    run_jobs()
    setup.refresh_from_db()
    return setup


def test_a_folder_is_added_and_recorded(permitted_folder: Path) -> None:
    setup = checked(f"  {permitted_folder}/ ")
    assert (setup.state, setup.trouble) == ("ready", "")
    assert (setup.branches, setup.default_branch) == (["main"], "main")
    assert setup.estimate["commits"] == 3
    assert setup.estimate["size"] > 0

    repository = repository_setup.add(setup, None, name="The shop")
    assert (repository.slug, repository.name, repository.branch) == ("the-shop", "The shop", "main")
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble_kind == "no plan"
    assert mirror.folder(repository).is_dir(), "it is cloned before there is a plan"
    setup.refresh_from_db()
    assert (setup.state, setup.repository) == ("added", repository)


def test_the_same_setup_adds_one_repository_however_often_it_is_sent(permitted_folder: Path) -> None:
    setup = checked(str(permitted_folder))
    first = repository_setup.add(setup, None)
    assert repository_setup.add(setup, None) == first
    assert Repository.objects.count() == 1


def test_a_plan_in_the_repository_is_used_at_once(permitted_folder: Path) -> None:
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        cwd=permitted_folder,
        input=(
            "commit refs/heads/main\ncommitter A <a@example.org> 1800000000 +0000\ndata 4\nplan\n"
            f"from refs/heads/main^0\nM 644 inline ssot-plan.yaml\ndata {len(PLAN.encode())}\n{PLAN}\n"
        ).encode(),
        check=True,
    )
    repository = repository_setup.add(checked(str(permitted_folder)), None)
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble == ""
    assert Commit.objects.filter(position__isnull=False).count() == 4


def test_another_branch_is_tracked(permitted_folder: Path) -> None:
    git(permitted_folder, "branch", "release/1", "main~1")
    setup = checked(str(permitted_folder))
    assert setup.branches == ["main", "release/1"]
    with pytest.raises(SetupError, match="no branch 'nope'"):
        repository_setup.add(setup, None, branch="nope")
    assert repository_setup.add(setup, None, branch="release/1").branch == "release/1"


def test_https_with_a_token(served: Forge) -> None:
    url = f"https://localhost:{served.port}/r.git"
    assert checked(url).estimate["commits"] == 3
    served.password = "s3cr3t/+"
    setup = checked(url)
    assert (setup.state, setup.trouble_kind) == ("failed", "refused")
    repository_setup.check_again(setup, None, user="ada", token="s3cr3t/+")
    run_jobs()
    setup.refresh_from_db()
    assert (setup.state, setup.trouble) == ("ready", "")
    assert RepositorySetup.objects.extra(where=["access LIKE '%%s3cr3t%%'"]).count() == 0

    repository = repository_setup.add(setup, None)
    setup.refresh_from_db()
    assert setup.access == ""
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble_kind == "no plan"


def test_a_deploy_key_is_generated_accepted_and_used(sshd: SshServer, folder: Path) -> None:
    setup = checked(sshd.address(folder))
    assert (setup.state, setup.trouble_kind) == ("failed", "refused")
    assert "Permission denied" in setup.trouble
    key = access_values.key_of(setup.access)
    assert key.startswith("ssh-ed25519 ")

    sshd.accept(key)
    repository_setup.check_again(setup, None)
    run_jobs()
    setup.refresh_from_db()
    assert (setup.state, setup.trouble) == ("ready", "")
    assert access_values.key_of(setup.access) == key
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(sshd.folder / "host_key.pub")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert access_values.host_fingerprints(setup.access) == [("ssh-ed25519", told.stdout.split()[1])]

    repository = repository_setup.add(setup, None)
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble_kind == "no plan"
    assert git(mirror.folder(repository), "rev-list", "--count", "main") == "3"


def test_a_changed_host_key_is_an_error_until_it_is_accepted(sshd: SshServer, folder: Path) -> None:
    setup = checked(sshd.address(folder))
    sshd.accept(access_values.key_of(setup.access))
    repository_setup.check_again(setup, None)
    run_jobs()
    repository = repository_setup.add(RepositorySetup.objects.get(), None)
    run_jobs()
    sshd.change_host_key()
    elsewhere = SshServer(sshd.folder, sshd.port + 1 if sshd.port < 65_535 else sshd.port - 1)
    with running(elsewhere):
        other = repository_setup.begin(elsewhere.address(folder), None)
        parsed = SshAccess.parse(repository.access)
        assert parsed is not None
        lines = parsed.host_keys.replace(f":{sshd.port}", f":{elsewhere.port}")
        other.access = SshAccess(parsed.private_key, lines).text
        other.save()
        run_jobs()
        other.refresh_from_db()
        assert (other.state, other.trouble_kind) == ("failed", "host key")
        repository_setup.check_again(other, None, forget_host=True)
        run_jobs()
        other.refresh_from_db()
        assert (other.state, other.trouble) == ("ready", "")


@pytest.mark.parametrize(
    ("address", "kind", "words"),
    [
        ("https://nowhere.invalid/r.git", "unreachable", "cannot be found"),
        ("https://localhost:{port}/none.git", "not found", "not found"),
        ("ssh://git@127.0.0.1:1/r.git", "unreachable", "no ssh server answers"),
        ("{root}/plain", "not found", "is not a git repository; it is empty"),
        ("{root}/nothing", "not found", "no such folder"),
        ("{root}/empty.git", "empty", "no commits on any branch"),
        ("{root}/tagged.git", "other", "has no branch, only tags"),
        ("{root}/shallow.git", "shallow", "`git fetch --unshallow`"),
    ],
)
def test_each_failure_says_what_is_wrong(
    served: Forge, permitted_folder: Path, address: str, kind: str, words: str
) -> None:
    root = permitted_folder.parent
    (root / "plain").mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", str(root / "empty.git")], check=True)
    git(root, "clone", "--quiet", "--bare", str(permitted_folder), "tagged.git")
    git(root / "tagged.git", "tag", "v1")
    git(root / "tagged.git", "update-ref", "-d", "refs/heads/main")
    shallow = [
        "git",
        "clone",
        "--quiet",
        "--bare",
        "--depth=1",
        f"file://{permitted_folder}",
        str(root / "shallow.git"),
    ]
    subprocess.run(shallow, check=True)
    setup = checked(address.format(port=served.port, root=root))
    assert (setup.state, setup.trouble_kind) == ("failed", kind)
    assert words in setup.trouble


def test_an_address_of_this_machine_is_refused(db: None) -> None:
    setup = checked("https://127.0.0.1/r.git")
    assert (setup.state, setup.trouble_kind) == ("failed", "address")


def test_a_check_that_is_cancelled_leaves_nothing(permitted_folder: Path, settings: Any) -> None:
    setup = repository_setup.begin(str(permitted_folder), None)
    repository_setup.cancel(setup)
    run_jobs()
    assert not RepositorySetup.objects.exists()
    assert not list((Path(settings.DATA_DIR) / "mirrors").glob("setup-*"))


def test_two_administrators_add_the_same_address(permitted_folder: Path) -> None:
    one, other = checked(str(permitted_folder)), checked(str(permitted_folder))
    first = repository_setup.add(one, None)
    with pytest.raises(SetupError, match="already tracked as “r”") as caught:
        repository_setup.add(other, None)
    assert caught.value.repository == first
    second = repository_setup.add(other, None, again=True)
    assert (first.slug, second.slug) == ("r", "r-2")


def test_folders_whose_names_differ_by_git_are_two_repositories(permitted_folder: Path) -> None:
    bare = permitted_folder.with_name(f"{permitted_folder.name}.git")
    shutil.copytree(permitted_folder, bare)
    added = [repository_setup.add(checked(str(folder)), None) for folder in (permitted_folder, bare)]
    assert added[0] != added[1]


def test_the_pages_lead_from_the_address_to_the_repository(ada: Client, permitted_folder: Path) -> None:
    home = ada.get("/").content.decode()
    assert "Which repository do you want to follow?" in home
    assert str(permitted_folder) in home, "the folder is suggested"
    answer = ada.post("/add-repository/", {"address": str(permitted_folder)})
    page = answer.headers["Location"]
    assert "Checking the address" in ada.get(page).content.decode()
    run_jobs()
    found = ada.get(page).content.decode()
    assert "3 commits since" in found
    added = ada.post(f"{page}finish/", {"branch": "main", "name": "Shop"})
    assert added.headers["Location"] == "/repositories/shop/"
    assert "The repository is being cloned" in ada.get("/repositories/shop/").content.decode()
    run_jobs()
    assert "No plan yet" in ada.get("/repositories/shop/").content.decode()
    assert (
        '<a href="/repositories/shop/plan/proposals/">Propose a plan</a>'
        in ada.get("/?all=1").content.decode()
    )
    assert ada.get(page).headers["Location"] == "/repositories/shop/"
