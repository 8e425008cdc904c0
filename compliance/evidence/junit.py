"""Parses JUnit XML from pytest, Surefire, Gradle, Jest, PHPUnit and others into tests with outcomes.

The format has no standard, so only the common subset is used: `testcase` anywhere below `testsuite`, with
`name`, `classname`, `file` and `time`, and its children `failure`, `error` and `skipped`. Surefire's elements
for repeated runs (`rerunFailure`, `flakyFailure` and others) are ignored, because the final outcome is given
separately.
"""

import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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

_NAME = 1000
_MESSAGE = 2000
_TROUBLES = {"error": "error", "failure": "failed", "skipped": "skipped", "disabled": "skipped"}
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

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the identity of a test within a report."""
        return self.file, self.class_name, self.name


def read(documents: Iterable[bytes]) -> list[Case]:
    """Return the tests in these documents. If a test occurs more than once, the last result counts.

    Raises:
        UploadError: if a document is not JUnit XML, declares a document type or entities (as XML bombs do),
            or exceeds a limit.
    """
    cases: dict[tuple[str, str, str], Case] = {}
    for number, document in enumerate(documents, start=1):
        try:
            for case in _cases(document):
                cases[case.key] = case
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


def _cases(document: bytes) -> Iterator[Case]:
    files: list[str] = []  # enclosing elements, outermost first
    for event, element in iterparse(io.BytesIO(document), events=("start", "end"), forbid_dtd=True):
        name = _local(element)
        if event == "start":
            if not files and name not in ("testsuites", "testsuite"):
                raise UploadError(
                    f"The report is not JUnit XML: it begins with <{name[:40]}>, not <testsuites>."
                )
            if len(files) == DEPTH:
                raise UploadError(f"The report has more than {DEPTH} levels of nested elements.")
            files.append(_text(element, "file", "filepath") or (files[-1] if files else ""))
            continue
        file = files.pop()
        if name == "testcase":
            yield _case(element, file)
        if name in ("testcase", "testsuite", "system-out", "system-err", "properties"):
            element.clear()


def _case(element: Element, file: str) -> Case:
    outcome, message = "passed", ""
    for child in element:
        found = _TROUBLES.get(_local(child))
        if found and _WORST.index(found) < _WORST.index(outcome):
            outcome = found
            message = child.get("message") or (child.text or "").strip()
    if outcome == "passed" and (element.get("status") or "").lower() in ("skipped", "disabled", "notrun"):
        outcome = "skipped"
    return Case(
        file=_path(file),
        class_name=_text(element, "classname", "class"),
        name=_text(element, "name") or "(unnamed)",
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
