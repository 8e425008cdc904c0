"""Tables of a page, cut into their rows."""

import re


def rows_of(page: str) -> list[str]:
    """The HTML of each row of each table's body."""
    return re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
