"""What to do about each open violation of a file: the advice of its rule, and of the file's patch."""

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.models import Patch
from compliance.scans.rule_advice import RuleAdvice
from compliance.views.file_violations import Section


def add_help(sections: Iterable[Section], patch: Patch | None, advice: Mapping[str, RuleAdvice]) -> None:
    """Set `advice`, `is_patched`, `refusal` and `guide` of the open violations that are listed.

    `refusal` is the reason why the patch leaves the violation, and `guide` the steps to fix it manually; both
    are empty if there is no patch, or it has none for the line.
    """
    fixes = set(patch.fixes or ()) if patch else set()
    refusals = {(row["line"], row["rule"]): row["reason"] for row in (patch.refused if patch else ())}
    guides: dict[int, Mapping[str, Any]] = {row["line"]: row for row in (patch.guides if patch else ())}
    for section in sections:
        for violation in section.rows if section.is_open else ():
            place = violation.line, violation.rule
            found = {
                "advice": advice.get(violation.rule),
                "is_patched": violation.fingerprint in fixes,
                "refusal": refusals.get(place, ""),
                "guide": guides.get(violation.line),
            }
            for name, value in found.items():
                setattr(violation, name, value)
