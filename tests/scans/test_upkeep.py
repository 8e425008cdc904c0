"""The upkeep of mirrors: packs are merged, wrong bytes are found, and nothing that is needed disappears."""

import os
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from compliance.models import Job
from compliance.scans import mirror
from scanner import needs_upkeep, remove_abandoned
from tests.scanner.gitdir import loosen
from tests.scans.upstream import NEW, again, git, push, tracked
from tests.scans.verify import check_against_cold_scans

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LONG_AGO = time.time() - 40 * 86400


def feed(folder: Path, arguments: list[str], text: bytes) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, input=text, check=True, capture_output=True).stdout


def blobs(number: int) -> bytes:
    return b"".join(b"blob\ndata %d\n%d\n" % (len(str(one)), one) for one in range(number))


def many_packs(kept: Path) -> None:
    for number in range(40):
        sha = feed(kept, ["hash-object", "-w", "--stdin"], b"%d" % number)
        feed(kept, ["pack-objects", "-q", "objects/pack/pack"], sha)


def many_loose_objects(kept: Path) -> None:
    before = set((kept / "objects" / "pack").iterdir())
    feed(kept, ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"], blobs(9000))
    (pack,) = [file for file in set((kept / "objects" / "pack").iterdir()) - before if file.suffix == ".pack"]
    packed = pack.read_bytes()
    for file in pack.parent.glob(f"{pack.stem}.*"):
        file.unlink()
    feed(kept, ["unpack-objects", "-q"], packed)


def both(kept: Path) -> None:
    many_loose_objects(kept)
    many_packs(kept)


def objects(kept: Path) -> set[str]:
    listed = git(kept, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return set(listed.split())


@pytest.mark.parametrize("fill", [many_packs, many_loose_objects, both])
def test_packs_are_merged_and_every_object_stays(folder: Path, fill: Callable[[Path], None]) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    fill(kept)
    before = objects(kept)
    assert needs_upkeep(str(kept))
    push(folder, "more", app__b=NEW)
    repository = again(repository)

    assert Job.objects.get(kind="upkeep").state == Job.State.DONE
    assert not needs_upkeep(str(kept))
    assert len(list((kept / "objects" / "pack").glob("*.pack"))) <= 3
    assert before <= objects(kept)
    assert repository.trouble == ""
    assert check_against_cold_scans(repository) == 4


@pytest.mark.parametrize("what", ["main:app/b.py", "main~2:app/home.py", "main~1^{tree}"])
def test_wrong_bytes_that_can_be_unpacked_are_found(folder: Path, what: str) -> None:
    repository = tracked(folder)
    kept = mirror.folder(repository)
    loosen(kept)
    sha = git(kept, "rev-parse", what)
    right = git(kept, "cat-file", "-p", what)
    loose = kept / "objects" / sha[:2] / sha[2:]
    kind, _, content = zlib.decompress(loose.read_bytes()).partition(b"\0")
    loose.chmod(0o644)
    loose.write_bytes(zlib.compress(kind + b"\0" + content[:-1] + bytes([content[-1] ^ 1])))
    os.utime(kept / "config", (LONG_AGO, LONG_AGO))
    again(repository)

    assert git(kept, "cat-file", "-p", what) == right
    assert not needs_upkeep(str(kept))
    git(kept, "fsck", "--full")


def test_a_mirror_without_need_is_left_alone(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "more", app__b=NEW)
    again(repository)
    assert not Job.objects.filter(kind="upkeep").exists()


def test_what_killed_processes_left_is_removed(folder: Path) -> None:
    mirrors = Path(settings.DATA_DIR) / "mirrors"
    over = subprocess.Popen(["true"])
    over.wait()
    left, merged, fresh, others, plain = (
        mirrors / name
        for name in (
            f"x.unfinished-{over.pid}",
            f"x.merges-k_3z-{over.pid}",
            f"y.renewed-{over.pid}",
            f"z.damaged-{os.getpid()}",
            "w.d-7",
        )
    )
    for made in (left, merged, fresh, others, plain):
        made.mkdir(parents=True)
        if made != fresh:
            os.utime(made, (LONG_AGO, LONG_AGO))
    try:
        assert sorted(remove_abandoned(mirrors)) == [merged.name, left.name]
        assert not merged.exists()
        assert [made.exists() for made in (left, fresh, others, plain)] == [False, True, True, True]
    finally:
        for made in (fresh, others, plain):
            made.rmdir()


def test_partial_packs_of_killed_processes_are_removed(folder: Path) -> None:
    repository = tracked(folder)
    packs = mirror.folder(repository) / "objects" / "pack"
    old, new = packs / "tmp_pack_old", packs / "tmp_pack_new"
    for file in (old, new):
        file.write_bytes(b"x")
    os.utime(old, (LONG_AGO, LONG_AGO))
    os.utime(mirror.folder(repository) / "config", (LONG_AGO, LONG_AGO))
    again(repository)
    assert (old.exists(), new.exists()) == (False, True)
