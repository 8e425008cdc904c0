"""Command-line arguments of every command, in the order in which the help text lists them."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import UTC, date, datetime
from typing import Any

_REPORTS = ("text", "json", "sarif", "code-quality")
_CODES = """\
exit codes: 0 success (check: nothing new), 1 check found something new, 2 invalid input or check undecided,
3 internal error, 130 interrupted"""


def parser() -> ArgumentParser:
    """Return the command-line parser.

    It stores the command in `command`, and the action of `plan` in `action`.
    """
    top = ArgumentParser(
        prog="python -m scanner",
        description="Find violations of a migration plan in a git repository.",
        epilog=_CODES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    scan = _command(commands, "scan", "totals and findings of one revision", _REPORTS)
    _at(scan)
    _as_of(scan)
    history = _command(
        commands,
        "history",
        "one row per commit of the first-parent history, oldest first",
        ("text", "json", "csv"),
    )
    _at(history)
    history.add_argument("--since", type=_day, metavar="DATE", help="omit commits before this date (UTC)")
    help_text = "include every reachable commit, each compared with its first parent"
    history.add_argument("--all-commits", action="store_true", help=help_text)
    check = _command(commands, "check", "findings introduced since a base", _REPORTS)
    check.add_argument(
        "--base",
        required=True,
        metavar="REV",
        help="compare with the merge base of this revision and the head",
    )
    check.add_argument("--head", default="HEAD", metavar="REV", help="the revision to check (default: HEAD)")
    _as_of(check)
    _fix(commands)
    _plan_commands(commands)
    return top


def _fix(commands: Any) -> None:
    fix = _command(commands, "fix", "fix findings: print a patch for git apply", ())
    _at(fix)
    fix.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="ID",
        help="only findings of this rule; may be repeated",
    )
    fix.add_argument("--phase", action="append", default=[], metavar="ID", help="only findings of this phase")
    fix.add_argument(
        "--issue", action="append", default=[], metavar="KEY", help="only findings of this issue"
    )
    fix.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="GLOB",
        help="only findings in files that match this glob",
    )
    out = fix.add_mutually_exclusive_group()
    out.add_argument(
        "--series", action="store_true", help="print a mailbox for git am, with one commit per step and phase"
    )
    out.add_argument("--write", action="store_true", help="apply the patch to the work tree instead")


def _plan_commands(commands: Any) -> None:
    plan = commands.add_parser("plan", help="check, show or start a migration plan", epilog=_CODES)
    actions = plan.add_subparsers(dest="action", required=True, metavar="ACTION")
    help_text = {
        "check": "report all errors and unused parts of a plan",
        "show": "show the finding counts for each issue and phase as a tree",
        "init": "print a starter plan for the repository",
    }
    for name, text in help_text.items():
        action = _command(actions, name, text, ())
        _at(action)
    words = "print the JSON Schema of the plan format, for editors"
    description = "Print the JSON Schema of the plan format, with which editors complete and check plans."
    actions.add_parser("schema", help=words, description=description, epilog=_CODES)


def _command(commands: Any, name: str, text: str, formats: tuple[str, ...]) -> ArgumentParser:
    command: ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=_CODES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "repository", nargs="?", default=".", metavar="REPO", help="a folder in a git repository (default: .)"
    )
    command.add_argument(
        "--plan", metavar="FILE", help="the plan file (default: ssot-plan.yaml in the scanned revision)"
    )
    command.add_argument(
        "--server",
        metavar="URL",
        help="use the plan that is active on an SSOT server: the address of the repository's page there "
        "(the token is read from SSOT_TOKEN)",
    )
    if formats:
        command.add_argument(
            "--format", choices=formats, default=formats[0], help="output format (default: %(default)s)"
        )
    return command


def _at(command: ArgumentParser) -> None:
    command.add_argument("--rev", default="HEAD", metavar="REV", help="the revision to scan (default: HEAD)")


def _as_of(command: ArgumentParser) -> None:
    help_text = "judge expiry dates of ignore comments as of this date (default: the commit's, UTC)"
    command.add_argument("--as-of", type=_date, metavar="DATE", help=help_text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date; write YYYY-MM-DD, for example 2025-09-30") from None


def _day(text: str) -> datetime:
    return datetime.combine(_date(text), datetime.min.time(), UTC)
