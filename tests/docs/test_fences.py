"""Each command of the documentation is in a block that is run, or that says why it can't be."""

import re

import pytest

from tests.docs.fences import Block, all_blocks

LANGUAGES = {"sh", "console", "text", "yaml", "json", "python"}
COMMAND = re.compile(
    r"^(\$ )?(\w+=\S+ )*(make|git|sudo|apt-get|pip|pipx|uvx?|curl|celery|docker|kubectl|npm|node|"
    r"ssot-\w+|(\.venv/bin/)?(python3?|pytest)|manage\.py) ",
    re.MULTILINE,
)
SYNOPSIS = re.compile(r"\[--|\bREPO\b")


@pytest.mark.parametrize("block", all_blocks(), ids=lambda block: block.name)
def test_a_block_names_its_language_and_hides_no_command(block: Block) -> None:
    assert block.language in LANGUAGES
    if block.language == "text" and not SYNOPSIS.search(block.text):
        assert not COMMAND.search(block.text), "Commands belong in a block of the language sh."
    if block.kind:
        assert block.language == "sh"
        assert len(block.words) >= 3


def test_commands_are_recognised() -> None:
    assert COMMAND.search("then\nPORT=1 make up\n")
    assert COMMAND.search("$ curl https://example.org")
    assert not COMMAND.search("makes up\nThe git repository\n")


def test_most_commands_are_run() -> None:
    found = [block for block in all_blocks() if block.language == "sh"]
    run = [block for block in found if block.kind != "not run"]
    assert len(run) >= 10
    assert len(run) > len(found) / 2
