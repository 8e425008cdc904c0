"""Patches in the lists of My work and a phase, and the archives of single patches."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import File, Patch
from compliance.work.claims import claim
from tests.evidence.conftest import furnish
from tests.views.cast import World, world

AT = "/repositories/netra/"


@pytest.fixture
def netra(db: None) -> World:
    return furnish(world())


def patched(netra: World, file: File, fixed: int, text: bytes = b"--- a/x\n") -> Patch:
    return Patch.objects.create(
        file=file, commit=netra.head, plan=netra.plan, text=text, fixed=fixed, refused=[], guides=[]
    )


def in_phase(netra: World, key: str) -> list[File]:
    """The files with violations of a phase, each once."""
    return list({v.file_id: v.file for v in netra.standing if key in v.phases}.values())


def members(client: Client, address: str) -> dict[str, bytes]:
    answer = client.get(f"{AT}{address}")
    assert answer.status_code == 200
    with ZipFile(BytesIO(b"".join(answer))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_my_work_says_which_files_have_a_patch(ada: Client, netra: World) -> None:
    mine, free = in_phase(netra, "golden-path")[:2]
    claim([mine], User.objects.get(username="ada"))
    assert "patch fixes" not in ada.get(f"{AT}my-work/").content.decode()

    patched(netra, mine, 31)
    patched(netra, free, 47)
    page = ada.get(f"{AT}my-work/").content.decode()

    claims, suggested = page.split('id="next"')
    assert f'href="{AT}files/{mine.pk}/#patch">patch fixes 31</a>' in claims
    assert f'href="{AT}files/{free.pk}/#patch">patch fixes 47</a>' in suggested
    assert (claims.count("patch fixes"), suggested.count("patch fixes")) == (1, 1)


def test_a_phase_says_which_files_have_a_patch(ada: Client, netra: World) -> None:
    file = in_phase(netra, "golden-path")[0]
    page = ada.get(f"{AT}phases/golden-path/").content.decode()
    assert "patch fixes" not in page
    assert "patches.zip" not in page

    patched(netra, file, 31)
    page = ada.get(f"{AT}phases/golden-path/").content.decode()

    assert f'href="{AT}files/{file.pk}/#patch">patch fixes 31</a>' in page
    assert page.count("patch fixes") == 1
    assert f'href="{AT}phases/golden-path/patches.zip"' in page


def test_the_archive_of_my_claims_contains_their_patches_apart(
    ada: Client, ben: Client, netra: World
) -> None:
    mine, without, others = in_phase(netra, "golden-path")[:3]
    claim([mine, without], User.objects.get(username="ada"))
    claim([others], User.objects.get(username="ben"))
    patched(netra, mine, 31, b"--- a/mine\n")
    patched(netra, without, 0, b"")
    patched(netra, others, 47, b"--- a/others\n")

    found = members(ada, "my-work/patches.zip")

    assert found.keys() == {f"patches/{mine.path}.patch", "README.txt"}
    assert found[f"patches/{mine.path}.patch"] == b"--- a/mine\n"
    readme = found["README.txt"].decode()
    assert f"1 separate patch against commit {netra.head.sha}" in readme
    assert "not checked together" in readme
    assert without.path in readme.splitlines()
    assert others.path not in readme
    assert f"{AT}my-work/patches.zip" in ada.get(f"{AT}my-work/").content.decode()


def test_the_archive_of_a_phase_says_how_to_prove_the_phase_as_one(ada: Client, netra: World) -> None:
    first, second = in_phase(netra, "golden-path")[:2]
    elsewhere = next(v.file for v in netra.standing if "golden-path" not in v.phases)
    for number, file in enumerate((first, second, elsewhere), 1):
        patched(netra, file, number)
    expected = {file.path for file in (first, second, elsewhere) if file in in_phase(netra, "golden-path")}

    found = members(ada, "phases/golden-path/patches.zip")

    assert found.keys() == {"README.txt", *(f"patches/{path}.patch" for path in expected)}
    command = f"python -m scanner fix --rev {netra.head.sha} --phase golden-path"
    assert command in found["README.txt"].decode()


def test_a_patch_of_an_older_commit_is_neither_listed_nor_archived(ada: Client, netra: World) -> None:
    file = in_phase(netra, "golden-path")[0]
    made = patched(netra, file, 31)
    made.commit = netra.repository.commits.exclude(pk=netra.head.pk).earliest("position")
    made.save()

    assert "patch fixes" not in ada.get(f"{AT}phases/golden-path/").content.decode()
    assert ada.get(f"{AT}phases/golden-path/patches.zip").status_code == 404
    assert ada.get(f"{AT}my-work/patches.zip").status_code == 404
    assert ada.get(f"{AT}phases/nowhere/patches.zip").status_code == 404


def test_a_path_cannot_leave_the_folder_of_the_archive(ada: Client, netra: World) -> None:
    file = in_phase(netra, "golden-path")[0]
    File.objects.filter(pk=file.pk).update(path="../..\\x/a.py")
    claim([file], User.objects.get(username="ada"))
    patched(netra, file, 31)

    assert "patches/_/.._x/a.py.patch" in members(ada, "my-work/patches.zip")
