"""Numbers as addresses and forms name them."""


def number_in(text: str) -> int | None:
    """The number that stands in plain digits and fits every column; None where anything else does."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
