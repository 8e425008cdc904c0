"""A repository of the shape that matters, for machines without a real one: written by `git fast-import`.

Seeded, so that two runs measure the same bytes. One file in 60 names a deprecated accessor; each commit
rewrites a few files, as real ones do.
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


def module_text(chance: random.Random, consumer: bool, functions: int) -> str:
    """The text of one module with so many functions."""
    head = '"""Part of the shop."""\n\nimport logging\nfrom datetime import datetime\n'
    if consumer:
        head += f"from shop.core.sessions import {ACCESSOR}\n\nfactory = {ACCESSOR}()\n"
    body = "".join(
        FUNCTION.format(name=f"step_{chance.randrange(10**6)}", number=chance.randrange(1, 9))
        for _ in range(functions)
    )
    return head + "\n" + body


def write(folder: Path, files: int, commits: int, changes: int = 8, functions: int = 24) -> Path:
    """Write a bare repository with so many files and first-parent commits; gives its path."""
    chance = random.Random(f"{files}/{commits}")
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    process = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE)
    assert process.stdin is not None
    paths = [f"shop/area{n % 40}/part{n % 7}/module_{n}.py" for n in range(files - 1)]
    for number in range(commits):
        touched = paths if number == 0 else chance.sample(paths, min(changes, len(paths)))
        message = f"Commit {number}"
        stamp = 1_700_000_000 + 3600 * number
        head = f"commit refs/heads/main\ncommitter Bench <bench@example.org> {stamp} +0000\n"
        process.stdin.write(f"{head}data {len(message)}\n{message}\n".encode())
        if number == 0:
            process.stdin.write(_modify(MODULE, DEFINITION))
        for path in touched:
            text = module_text(chance, chance.randrange(60) == 0, chance.randrange(4, 2 * functions))
            process.stdin.write(_modify(path, text))
    process.stdin.close()
    if process.wait() != 0:
        raise RuntimeError("git fast-import failed")
    return folder


def _modify(path: str, text: str) -> bytes:
    raw = text.encode()
    return f"M 100644 inline {path}\ndata {len(raw)}\n".encode() + raw + b"\n"
