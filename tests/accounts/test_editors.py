"""The editor that a person chooses, and the addresses that open files in it."""

import pytest
from django.contrib.auth.models import User

from compliance.accounts.editors import EditorError, choose_editor, editor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.mark.parametrize(
    ("kind", "folder", "pattern", "address"),
    [
        ("vscode", "/home/ada/src/", "", "vscode://file/home/ada/src/shop/a%20b/c%23.py:7"),
        ("vscode", "C:/src", "", "vscode://file/C:/src/shop/a%20b/c%23.py:7"),
        ("jetbrains", "", "", "jetbrains://pycharm/navigate/reference?project=shop&path=a%20b/c%23.py:7"),
        ("other", "", "emacs://open?url={path}&line={line}", "emacs://open?url=a%20b/c%23.py&line=7"),
        ("other", "/x y", "zed://file{folder}/{path}", "zed://file/x%20y/a%20b/c%23.py"),
    ],
)
def test_each_editor_gets_its_own_address(
    ada: User, kind: str, folder: str, pattern: str, address: str
) -> None:
    assert editor_of(ada) is None
    choose_editor(ada, kind, folder, pattern)

    editor = editor_of(ada)

    assert editor is not None
    assert editor.address("shop", "a b/c#.py", 7) == address
    choose_editor(ada, "")
    assert editor_of(ada) is None


@pytest.mark.parametrize(
    ("kind", "folder", "pattern", "problem"),
    [
        ("notepad", "", "", "one of the editors"),
        ("vscode", "", "", "Enter the folder"),
        ("other", "", "", "scheme of a program"),
        ("other", "", "JavaScript:alert({path})", "scheme of a program"),
        ("other", "", "data:text/html,{path}", "scheme of a program"),
        ("other", "", "x://{line}", "no {path}"),
        ("other", "", "x://{path}{column}", "“{column}” is not a placeholder"),
        ("other", "", "x://{path} {line}", "spaces"),
        ("other", "", f"x://{{path}}{'y' * 1000}", "longer than 1,000"),
        ("other", "a\0b", "x://{path}{folder}", "control characters"),
    ],
)
def test_what_cannot_open_a_file_is_refused(
    ada: User, kind: str, folder: str, pattern: str, problem: str
) -> None:
    with pytest.raises(EditorError, match=problem.replace("{", r"\{").replace("}", r"\}")):
        choose_editor(ada, kind, folder, pattern)
    assert editor_of(ada) is None
