"""Parses JUnit XML from pytest, Surefire, Gradle, Jest, PHPUnit and others into tests with outcomes.

The format has no standard, so only the common subset is used: `testcase` anywhere below `testsuite`, with
`name`, `classname`, `file` and `time`, and its children `failure`, `error` and `skipped`. Surefire's elements
for repeated runs (`rerunFailure`, `flakyFailure` and others) are ignored, because the final outcome is given
separately. If a suite counts more failures and errors than it contains, such as for a file that could not be
run, that is an error of the suite.
"""

import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from compliance.evidence.uploads import UploadError
from compliance.lib.field_types import storable

CASES = 100_000
"""Maximum number of tests in an upload."""

DEPTH = 40
"""Maximum nesting depth of elements."""

_UNNAMED = "(unnamed)"
_DIGITS = 10
_NAME = 1000
_MESSAGE = 2000
_TROUBLES = {"error": "error", "failure": "failed", "skipped": "skipped", "disabled": "skipped"}
_STATES = {
    **dict.fromkeys(("fail", "failed", "failure", "broken"), "failed"),
    **dict.fromkeys(("error", "errored"), "error"),
    **dict.fromkeys(("skipped", "disabled", "notrun", "suppressed"), "skipped"),
}
"""Maps what the attributes `status` and `result` say to outcomes, for tools that add no child element."""

_BAD = ("error", "failed")
_WORST = ("error", "failed", "skipped", "passed")


@dataclass(frozen=True, slots=True)
class Case:
    """A test. `file` and `class_name` are empty if the report lacks them.

    `outcome` is passed, failed (an assertion failed), error (the test was aborted) or skipped.
    """

    file: str
    class_name: str
    name: str
    outcome: str
    seconds: float
    message: str
    mixed: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the identity of a test within a report."""
        return self.file, self.class_name, self.name


def read(documents: Iterable[bytes]) -> list[Case]:
    """Return the tests in these documents. If several tests have the same name, the worst result counts.

    Raises:
        UploadError: if a document is not JUnit XML, declares a document type or entities (as XML bombs do),
            or exceeds a limit.
    """
    cases: dict[tuple[str, str, str], Case] = {}
    for number, document in enumerate(documents, start=1):
        try:
            for case in _cases(document):
                known = cases.get(case.key)
                cases[case.key] = _worse(known, case) if known else case
                if len(cases) > CASES:
                    raise UploadError(
                        f"The report contains more than {CASES:,} tests. Split it into several."
                    )
        except DefusedXmlException:
            raise UploadError(
                "The report declares a document type or entities, which are not accepted. Remove the "
                "declarations."
            ) from None
        except (ParseError, ValueError, LookupError) as error:
            raise UploadError(f"Document {number} of the report is not valid XML: {error}.") from None
    return list(cases.values())


def _worse(one: Case, other: Case) -> Case:
    """Return the worse of two cases with the same name. The result is `mixed` if only one of them passed."""
    first, second = sorted((one, other), key=lambda case: _WORST.index(case.outcome))
    mixed = one.mixed or other.mixed or (second.outcome == "passed" and first.outcome in _BAD)
    return replace(first, mixed=mixed)


def _cases(document: bytes) -> Iterator[Case]:
    above: list[_Place] = []  # enclosing elements, outermost first
    bad = 0
    for event, element in iterparse(io.BytesIO(document), events=("start", "end"), forbid_dtd=True):
        name = _local(element)
        if event == "start":
            _check_start(name, len(above))
            file = _text(element, "file", "filepath") or (above[-1].file if above else "")
            above.append(_Place(name, _text(element, "name"), file, bad))
            continue
        place = above.pop()
        if name == "testcase":
            case = _case(element, place.file)
            bad += max(_troubles(element), case.outcome in _BAD)
            yield case
        elif name in ("error", "failure") and above[-1].element in ("testsuite", "testsuites"):
            bad += 1
            yield _case_of_suite(element, above[-1])
        elif name in ("testsuite", "testsuites") and (missing := _claimed(element) - bad + place.bad) > 0:
            bad += missing
            words = f"The suite counts {missing:,} more failures or errors than it contains."
            yield Case(_path(place.file), "", place.name or _UNNAMED, "error", 0.0, words)
        if name in ("testcase", "testsuite", "system-out", "system-err", "properties"):
            element.clear()


@dataclass(frozen=True, slots=True)
class _Place:
    """An open element: its tag, its name, the file given by it or an enclosing element, and the number of
    failures and errors before it.
    """

    element: str
    name: str
    file: str
    bad: int


def _troubles(element: Element) -> int:
    return sum(_TROUBLES.get(_local(child)) in _BAD for child in element)


def _claimed(element: Element) -> int:
    """Return the number of failures and errors that a suite says it has."""
    counts = (element.get(name, "") for name in ("failures", "errors"))
    return sum(int(count) for count in counts if count.isascii() and count.isdigit() and len(count) < _DIGITS)


def _check_start(name: str, depth: int) -> None:
    if not depth and name not in ("testsuites", "testsuite"):
        raise UploadError(f"The report is not JUnit XML: it begins with <{name[:40]}>, not <testsuites>.")
    if depth == DEPTH:
        raise UploadError(f"The report has more than {DEPTH} levels of nested elements.")


def _case_of_suite(element: Element, suite: _Place) -> Case:
    """Return the error that a report contains for a whole suite, outside any test."""
    message = _clean(element.get("message") or (element.text or "").strip())[:_MESSAGE]
    return Case(_path(suite.file), "", suite.name or _UNNAMED, "error", 0.0, message)


def _case(element: Element, file: str) -> Case:
    outcome, message = "passed", ""
    for child in element:
        found = _TROUBLES.get(_local(child))
        if found and _WORST.index(found) < _WORST.index(outcome):
            outcome = found
            message = child.get("message") or (child.text or "").strip()
    if outcome == "passed":
        said = ((element.get(name) or "").lower() for name in ("status", "result"))
        outcome = next((_STATES[word] for word in said if word in _STATES), outcome)
    return Case(
        file=_path(file),
        class_name=_text(element, "classname", "class"),
        name=_text(element, "name") or _UNNAMED,
        outcome=outcome,
        seconds=_seconds(element.get("time", "")),
        message=_clean(message)[:_MESSAGE],
    )


def _local(element: Element) -> str:
    tag: Any = element.tag
    return str(tag).rpartition("}")[2]


def _text(element: Element, *names: str) -> str:
    return next((_clean(value)[:_NAME] for name in names if (value := element.get(name))), "")


def _clean(text: str) -> str:
    return storable(text)


def _path(file: str) -> str:
    """Return the path with slashes, relative to the directory of the test run if that is known."""
    return file.replace("\\", "/").removeprefix("./")


def _seconds(text: str) -> float:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and value >= 0 else 0.0
