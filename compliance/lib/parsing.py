"""Parses numbers in URLs and forms."""


def number_in(text: str) -> int | None:
    """Parse a number in plain digits that fits every integer column. Return None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
