"""Task lists are read as GitHub reads them: its renderer decides what a list item is."""

import pytest

from compliance.integrations.task_lists import task_list

COUNTED = {
    "bullets": ("- [ ] a\n* [x] b\n+ [X] c\n", "a b! c!"),
    "numbers": ("1. [ ] a\n2) [x] b\n10. [ ] c\n", "a b! c"),
    "nested by spaces": ("- [ ] a\n  - [x] b\n    - [ ] c\n", "a b! c"),
    "nested by tabs": ("- [ ] a\n\t- [x] b\n\t\t- [ ] c\n\t\t\t- [ ] d\n", "a b! c d"),
    "nested eight levels": ("".join(f"{'  ' * n}- [ ] {n}\n" for n in range(8)), "0 1 2 3 4 5 6 7"),
    "nested forty levels": (
        "".join(f"{'  ' * n}- [ ] {n}\n" for n in range(40)),
        " ".join(map(str, range(40))),
    ),
    "nested under a number": ("1. one\n   - [ ] a\n     1. [x] b\n", "a b!"),
    "after other line ends": ("- [ ] a\r\n- [x] b\r\n", "a b!"),
    "in a quote": ("> - [ ] a\n> - [x] b\n", "a b!"),
    "in details after a blank line": ("<details>\n<summary>s</summary>\n\n- [ ] a\n\n</details>\n", "a"),
    "after a comment": ("<!-- note -->\n\n- [ ] a\n", "a"),
    "with a comment in it": ("- [ ] a <!-- b\n  c -->\n", "a"),
    "on two lines": ("- [ ] a\n  b\n- [x] c\n", "a_b c!"),
    "with tabs after the box": ("- [ ]\ta\n", "a"),
    "between blank lines": ("- [ ] a\n\n- [x] b\n", "a b!"),
    "in a list with other items": ("- a\n- [ ] b\n- [y] c\n", "b"),
    "with code": ("- [ ] `a`\n", "`a`"),
}
LEFT_OUT = {
    "a comment of several lines": "<!--\n- [ ] a\n\n- [ ] b\n-->\n",
    "an indented comment": "text\n\n  <!--\n- [ ] a\n  -->\n",
    "indented code": "text\n\n    - [ ] a\n",
    "code indented by a tab": "\t- [ ] a\n",
    "a fence": "```\n- [ ] a\n```\n",
    "a longer fence around another": "````\n```\n- [ ] a\n```\n- [ ] b\n````\n",
    "a fence of tildes around one of ticks": "~~~\n```\n- [ ] a\n```\n~~~\n",
    "a fence that is not closed": "```\n- [ ] a\n",
    "a fence in an item": "- item\n  ```\n  - [ ] a\n  ```\n",
    "preformatted text": "<pre>\n- [ ] a\n\n- [ ] b\n</pre>\n",
    "a script": "<script>\n- [ ] a\n</script>\n",
    "HTML without a blank line": "<details>\n- [ ] a\n</details>\n",
    "no space after the box": "- [ ]a\n",
    "no text": "- [ ]\n- [x] \n",
    "nothing but a comment": "- [ ] <!-- a -->\n",
    "no list": "[ ] a\n",
    "an escaped box": "- \\[ ] a\n",
    "a heading": "- # [ ] a\n",
    "two spaces in the box": "- [  ] a\n",
    "a box that comes later": "- a [ ] b\n",
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_counts(name: str) -> None:
    text, words = COUNTED[name]
    told = [f"{task.replace(' ', '_')}{'!' if done else ''}" for task, done in task_list(text)]
    assert " ".join(told) == words


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_does_not(name: str) -> None:
    assert task_list(LEFT_OUT[name]) == []
    assert task_list(f"- [x] before\n\n<!-- -->\n\n{LEFT_OUT[name]}")[0] == ("before", True)


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("- " * 30_000, 0),
        (">" * 60_000, 0),
        ("- [ ] a\n" * 8_000, 8_000),
        ("`" * 60_000, 0),
        ("<" * 60_000, 0),
        ("1. " * 20_000 + "[ ] a", 0),
    ],
)
def test_a_hostile_body_is_read(text: str, tasks: int) -> None:
    assert len(task_list(text)) == tasks
