"""A small repository that is tracked, pushed to and read again."""

import subprocess
from pathlib import Path

from compliance import scans
from compliance.models import File, Repository
from tests.scanner.factories import PLAN_TEXT
from tests.scanner.history import Commit as Written
from tests.scans.verify import run_jobs

PLAN = PLAN_TEXT


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


OLD = "from app.home import get_it\nx = get_it()\n"
NEW = "from app.home import make_it\nx = make_it()\n"
HISTORY = (
    Written({"app/home.py": "def get_it():\n    return 1\n", "app/a.py": OLD, "app/b.py": OLD}),
    Written({"app/c.py": "print(1)\n"}),
    Written({"app/a.py": NEW}),
)


def push(
    folder: Path,
    message: str,
    *,
    by: str = "A <a@example.org>",
    when: str = "1800000000 +0000",
    **files: str | None,
) -> str:
    """Commit files on top of main in a bare repository; the new tip. Names have `__` for slashes."""
    stream = f"commit refs/heads/main\ncommitter {by} {when}\n"
    stream += f"data {len(message)}\n{message}\nfrom refs/heads/main^0\n"
    for name, text in files.items():
        path = name.replace("__", "/")
        path = path if "." in path else f"{path}.py"
        stream += (
            f"D {path}\n" if text is None else f"M 644 inline {path}\ndata {len(text.encode())}\n{text}\n"
        )
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], cwd=folder, input=stream.encode(), check=True
    )
    return git(folder, "rev-parse", "main")


def tracked(folder: Path, plan: str | None = PLAN) -> Repository:
    repository = scans.track(str(folder), slug="r", plan=plan)
    run_jobs()
    repository.refresh_from_db()
    return repository


def again(repository: Repository) -> Repository:
    scans.track(repository.url, slug=repository.slug)
    run_jobs()
    repository.refresh_from_db()
    return repository


def status(path: str) -> str:
    return File.objects.get(path=path).status
