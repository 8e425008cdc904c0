"""The git processes of this machine."""

from pathlib import Path


def processes(words: str) -> list[bytes]:
    """The processes of git, and the shells that run it, with these words in their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"git\0" in arguments and words.encode() in arguments:
                found.append(arguments)
    return found
