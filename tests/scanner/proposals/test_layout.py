"""The layout: which files are tests, of which kind, and where packages are imported from."""

import pytest

from scanner.globs import path_matches
from scanner.proposals.layout import categories, excluded, minimum_python, source_roots


def category(path: str, *others: str) -> str:
    """The category of a path among others, as a plan decides it."""
    found = categories([path, *others])
    return next((name for name, globs in found.items() if path_matches(globs, path)), "production")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test/units/parsing/test_yaml.py", "unit"),
        ("test/units/mock/loader.py", "unit"),
        ("tests/unit/test_a.py", "unit"),
        ("lib/app/tests/unit_tests/helper.py", "unit"),
        ("test/integration/targets/a/library/b.py", "integration"),
        ("tests/functional/test_a.py", "integration"),
        ("tests/e2e/steps.py", "e2e"),
        ("app/tests/helper.py", "test"),
        ("app/test_a.py", "test"),
        ("app/a_test.py", "test"),
        ("test_framework/base.py", "test"),
        ("docs/conf.py", "example"),
        ("app/unit/metre.py", "production"),
        ("app/testing/client.py", "production"),
        ("scripts/test_all.py", "test"),
        ("scripts/release.py", "production"),
    ],
)
def test_files_are_told_apart_by_their_folders(path: str, expected: str) -> None:
    assert category(path, "app/__init__.py", "app/a.py") == expected


def test_a_package_that_is_only_named_like_tests_is_production() -> None:
    paths = [
        "lib/app/plugins/__init__.py",
        "lib/app/plugins/test/__init__.py",
        "lib/app/plugins/test/core.py",
    ]

    assert category("lib/app/plugins/test/core.py", *paths, "test/units/test_core.py") == "production"
    with_tests = [*paths, "lib/app/plugins/test/test_core.py"]
    assert category("lib/app/plugins/test/core.py", *with_tests) == "test"
    assert category("test/sanity/core.py", *paths) == "test"


def test_a_folder_in_which_most_modules_are_tests_holds_tests() -> None:
    others = ["t/test_a.py", "t/test_b.py", "bin/test_a.py", "bin/test_b.py"]

    assert category("t/unit/helper.py", *others) == "unit"
    assert category("t/helper.py", *others) == "test"
    assert category("bin/helper.py", *others) == "production"
    assert category("auth/core.py", "auth/tests/test_a.py", "auth/tests/test_b.py") == "production"


def test_roots_are_folders_with_packages_that_are_no_packages() -> None:
    paths = ["lib/app/__init__.py", "test/lib/tool/__init__.py", "test/a/b/c/d/src/sample/__init__.py"]

    assert source_roots(paths) == ("lib", "test/lib", ".")
    assert excluded(["app/migrations/0001.py", "backups/a.py"]) == ("**/migrations/**", "backups/**")


@pytest.mark.parametrize(
    "settings",
    [
        'requires-python = ">=3.10"',
        'python_requires=">=3.10",',
        'python = "^3.10"',
        "python_requires = >=3.10",
    ],
)
def test_the_lowest_python_is_read_from_the_settings(settings: str) -> None:
    assert minimum_python(settings) == (3, 10)
    assert minimum_python("name = 'x'") == (0, 0)
