"""A repository with a file of 5,000 lines and 100 violations beside a small one, as a scan records them."""

import subprocess
from pathlib import Path

from compliance import scans
from compliance.models import Repository

LINES, PLACES = 5000, 100
SMALL_LINES, SMALL_PLACES = 100, 4
PLAN = """version: 1
name: Long files
rules:
  - {id: factory, kind: deprecated-symbol, symbols: [shop.old.get_factory], risk: high,
     message: One factory shared by all users}
"""


def track(folder: Path) -> Repository:
    """Write the repository into the folder and ask for its scan; a worker has to do it."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    commit = "commit refs/heads/main\ncommitter Bench <bench@example.org> 1700000000 +0000\ndata 5\nBegin\n"
    for path, lines, places in (("large", LINES, PLACES), ("small", SMALL_LINES, SMALL_PLACES)):
        text = _text(lines, places)
        commit += f"M 100644 inline shop/{path}.py\ndata {len(text)}\n{text}\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=commit.encode(), check=True)
    return scans.track(str(folder), slug="long", plan=PLAN)


def _text(lines: int, places: int) -> str:
    """A module with so many lines; its import is the first place, the others are spread over it."""
    rows = [
        f'value_{number} = compute("{number}", limit={number}, label="what a line of code may say")'
        for number in range(1, lines + 1)
    ]
    rows[0] = "from shop.old import get_factory"
    for number in range(1, places):
        rows[number * lines // places] = f"factory_{number} = get_factory()  # the one that all share"
    return "\n".join(rows) + "\n"


def addresses(repository: Repository) -> dict[str, tuple[str, str]]:
    """What is asked for of the long file -> its address and that of the small file."""
    at = {
        path: f"/repositories/{repository.slug}/files/{pk}/"
        for path, pk in repository.files.values_list("path", "pk")
    }
    large, small = at["shop/large.py"], at["shop/small.py"]
    last = repository.files.get(path="shop/large.py").violations_rows.order_by("-line")[0]
    return {
        "file of 5,000 lines": (large, small),
        "its last place": (f"{large}?violation={last.pk}", small),
        "its middle": (f"{large}?line={LINES // 2}", small),
    }
