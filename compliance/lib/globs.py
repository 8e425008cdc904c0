"""Globs as the database understands them."""

import re

_WILDCARDS = re.compile(r"\*\*/?|\*|\?")


def as_regex(glob: str) -> str:
    """A Postgres regular expression for a glob: `*` stays in one folder, `**` crosses folders."""
    out, end = [], 0
    for match in _WILDCARDS.finditer(glob):
        out.append(re.escape(glob[end : match.start()]))
        out.append({"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}[match.group()])
        end = match.end()
    return f"^{''.join(out)}{re.escape(glob[end:])}$"
