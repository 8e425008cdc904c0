"""Applies one edit to a plan's text, and checks that the result is what the edit should result in."""

import json
from typing import Any

from scanner.planfile.editing.collections import insert_entry, move_entry, remove_entry
from scanner.planfile.editing.document import Document, EditError
from scanner.planfile.editing.edit import Edit
from scanner.planfile.editing.expected import expect
from scanner.planfile.editing.values import rename_key, set_value
from scanner.planfile.errors import PlanError


def apply_edit(text: str, edit: Edit) -> str:
    """Return the text after an edit.

    Raises `EditError` if the edit isn't possible, and PlanError if the text is not YAML.
    """
    document = Document(text)
    document.check_editable(edit.path)
    wanted = expect(document, edit)
    try:
        changed = document.mark + _change(document, edit)
        # The order counts as well: a category's place decides which files it has.
        is_right = _in_order(edit, Document(changed).plain()) == _in_order(edit, wanted)
    except PlanError:
        is_right = False
    if not is_right:
        name = "/".join(map(str, edit.path))
        raise EditError(f"{name} is written in a way that a form can't edit; edit the YAML")
    return changed


def _in_order(edit: Edit, tree: Any) -> Any:
    return json.dumps(tree) if edit.action in {"move", "rename"} else tree


def _change(document: Document, edit: Edit) -> str:
    match edit.action:
        case "set":
            return set_value(document, edit.path, edit.value, edit.order)
        case "insert":
            return insert_entry(document, edit.path, edit.index, edit.value)
        case "remove":
            return remove_entry(document, edit.path)
        case "move":
            return move_entry(document, edit.path, edit.index)
        case "rename":
            return rename_key(document, edit.path, str(edit.value))
