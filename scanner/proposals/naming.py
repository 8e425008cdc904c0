"""Makes ids for rules from names in the code."""

import re

LONGEST = 40


def identifier(*names: str) -> str:
    """Return an id in lower case with hyphens, such as `is-string-like`."""
    words = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower() for name in names if name]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words)).strip("-")[:LONGEST].strip("-") or "rule"
