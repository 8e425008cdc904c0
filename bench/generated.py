"""A repository of the shape that matters, for machines without a real one: written by `git fast-import`.

Seeded, so that two runs measure the same bytes. One file in 60 names a deprecated accessor, others have what
the other rules look for; each commit rewrites a few files, and every tenth merges a branch.
"""

import random
import subprocess
from pathlib import Path

ACCESSOR = "get_session_factory"
MODULE = "shop/core/sessions.py"

DEFINITION = f"""_session_factory = None


def {ACCESSOR}():
    global _session_factory
    if _session_factory is None:
        _session_factory = dict()
    return _session_factory
"""

FUNCTION = '''
def {name}(order, limit={number}):
    """Apply step {number} to an order and give back the part that is left."""
    remaining = [line for line in order.lines if line.quantity > limit]
    for line in remaining:
        if line.price * line.quantity > {number}:
            line.discount = round(line.price * 0.0{number}, 2)
            order.log("discounted", line.sku, line.discount)
    return {{"order": order.number, "lines": remaining, "total": sum(x.price for x in remaining)}}
'''

# What the rules look for, each in about one file in so many.
_DEBTS = (
    (60, f"from shop.core.sessions import {ACCESSOR}\n\nfactory = {ACCESSOR}()\n"),
    (20, "\nstarted = datetime.utcnow()\n"),
    (40, "\nactive_orders = {}\n\n\ndef keep(order):\n    active_orders[order.number] = order\n"),
    (
        80,
        "\n_kept = None\n\n\ndef registry():\n    global _kept\n    _kept = _kept or StepRegistry()\n",
    ),
    (80, "from shop.old.money import Money\n\nZERO = Money(0)\n"),
    (30, '\nlogging.getLogger(__name__).warning("this module is deprecated")\n'),
    (40, "\n\ndef begin(api):\n    return api.create_order(1)\n"),
)
_BRANCH_EVERY = 10
PUSHED = 20
"""Number of files that a push changes."""


def module_text(chance: random.Random, functions: int) -> str:
    """The text of one module with so many functions."""
    head = '"""Part of the shop."""\n\nimport logging\nfrom datetime import datetime\n'
    debts = "".join(text for rate, text in _DEBTS if chance.randrange(rate) == 0)
    body = "".join(
        FUNCTION.format(name=f"step_{chance.randrange(10**6)}", number=chance.randrange(1, 9))
        for _ in range(functions)
    )
    return f"{head}{debts}\n{body}"


def write(folder: Path, files: int, commits: int, changes: int = 8, functions: int = 24) -> Path:
    """Write a bare repository with so many files and commits; gives its path."""
    chance = random.Random(f"{files}/{commits}")
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    process = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE)
    assert process.stdin is not None
    paths = [f"shop/area{n % 40}/part{n % 7}/module_{n}.py" for n in range(files - 1)]
    for number in range(commits):
        process.stdin.write(_head(number))
        if number == 0:
            process.stdin.write(_modify(MODULE, DEFINITION))
        for path in paths if number == 0 else chance.sample(paths, min(changes, len(paths))):
            process.stdin.write(_modify(path, module_text(chance, chance.randrange(4, 2 * functions))))
    process.stdin.close()
    if process.wait() != 0:
        raise RuntimeError("git fast-import failed")
    return folder


def push(folder: Path, chance: random.Random, functions: int = 3) -> str:
    """Commit new texts of 20 files on top of main, and return the new tip."""
    listed = _git(folder, "ls-tree", "-r", "--name-only", "main")
    when = 1_800_000_000 + chance.randrange(10**6)
    stream = f"commit refs/heads/main\ncommitter Bench <bench@example.org> {when} +0000\n".encode()
    stream += b"data 4\nPush\nfrom refs/heads/main^0\n"
    for path in chance.sample(listed.split(), PUSHED):
        stream += _modify(path, module_text(chance, chance.randrange(2, 2 * functions)))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)
    return _git(folder, "rev-parse", "main").strip()


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True, text=True).stdout


def _head(number: int) -> bytes:
    """The head of a commit: on the line, on a branch three commits old, or the merge of that branch."""
    parents = [number] if number else []  # a commit's mark is its number and one
    place = number % _BRANCH_EVERY
    if number and place == _BRANCH_EVERY - 1:
        parents = [number - 3]
    elif number and place == 0:
        parents = [number - 1, number]
    name = "branch" if place == _BRANCH_EVERY - 1 else "main"
    message = f"Commit {number}"
    head = f"commit refs/heads/{name}\nmark :{number + 1}\n"
    head += f"committer Bench <bench@example.org> {1_700_000_000 + 3600 * number} +0000\n"
    head += f"data {len(message)}\n{message}\n"
    words = ("from", "merge")
    return (
        head + "".join(f"{word} :{parent}\n" for word, parent in zip(words, parents, strict=False))
    ).encode()


def _modify(path: str, text: str) -> bytes:
    raw = text.encode()
    return f"M 100644 inline {path}\ndata {len(raw)}\n".encode() + raw + b"\n"
