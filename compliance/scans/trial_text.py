"""The text of a plan with one more rule, or another version of one of its rules, to try it."""

import json
from collections.abc import Mapping
from typing import Any

from compliance.models import Repository
from compliance.scans import plan_editing
from scanner import PlanDocument, PlanEdit, apply_edit

ID = "trial"
"""The id of a rule that is tried without one."""


def text_with_rule(repository: Repository, rule: Mapping[str, Any], text: str = "") -> tuple[str, str]:
    """Return a plan with a rule, which replaces the one with its id, and that id. The plan is by default the
    current one; if there is none, the result has this rule only.

    Raises `PlanError` if the plan isn't YAML, and `EditError` if it can't be extended.
    """
    version = plan_editing.current(repository)
    text = text or (version.text if version else "")
    value = {"id": ID, **rule}
    name = str(value["id"])
    if not text:
        return json.dumps({"version": 1, "name": repository.name[:100], "rules": [value]}), name
    rules = PlanDocument(text).plain(("rules",)) or []
    ids = [each.get("id") if isinstance(each, dict) else None for each in rules]
    if name in ids:
        edit = PlanEdit("set", ("rules", ids.index(name)), value)
    else:
        edit = PlanEdit("insert", ("rules",), value, len(rules))
    return apply_edit(text, edit), name
