"""CODEOWNERS as each forge documents it: places, languages, sections, comments, and hostile expressions."""

import pytest

from compliance.people.codeowners import PLACES, Owners, language_of
from compliance.people.linear_regex import is_linear

GITHUB, GITLAB, GITEA = "https://github.com/a/b", "git@gitlab.com:a/b.git", "https://codeberg.org/a/b"


def of(text: str, path: str, url: str = "") -> tuple[str, ...]:
    return Owners({"CODEOWNERS": text}.get, url).of(path)


@pytest.mark.parametrize("url", [GITHUB, GITLAB, GITEA])
@pytest.mark.parametrize(
    "line",
    [
        "{all} @ann # formerly @ben",
        "{all} @ann #@ben",
        "\ufeff{all} @ann",
        "\ufeff# first line\r\n{all} @ann\r\n",
        "  {all}\t@ann  ",
        "{all} @ann ben nobody",
        "{all} @ann\u2028ben",
        "{all} @ann\x0bben",
    ],
)
def test_comments_byte_order_marks_and_white_space_are_not_owners(url: str, line: str) -> None:
    text = line.format(all=".*" if url == GITEA else "*")
    assert of(text, "app/a.py", url) == ("@ann",)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.js", "a/b.js", "a/b.py"),
        ("/build/logs/", "build/logs/a/b", "x/build/logs/a"),
        ("docs/*", "docs/a.md", "docs/b/a.md"),
        ("/*", "a.md", "docs/a.md"),
        ("foo/**/bar", "foo/x/y/bar", "x/foo/y/bar"),
        ("READ?E.md", "a/README.md", "a/readme.md"),
        ("apps/", "x/apps/a", "apps"),
        ("/docs/", "docs/a/b", "a/docs/b"),
        ("**/logs", "deep/logs/a", "logs2"),
        ("/scripts/a.sh", "scripts/a.sh", "x/scripts/a.sh"),
        ("app", "x/app/y.py", "application/y.py"),
        ("a\\ b.py", "x/a b.py", "a"),
        ("app/core.py", "app/core.py", "x/app/core.py"),
    ],
)
def test_githubs_patterns(pattern: str, yes: str, no: str) -> None:
    text = f"{pattern} @ann"
    assert (of(text, yes, GITHUB), of(text, no, GITHUB)) == (("@ann",), ())


def test_on_github_the_last_line_counts_and_may_have_no_owner() -> None:
    text = "* @ann\n/app/ @ben cy@example.org @acme/web\n/app/free/\n!app/x @dee\n[ab].py @eve\n"
    assert of(text, "a.py", GITHUB) == ("@ann",)
    assert of(text, "app/x", GITHUB) == ("@ben", "cy@example.org", "@acme/web")
    assert of(text, "app/free/a", GITHUB) == ()


SECTIONS = """* @all
[Docs] @writers @ann
docs/
README.md @ben
[Database][2] @dba
/model/db/
^[Optional]
*.rb @ruby
!special.rb
[DOCS]
docs/legal/ @law
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.py", ("@all",)),
        ("x/docs/a.md", ("@all", "@writers", "@ann")),
        ("docs/legal/a.md", ("@all", "@law")),
        ("x/README.md", ("@all", "@ben")),
        ("model/db/a.rb", ("@all", "@dba", "@ruby")),
        ("special.rb", ("@all",)),
    ],
)
def test_gitlabs_sections_have_owners_of_their_own(path: str, owners: tuple[str, ...]) -> None:
    assert of(SECTIONS, path, GITLAB) == owners
    assert of(SECTIONS, path) == owners  # the sections tell the language


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("app/a.go", ("@go", "@acme/app")),
        ("app/a.py", ("@acme/app", "@rest")),
        ("docs/a.go", ("@go",)),
        ("docs/a b", ("@blank", "@rest")),
    ],
)
def test_on_gitea_every_matching_expression_counts(path: str, owners: tuple[str, ...]) -> None:
    text = ".*\\.go @go\n(app|lib)/.* @acme/app # @nobody\ndocs/a\\ b @blank\n!.*\\.go @rest\n(a+)+ @evil\n"
    assert of(text, path, GITEA) == owners
    assert of(text, path) == owners


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (GITHUB, ".github/CODEOWNERS"),
        (GITHUB, "docs/CODEOWNERS"),
        (GITLAB, ".gitlab/CODEOWNERS"),
        (GITLAB, "docs/CODEOWNERS"),
        (GITEA, ".gitea/CODEOWNERS"),
        (GITEA, ".forgejo/CODEOWNERS"),
        *(("/srv/git/a.git", place) for place in PLACES),
    ],
)
def test_each_forge_has_its_places(url: str, place: str) -> None:
    text = ".* @ann" if place.startswith((".gitea", ".forgejo")) or url == GITEA else "* @ann"
    assert Owners({place: text}.get, url).of("a.py") == ("@ann",)
    other = Owners({place: text}.get, GITHUB if url == GITLAB or "gitlab" in place else GITLAB)
    assert other.of("a.py") == (("@ann",) if place.startswith("docs/") or place == "CODEOWNERS" else ())


@pytest.mark.parametrize(
    ("url", "language"),
    [
        (GITHUB, "github"),
        (GITLAB, "gitlab"),
        ("ssh://git@gitea.acme.org:22/a/b", "gitea"),
        ("https://git.acme.org/github/b", None),
        ("/srv/github.com/a", None),
        ("git@github.acme.org:a/b", "github"),
    ],
)
def test_the_address_tells_the_language(url: str, language: str | None) -> None:
    assert language_of(url) == language


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+b",
        "(a|aa)*b",
        "(?:.*a){30}",
        "a" * 501,
        "(?=a)",
        "(a)\\1",
        "[",
        "",
        ".*" * 5,
        "(.*)*",
        "[[:alpha:]]+",
    ],
)
def test_an_expression_that_could_run_long_is_not_run(text: str) -> None:
    assert not is_linear(text)


@pytest.mark.parametrize(
    "text", [".*\\.go", "docs/.*", "(a|b)/[^/]+\\.py", "^src/.*$", "a{2,5}", "a?b+.*c.*"]
)
def test_ordinary_expressions_are(text: str) -> None:
    assert is_linear(text)


def test_hostile_patterns_do_not_backtrack() -> None:
    path = "a" * 300 + "/" + "b" * 300
    for url, line in (
        (GITEA, ".*a.*a.*a.*c @x"),
        (GITHUB, "*a*a*a*a*a*a*c @x"),
        (GITLAB, "**/*a*a*a*a*c @x"),
    ):
        assert of(f"{line}\n" * 2, path, url) == ()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["* @ann"] * 200_000, "more than 1,000 that are not limited"),
        ([f"*{number}*.py @ann" for number in range(1_001)], "more than 1,000 that are not limited"),
        ([f"/a{number}/ @ann" for number in range(10_001)], "more than 10,000 rules"),
        (["/a/ @ann" + " @ben" * 100] * 8_000, "larger than 3 MB"),
    ],
)
def test_a_file_with_too_many_rules_is_ignored_and_says_so(lines: list[str], words: str) -> None:
    owners = Owners({"CODEOWNERS": "\n".join(lines)}.get, GITHUB)
    assert words in owners.problem
    assert owners.of("a/b.py") == ()


@pytest.mark.parametrize("url", [GITHUB, GITLAB])
def test_rules_for_folders_keep_their_order(url: str) -> None:
    text = "/a/ @folder\n*.py @all\n/a/b/*.py @deep\n/a/b/[cd].py @set\n/a/b/c.py @file\n"
    found = {
        path: of(text, path, url)
        for path in ("a/x.txt", "x.py", "a/x.py", "a/b/x.py", "a/b/c.py", "a/b/d.py")
    }
    assert found == {
        "a/x.txt": ("@folder",),
        "x.py": ("@all",),
        "a/x.py": ("@all",),
        "a/b/x.py": ("@deep",),
        "a/b/c.py": ("@file",),
        "a/b/d.py": ("@set",) if url == GITLAB else ("@deep",),
    }
