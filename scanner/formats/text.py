"""Formats results as text for people: findings by file, worst first, and a summary line.

Colours are optional.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.formats import Check, Row, Scan, printable, worst_first
from scanner.model import Fault, Finding, Risk, Tally
from scanner.plan import Plan
from scanner.wording import counted

_COLOURS: dict[Risk, str] = {"critical": "1;31", "high": "31", "medium": "33", "low": "36"}
_DIM, _BOLD, _GREEN = "2", "1", "32"
_SNIPPET = 100


@dataclass(frozen=True, slots=True)
class Text:
    """The text format; `colours` determines whether ANSI colour codes are written."""

    colours: bool = False

    def scan(self, report: Scan) -> Iterator[str]:
        """Yield every file with findings, then files that could not be read, then the summary."""
        yield from self._files(report.findings)
        yield from self._faults("does not parse", report.unparsed)
        yield from self._faults("skipped", report.skipped)
        if report.findings or report.unparsed or report.skipped:
            yield ""
        yield self._plan(report.plan)
        yield self._paint(_BOLD, f"{compliance(report.tally)} · {_counts(report.tally)}")

    def history(self, rows: Iterable[Row]) -> Iterator[str]:
        """Yield one line per commit: date, commit, percentage, fraction, violations, introduced and fixed."""
        for row in rows:
            tally = row.tally
            change = " ".join(
                (
                    self._paint(_COLOURS["high"], f"+{row.movement.new:<3}") if row.movement.new else "    ",
                    self._paint(_GREEN, f"-{row.movement.fixed:<3}") if row.movement.fixed else "    ",
                )
            )
            percent = "n/a" if tally.percent is None else f"{tally.percent:.1f}%"
            beside = _beside(row.movement.newly_suppressed, row.movement.restored)
            yield (
                f"{row.revision.committed_at:%Y-%m-%d} {row.revision.sha[:10]} {percent:>6} "
                f"{f'{tally.clean}/{tally.files}':>11} {tally.violations:>5} {change} "
                f"{f'({beside}) ' if beside else ''}"
                f"{self._paint(_DIM, printable(row.revision.author))} {printable(row.revision.subject)}"
            )

    def check(self, report: Check) -> Iterator[str]:
        """Yield the findings that the change introduces and suppresses, then the base and the result."""
        new, fixed, moved = report.comparison.new, report.comparison.fixed, report.comparison.moved
        yield from self._files((*report.brought, *report.suppressed))
        yield from self._faults("cannot be judged", report.doubts)
        if report.brought or report.suppressed or report.doubts:
            yield ""
        yield self._plan(report.plan)
        yield self._paint(_DIM, f"base {report.base.sha[:10]}: {report.reason}")
        outcome = f"{len(new)} new, {len(fixed)} fixed, {len(moved)} moved"
        if beside := _beside(len(report.suppressed), len(report.brought) - len(new)):
            outcome += f", {beside}"
        if report.ran_out:
            outcome += f"; {counted(len(report.ran_out), 'suppression')} expired, not by this change"
        colour = _COLOURS["critical"] if report.brought else _COLOURS["medium"] if report.doubts else _GREEN
        doubt = (
            f"; {counted(len(report.doubts), 'changed file')} could not be judged" if report.doubts else ""
        )
        yield self._paint(colour, outcome + doubt)

    def _plan(self, plan: Plan) -> str:
        """Return the line that identifies the plan. Pages and the API show the same digest."""
        return self._paint(_DIM, identify(plan))

    def _files(self, findings: Iterable[Finding]) -> Iterator[str]:
        for found in worst_first(findings):
            yield self._paint(_BOLD, printable(found[0].path))
            for finding in found:
                yield f"  {self._finding(finding)}"

    def _finding(self, finding: Finding) -> str:
        location = f"{finding.line}:{finding.column}"
        risk = self._paint(_COLOURS[finding.risk], f"{finding.risk:<8}")
        about = printable(finding.snippet)
        about = about if len(about) <= _SNIPPET else about[: _SNIPPET - 1] + "…"
        rule = f"{finding.rule}/{finding.role}"
        text = f"{location:>9}  {risk}  {rule}  {self._paint(_DIM, about)}  {printable(finding.message)}"
        if finding.suppressed:
            text += self._paint(_DIM, f"  (suppressed: {printable(finding.reason)})")
        return text.rstrip()

    def _faults(self, what: str, faults: Iterable[Fault]) -> Iterator[str]:
        for fault in faults:
            line = f":{fault.line}" if fault.line else ""
            yield f"{printable(fault.path)}{line}: {what}: {printable(fault.reason)}"

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text


def identify(plan: Plan) -> str:
    """Return the plan's name and digest."""
    return f"plan {printable(plan.name)}, digest {plan.digest}"


def compliance(tally: Tally) -> str:
    """Return the compliance figure with its fraction: `87.2% compliant (804 of 922 files)`."""
    percent = "n/a" if tally.percent is None else f"{tally.percent:.1f}%"
    return f"{percent} compliant ({tally.clean} of {counted(tally.files, 'file')})"


def _counts(tally: Tally) -> str:
    parts = [
        f"{counted(tally.violations, 'violation')} in {counted(tally.files_with_violations, 'file')}",
        f"sites {tally.old_sites} old, {tally.new_sites} new",
    ]
    parts += [f"{tally.suppressed} suppressed"] if tally.suppressed else []
    parts += [f"{tally.unparsed} unparsed"] if tally.unparsed else []
    parts += [f"{tally.skipped} skipped"] if tally.skipped else []
    return " · ".join(parts)


def _beside(suppressed: int, restored: int) -> str:
    """Describe findings that are neither new nor fixed, or return an empty string if there are none."""
    counts = ((suppressed, "suppressed"), (restored, "counting again"))
    return ", ".join(f"{number} {what}" for number, what in counts if number)
