"""Globs over paths and over dotted names; each is compiled once and matches in linear time for every input.

In path globs, `*` stays inside one folder, `**` as a whole path component crosses folders (`**/x` also
matches `x` in the root folder), `?` is one character, `[ab]` is one of these characters, and `[!ab]` is any
other character. Within brackets, `*` and `?` have no special meaning, and a `]` comes first. A range that
contains the slash doesn't match it. In name globs, `*` crosses dots.
"""

import re
from functools import lru_cache
from itertools import groupby

_BRACKETS = r"\[(!?+)(\][^\]/]*+|[^\]/]++)\]"
_CLASS = re.compile(_BRACKETS)
_TOKEN = re.compile(rf"\*+|{_BRACKETS}|.", re.DOTALL)


def glob_problem(glob: str) -> str:
    """Return what is wrong with a path glob and how to fix it; empty if it is valid."""
    segments = glob.split("/")
    complaints = (
        (not glob, "is empty"),
        (
            glob.startswith("/"),
            f"starts with a slash; paths are relative to the repository's root: write {_relative(glob)!r}",
        ),
        (glob.endswith("/"), f"ends in a slash; write {glob + '**'!r} for everything in the folder"),
        ("\\" in glob, "contains a backslash; separate folders with a slash"),
        (
            any(segment in ("", ".", "..") for segment in segments),
            "has an empty, `.` or `..` component; write paths relative to the repository's root",
        ),
        (
            any("**" in segment and segment != "**" for segment in _CLASS.sub("[]", glob).split("/")),
            "joins `**` to other characters; `**` must be alone between slashes, as in `a/**/*.py`",
        ),
        ("[" in _CLASS.sub("", glob), "has a `[` that is unclosed or empty"),
    )
    return next((words for wrong, words in complaints if wrong), "") or _range_problem(glob)


def _relative(glob: str) -> str:
    return glob.lstrip("/") + ("**" if glob.endswith("/") else "")


def _range_problem(glob: str) -> str:
    try:
        _paths((glob,))
    except re.error:
        return "has a range in `[ ]` that is empty or reversed"
    return ""


def path_matches(globs: tuple[str, ...], path: str) -> bool:
    """Return whether any of the path globs matches a path; an empty list matches nothing."""
    return bool(globs) and _paths(globs).fullmatch(path) is not None


def path_pattern(globs: tuple[str, ...]) -> str:
    """Return a regular expression equivalent to `path_matches`, to be used with fullmatch and DOTALL."""
    return "|".join(f"(?:{_translate(glob)})" for glob in globs)


def name_matches(globs: tuple[str, ...], name: str) -> bool:
    """Return whether any of the name globs matches a name, dotted or bare; `*` crosses dots."""
    return bool(globs) and _names(globs).fullmatch(name) is not None


def symbol_matches(globs: tuple[str, ...], full: str) -> bool:
    """Return whether a name glob matches a full name; a glob without dots is compared with its last part."""
    last = full.rpartition(".")[2]
    return any(name_matches((glob,), full if "." in glob else last) for glob in globs)


@lru_cache(maxsize=1024)
def _paths(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(path_pattern(globs), re.DOTALL)


@lru_cache(maxsize=1024)
def _names(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_segment(glob, '.')})" for glob in globs), re.DOTALL)


def _translate(glob: str) -> str:
    """Return the regular expression for one path glob.

    Between two `**`, the first match is as good as any later one, so each such group is atomic and is not
    backtracked into: four kilobytes of `**/*a*a*a*b` take a millisecond.
    """
    runs = [
        (star, list(part)) for star, part in groupby(glob.split("/"), key=lambda segment: segment == "**")
    ]
    out = ""
    for index, (star, segments) in enumerate(runs):
        last = index == len(runs) - 1
        if star:
            out += (".+" if index else ".*") if last else ""
            continue
        crossed = index > 0
        fixed = "/".join(_segment(segment, "[^/]") for segment in segments)
        if last:
            out += ("(?:[^/]+/)*" if crossed else "") + fixed
        elif crossed:
            out += f"(?>(?:[^/]+/)*?{fixed}/)"
        else:
            out += fixed + "/"
    return out


def _segment(glob: str, one: str) -> str:
    """Return the regular expression for a part without separators; `one` matches a single character."""
    parts = [""]
    for token in _TOKEN.finditer(glob):
        if token[0].startswith("*"):
            parts.append("")
        else:
            parts[-1] += _character(token, one)
    if len(parts) == 1:
        return parts[0]
    first, *middle, end = parts
    atoms = "".join(f"(?>{one}*?{part})" for part in middle)
    return f"{first}{atoms}{one}*{end}" + ("(?![^/])" if one == "[^/]" else "")


def _character(token: re.Match[str], one: str) -> str:
    """Return the regular expression for a token that matches one character."""
    if token[0] == "?":
        return one
    negated, members = token.groups()
    if members is None:
        return re.escape(token[0])
    ranges = re.sub(r"(.)(?:(-)(.))?", _escape_range, members, flags=re.DOTALL)
    return f"[^/{ranges}]" if negated else f"(?!/)[{ranges}]"


def _escape_range(found: re.Match[str]) -> str:
    """Return a character or a range of a class with its ends escaped, since both may be special there."""
    low, dash, high = found.groups()
    return f"{re.escape(low)}-{re.escape(high)}" if dash else re.escape(low)
