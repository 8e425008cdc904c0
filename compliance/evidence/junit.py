"""JUnit XML as pytest, surefire, Gradle, jest, PHPUnit and others write it: which tests ran, how they ended.

There is no standard; read are the parts that all agree on: `testcase` anywhere below `testsuite`, with its
`name`, `classname`, `file` and `time`, and its children `failure`, `error` and `skipped`. What surefire says
of repeated runs (`rerunFailure`, `flakyFailure`, ...) is left aside: the last outcome stands beside it.
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

CASES = 100_000
"""Tests that one upload may tell of."""

DEPTH = 40
"""Levels that elements may be nested."""

_NAME = 1000
_MESSAGE = 2000
_TROUBLES = {"error": "error", "failure": "failed", "skipped": "skipped", "disabled": "skipped"}
_WORST = ("error", "failed", "skipped", "passed")


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `file` and `class_name` are empty where the report does not say them.

    `outcome` is passed, failed (it ran and found a fault), error (it broke off) or skipped.
    """

    file: str
    class_name: str
    name: str
    outcome: str
    seconds: float
    message: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells tests of one report apart."""
        return self.file, self.class_name, self.name


def read(documents: Iterable[bytes]) -> list[Case]:
    """The tests that these documents tell of; of a test told twice the last word counts.

    Raises UploadError for what is no JUnit XML, has a document type or entities (XML bombs), or is over a
    bound.
    """
    cases: dict[tuple[str, str, str], Case] = {}
    for number, document in enumerate(documents, start=1):
        try:
            for case in _cases(document):
                cases[case.key] = case
                if len(cases) > CASES:
                    raise UploadError(f"The report tells of more than {CASES:,} tests.")
        except DefusedXmlException:
            raise UploadError(
                "The report declares a document type or entities; those are never read."
            ) from None
        except (ParseError, ValueError, LookupError) as error:
            raise UploadError(f"Document {number} of the report is not readable XML: {error}.") from None
    return list(cases.values())


def _cases(document: bytes) -> Iterator[Case]:
    files: list[str] = []  # of the elements around, outermost first
    for event, element in iterparse(io.BytesIO(document), events=("start", "end"), forbid_dtd=True):
        name = _local(element)
        if event == "start":
            if not files and name not in ("testsuites", "testsuite"):
                raise UploadError(
                    f"The report is no JUnit XML: it begins with <{name[:40]}>, not <testsuites>."
                )
            if len(files) == DEPTH:
                raise UploadError(f"The report is nested deeper than {DEPTH} levels.")
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
        name=_text(element, "name") or "(without a name)",
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
    return text.replace("\0", "")


def _path(file: str) -> str:
    """With slashes and from where the tests ran, as far as that can be told."""
    return file.replace("\\", "/").removeprefix("./")


def _seconds(text: str) -> float:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and value >= 0 else 0.0
