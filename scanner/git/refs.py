"""The refs of a mirror: those that it fetches from its origin, and others that keep commits."""

from dataclasses import dataclass

from scanner.git.command import GitError, run, run_with_input

REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
"""What a mirror fetches. A forge's other refs, such as those of all pull requests, can be many times
as many.
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a mirror's configuration says of its origin. The address is empty if it says none."""

    address: str
    refspecs: tuple[str, ...]
    is_mirrored: bool


def keep_ref(path: str, ref: str, sha: str) -> None:
    """Let a ref of a mirror refer to a commit that the mirror has, or delete the ref if `sha` is empty."""
    run(["update-ref", ref, sha] if sha else ["update-ref", "-d", ref], git_dir=path)


def list_refs(path: str, prefix: str) -> list[str]:
    """Return the full names of a mirror's refs below a prefix such as `refs/tags/`."""
    names = run(["for-each-ref", "--format=%(refname)", prefix], git_dir=path)
    return names.decode("utf-8", "surrogateescape").split("\n")[:-1]


def is_ref(name: str) -> bool:
    """Return true if git accepts a full name of a ref."""
    try:
        run(["check-ref-format", name])
    except GitError:
        return False
    return True


def read_origin(path: str) -> Origin:
    """Return what the configuration of a mirror says of its origin."""
    raw = run(["config", "-z", "--get-regexp", r"^remote\.origin\."], git_dir=path, nothing=1)
    pairs = [entry.partition("\n")[::2] for entry in raw.decode("utf-8", "surrogateescape").split("\0")[:-1]]
    refspecs = tuple(value for name, value in pairs if name == "remote.origin.fetch")
    known = dict(pairs)
    address = known.get("remote.origin.url", "")
    return Origin(address, refspecs, bool(address) and "remote.origin.mirror" in known)


def leave_out_other_refs(path: str, origin: Origin) -> None:
    """Let a mirror of an earlier release, which fetched all refs, fetch branches and tags only."""
    if origin.refspecs == REFSPECS:
        return
    names = run(["for-each-ref", "--format=delete %(refname)"], git_dir=path).split(b"\n")[:-1]
    others = [name for name in names if not name.startswith((b"delete refs/heads/", b"delete refs/tags/"))]
    if others:
        run_with_input(["update-ref", "--stdin"], path, b"\n".join([*others, b""]))
    set_refspecs(path)


def set_refspecs(path: str) -> None:
    """Configure what a mirror fetches."""
    first, *others = REFSPECS
    run(["config", "--replace-all", "remote.origin.fetch", first], git_dir=path)
    for refspec in others:
        run(["config", "--add", "remote.origin.fetch", refspec], git_dir=path)
