"""The templates' source text."""

from django.conf import settings

LONGEST_LINE = 160


def test_no_template_line_is_too_long() -> None:
    """A longer line hides a sentence that should be built in Python."""
    folder = settings.BASE_DIR / "templates"
    assert [
        f"{path.relative_to(folder)}:{number}"
        for path in sorted(folder.rglob("*.*"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    ] == []
