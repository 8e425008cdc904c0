"""Generated metadata of git: whatever commits, branches, tags and paths are called, every page answers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from compliance import scans
from compliance.accounts.roles import Role, give
from compliance.models import Commit, File, Repository
from tests.generated import examples
from tests.scans.loose_objects import LooseObjects, Tree
from tests.scans.upstream import NEW, OLD, PLAN
from tests.scans.verify import check_against_cold_scans, run_jobs
from tests.views.furnished import token_for
from tests.views.permissions import operations, rules

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ODD = (
    *(b"", b" ", b"\xff\xfe", "é".encode("latin-1"), "日本".encode("shift_jis"), "\u202e\u2028".encode()),
    *(
        b"=1+1",
        b"<script>alert(1)</script>",
        b"%s%00{{x}}",
        b"x" * 5000,
        b"\x1b[31mred",
        b"a\rb",
        b"\xed\xa0\x80",
    ),
)
BYTES = st.one_of(
    st.sampled_from(ODD),
    st.binary(max_size=20),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
)


def without(*forbidden: bytes) -> st.SearchStrategy[bytes]:
    """Bytes in which git could not hold these, because they end the field."""

    def cleaned(raw: bytes) -> bytes:
        for part in forbidden:
            raw = raw.replace(part, b"")
        return raw

    return BYTES.map(cleaned)


NAMES = without(b"\0", b"\n", b"<", b">")
DATES = st.one_of(
    st.sampled_from((b"0 +0000", b"253402300799 -1400", b"9999999999999 +0000", b"-1 +0000", b"1e9 +0000")),
    st.tuples(st.integers(0, 2**40), st.integers(-2500, 2500)).map(lambda at: b"%d %+05d" % at),
    st.tuples(st.integers(0, 2**31), st.integers(-99999, 99999)).map(lambda at: b"%d %d" % at),
)
ENCODINGS = st.sampled_from(
    (b"", b"", b"ISO-8859-1", b"shift_jis", b"no-such", b"UTF-16", b"\xff", b"x" * 300)
)
PARTS = without(b"\0", b"/").filter(lambda part: part.strip(b". ~\x00") and b"git" not in part.lower())
PATHS = st.lists(PARTS, min_size=1, max_size=4)
BRANCHES = st.one_of(
    st.sampled_from(
        (
            b"main",
            "ä/ö\u2028".encode(),
            b"caf\xe9",
            b"a/" * 400 + b"b",
            b"=x",
            b"%2F",
            b"<b>",
            b"a" * 250,
            b"-x",
        )
    ),
    st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=" ~^:?*[\\./@{"), min_size=1
    ).map(str.encode),
)


@dataclass(frozen=True)
class Made:
    """The metadata of one commit, and the path of the file that it adds."""

    author: bytes
    mail: bytes
    authored: bytes
    committed: bytes
    encoding: bytes
    message: bytes
    path: list[bytes]

    @property
    def header(self) -> bytes:
        encoding = b"encoding %s\n" % self.encoding if self.encoding else b""
        who = self.author + b" <" + self.mail + b"> "
        return b"author " + who + self.authored + b"\ncommitter " + who + self.committed + b"\n" + encoding


COMMITS = st.builds(Made, NAMES, NAMES, DATES, DATES, ENCODINGS, without(b"\0"), PATHS)


def put(tree: dict[bytes, "bytes | Tree"], path: list[bytes], content: bytes) -> None:
    """Add a file, unless a file has the name of one of its folders."""
    inner = tree
    for part in path[:-1]:
        below = inner.setdefault(part, {})
        if not isinstance(below, dict):
            return
        inner = below
    name = path[-1] + b".py"
    if name not in inner:
        inner[name] = content


def written(folder: Path, commits: list[Made], branch: bytes) -> str:
    """Write a history; the SHA of its tip."""
    objects = LooseObjects(folder)
    tree: dict[bytes, bytes | Tree] = {b"app": {b"home.py": b"def get_it():\n    return 1\n"}}
    parents: list[str] = []
    refs = {}
    for number, made in enumerate(commits):
        put(tree, made.path, (OLD, NEW)[number % 2].encode())
        parents = [objects.commit(objects.tree(tree), parents, made.header, made.message)]
        refs[b"refs/tags/v%d-" % number + branch] = parents[0]
    name = b"refs/heads/" + branch
    objects.refer({**refs, name: parents[0]}, name)
    return parents[0]


@pytest.fixture
def clients() -> tuple[Client, str]:
    person = User.objects.create_user("ada", "ada@example.org", is_superuser=True, is_staff=True)
    give(person, Role.ADMINISTRATOR)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client, token_for(person, "write")


def addresses() -> Iterator[str]:
    """Every page and call that reads, with what has been recorded."""
    known = {"slug": "r", "name": "trend", "number": "1", "key": "%231274", "pk": "1"}
    commits = Commit.objects.values_list("sha", flat=True)
    files = File.objects.values_list("pk", "path")
    # Without workers, /readyz and /healthz say so.
    reads = [
        rule.address for rule in rules() if rule.method == "GET" and rule.name not in {"readyz", "healthz"}
    ]
    reads += [path for method, _, path in operations() if method == "GET"]
    for path in reads:
        shas = commits if "<sha>" in path else ("",)
        keys = [str(pk) for pk, _ in files] if "/files/<pk>" in path else ("1",)
        for sha, pk in product(shas, keys):
            address = path
            for place, value in {**known, "sha": sha, "pk": pk}.items():
                address = address.replace(f"<{place}>", value)
            yield address
    for _, path in files:
        yield f"/repositories/r/files/?q={quote(path)}"
        yield f"/api/v1/repositories/r/files?path={quote(path)}"


@given(commits=st.lists(COMMITS, min_size=3, max_size=12), branch=BRANCHES)
@examples(25, shrink=False)
def test_commits(
    clients: tuple[Client, str], tmp_path_factory: pytest.TempPathFactory, commits: list[Made], branch: bytes
) -> None:
    client, token = clients
    Repository.objects.all().delete()
    folder = tmp_path_factory.mktemp("origin") / "r.git"
    tip = written(folder, commits, branch)
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble == "", repository.trouble
    assert repository.head is not None
    assert repository.head.sha == tip
    assert check_against_cold_scans(repository) == len(commits)
    broken = []
    for address in addresses():
        headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api/") else {}
        answer = client.get(address, headers=headers)
        body = answer.getvalue() if answer.streaming else answer.content
        if answer.status_code >= 500:
            broken.append((address, answer.status_code))
        if "json" in answer.get("Content-Type", ""):
            json.loads(body)
    assert broken == []
