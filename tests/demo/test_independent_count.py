"""The same totals from a count that shares nothing with the engine."""

import tarfile
from io import BytesIO
from subprocess import run

import pytest

from tests.demo.conftest import Repository
from tests.demo.independent_count import violations

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("tag", "total", "dirty", "files"), [("baseline", 333, 135, 909), ("status-1274", 285, 118, 922)]
)
def test_production_totals(demo: Repository, tag: str, total: int, dirty: int, files: int) -> None:
    archive = run(
        ["git", "archive", tag, "netra_backend"], cwd=demo.path, capture_output=True, check=True
    ).stdout
    counts = []
    with tarfile.open(fileobj=BytesIO(archive)) as tree:
        for entry in tree:
            content = tree.extractfile(entry)
            if content is not None and entry.name.endswith(".py") and "/tests/" not in entry.name:
                module = entry.name.removesuffix(".py").replace("/", ".")
                counts.append(len(violations(module, content.read().decode())))
    assert (sum(counts), sum(1 for count in counts if count), len(counts)) == (total, dirty, files)
