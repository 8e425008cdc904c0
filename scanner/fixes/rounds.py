"""Fixes one file in rounds, proving each one, until another round would change nothing."""

from collections.abc import Iterable, Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.edits.repeats import drop_repeated_imports
from scanner.fixes.kinds import kinds
from scanner.fixes.model import Guide, Refusal, RefusedError, Rewrite, Selection, refuse
from scanner.fixes.proof import UnprovenError, encode_edits, prove, require_compiled
from scanner.fixes.text_edits import Edit, are_compatible
from scanner.fixes.workspace import Workspace
from scanner.globs import path_matches
from scanner.model import Finding, RepoPath
from scanner.plan import RuleSpec

_RENAMING = frozenset({"deprecated-symbol", "canonical-import"})  # they only exchange what names refer to
_NO_KIND = {
    "duplicate-definition": "choose one definition to keep, migrate users of the others, then delete those",
    "pattern": "the rule has no fix: write the replacement under `fix`",
}


def selected(workspace: Workspace, path: RepoPath, selection: Selection) -> list[Finding]:
    """Return the unsuppressed findings in a file that a selection includes."""
    if selection.paths and not path_matches(selection.paths, path):
        return []
    return [
        finding
        for finding in workspace.findings(path)
        if not finding.suppressed and includes(selection, finding)
    ]


def includes(selection: Selection, finding: Finding) -> bool:
    """Return whether a selection includes a finding, regardless of its path."""
    return (
        (not selection.rules or finding.rule in selection.rules)
        and (not selection.phases or any(phase in selection.phases for phase in finding.phases))
        and (not selection.issues or any(issue in selection.issues for issue in finding.issues))
        and (not selection.fingerprints or finding.fingerprint in selection.fingerprints)
    )


def rewrite_in(workspace: Workspace, path: RepoPath, selection: Selection) -> Rewrite:
    """Fix one file in a workspace and leave the result there."""
    before = workspace.content(path)
    if not isinstance(before, bytes):
        return Rewrite(path, b"", b"")
    findings = selected(workspace, path, selection)
    reasons = {spec.id: reason for spec in workspace.plan.rules if (reason := _hopeless(spec))}
    if all(finding.rule in reasons for finding in findings):  # there is no reason to parse the file
        refused = (refuse(finding, RefusedError(reasons[finding.rule])) for finding in findings)
        return Rewrite(path, before, before, refused=tuple(refused))
    work = _File(workspace, path, selection)
    if problem := work.problem():
        return Rewrite(path, before, before, refused=tuple(_all(findings, problem)))
    # Each round fixes something, records a failure, or tries failures again after something was fixed.
    for _ in range((len(findings) + 2) ** 2):
        if not work.advance():
            break
    after = workspace.content(path)
    return Rewrite(
        path,
        before,
        after if isinstance(after, bytes) else before,
        tuple(work.fixed),
        tuple(sorted(work.refused, key=lambda refusal: refusal.line)),
        tuple(work.guides),
    )


def _all(findings: Iterable[Finding], reason: str, *, waits: bool = False) -> Iterator[Refusal]:
    for finding in findings:
        yield refuse(finding, RefusedError(reason, waits=waits))


class _File:
    """The state of one file: its fixed findings, the refusals from the last round, and failed proofs."""

    def __init__(self, workspace: Workspace, path: RepoPath, selection: Selection) -> None:
        self.workspace = workspace
        self.path = path
        self.selection = selection
        self.fixed: list[Finding] = []
        self.refused: list[Refusal] = []
        self.guides: list[Guide] = []
        source = workspace.source(path)
        self._before = b"" if source is None else source.data
        self._steps: list[list[Edit]] = []  # the edits of each round so far
        self._failed: dict[
            str, tuple[str, bool]
        ] = {}  # finding -> why it was not proven, and if that may change
        self._failed_at = 0  # the number of steps before the first of these failures

    def problem(self) -> str:
        """Return why nothing in the file can be fixed, or an empty string if something can."""
        source = self.workspace.source(self.path)
        if source is None:
            return "the file cannot be read"
        if source.fault:
            return f"the file does not parse (line {source.fault[0]}: {source.fault[1]})"
        return ""

    def advance(self) -> bool:
        """Run one round and return whether it changed the file.

        Refusals and guides from earlier rounds are replaced.
        """
        source = self.workspace.source(self.path)
        findings = selected(self.workspace, self.path, self.selection)
        self.refused, self.guides = [], []
        if source is None or not findings:
            return False
        changes = list(self._changes(FixContext(self.workspace, source), findings))
        accepted: list[ProposedEdit] = []
        edits: list[Edit] = []
        for change in changes:
            if are_compatible(change.edits, edits):
                accepted.append(change)
                edits += change.edits
        if accepted and not self.fixed and not self._failed and (doubt := self._doubt(source.raw)):
            self.refused += _all((finding for change in changes for finding in change.findings), doubt)
            return False
        if accepted:
            return self._prove_together(source.raw, source.data, accepted)
        # A change that failed may be right in the text that the other changes led to.
        is_stale = bool(self._failed) and self._failed_at < len(self._steps)
        if is_stale:
            self._failed.clear()
        return is_stale

    def _doubt(self, raw: bytes) -> str:
        """Return why no change to the file could be proven.

        This is slow, so it is computed only when needed.
        """
        try:
            require_compiled(self.path, raw)
        except UnprovenError as error:
            return f"the file {error}, so no change of it could be proven"
        return ""

    def _changes(self, context: FixContext, findings: Sequence[Finding]) -> Iterator[ProposedEdit]:
        for spec in self.workspace.plan.rules:
            own = [finding for finding in findings if finding.rule == spec.id]
            for outcome in _outcomes(context, spec, own):
                if isinstance(outcome, Refusal):
                    self.refused.append(outcome)
                elif isinstance(outcome, Guide):
                    self.guides.append(outcome)
                elif failed := [f for f in outcome.findings if f.fingerprint in self._failed]:
                    reason, waits = self._failed[failed[0].fingerprint]
                    self.refused += _all(outcome.findings, reason, waits=waits)
                elif outcome.edits:
                    yield outcome
        known = {spec.id for spec in self.workspace.plan.rules}
        strange = [finding for finding in findings if finding.rule not in known]
        self.refused += _all(strange, "name the suppressed rules in the comment, and give a reason")

    def _prove_together(self, raw: bytes, data: bytes, accepted: Sequence[ProposedEdit]) -> bool:
        """Prove changes together; if that fails, record the ones to blame and continue with the others."""
        try:
            self._prove(raw, data, accepted)
        except UnprovenError as error:
            if len(accepted) == 1:
                self._note(accepted[0], error)
            else:
                middle = len(accepted) // 2
                bad = self._blame(raw, data, accepted[:middle]) + self._blame(raw, data, accepted[middle:])
                if not bad:  # each change can be proven by itself, but not all together
                    return self._prove_together(raw, data, accepted[:middle])
        return True  # the failure is recorded, so another round reports it

    def _blame(self, raw: bytes, data: bytes, changes: Sequence[ProposedEdit]) -> int:
        """Record which of the changes cannot be proven and return how many; the workspace stays unchanged."""
        was = self.path in self.workspace.changed
        try:
            self._show(raw, data, changes)
        except UnprovenError as error:
            if len(changes) == 1:
                self._note(changes[0], error)
                return 1
            middle = len(changes) // 2
            return self._blame(raw, data, changes[:middle]) + self._blame(raw, data, changes[middle:])
        self.workspace.withdraw(self.path, raw, was_changed=was)
        return 0

    def _arranged(self, changes: Sequence[ProposedEdit]) -> list[Edit]:
        """Return the edits of the changes, without repeated imports and with sorted imports kept sorted."""
        edits = list(dict.fromkeys(edit for change in changes for edit in change.edits))
        source = self.workspace.source(self.path)
        if source is not None:
            edits = drop_repeated_imports(self.workspace, self.path, source.data, edits)
        return self.workspace.import_order.keep(self.path, self._before, [*self._steps, edits])

    def _note(self, change: ProposedEdit, error: UnprovenError) -> None:
        if not self._failed:
            self._failed_at = len(self._steps)
        why = f"the result {error}", error.waits
        self._failed |= {finding.fingerprint: why for finding in change.findings}

    def _prove(self, raw: bytes, data: bytes, accepted: Sequence[ProposedEdit]) -> None:
        found, edits = self._show(raw, data, accepted)
        self.fixed += found
        self._steps.append(edits)

    def _show(
        self, raw: bytes, data: bytes, changes: Sequence[ProposedEdit]
    ) -> tuple[tuple[Finding, ...], list[Edit]]:
        """Prove changes and return the findings that they fix, and the edits."""
        aims = [finding for change in changes for finding in change.findings]
        edits = self._arranged(changes)
        content = encode_edits(raw, data, edits)
        if content == raw:
            raise UnprovenError("would change nothing")
        kinds_of = {spec.id: spec.kind for spec in self.workspace.plan.rules}
        skip = [
            edit
            for change in changes
            if not {kinds_of.get(finding.rule) for finding in change.findings} & _RENAMING
            for edit in change.edits
        ]
        return prove(self.workspace, self.path, content, aims, edits=edits, skip=skip), edits


def _outcomes(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """Yield the outcomes from the rule kind's fix; a finding without an outcome is refused."""
    if not findings:
        return
    if reason := _hopeless(spec):
        yield from _all(findings, reason)
        return
    yield from kinds()[spec.kind](context, spec, findings)


def _hopeless(spec: RuleSpec) -> str:
    """Return why no finding of a rule can ever be fixed, or an empty string if some can."""
    if spec.kind in kinds() and (spec.kind != "pattern" or "fix" in spec.options):
        return ""
    return _NO_KIND.get(spec.kind, f"there is no fix for the rule kind {spec.kind}")
