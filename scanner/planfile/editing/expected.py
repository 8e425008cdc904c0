"""Computes what a document should contain after an edit, without looking at its text."""

from copy import deepcopy
from datetime import date
from typing import Any

from scanner.planfile.editing.document import Document, EditError, Path
from scanner.planfile.editing.edit import Edit
from scanner.planfile.editing.scalars import write_scalar


def expect(document: Document, edit: Edit) -> Any:
    """Return the content of the document after the edit. Raises `EditError` if its path leads nowhere."""
    tree = deepcopy(document.plain())
    if edit.action == "insert":
        target = _at(tree, edit.path)
        if not isinstance(target, list) or not 0 <= edit.index <= len(target):
            raise _missing(edit.path)
        target.insert(edit.index, texts(edit.value))
        return tree
    if not edit.path:
        raise _missing(edit.path)
    parent, last = _at(tree, edit.path[:-1]), edit.path[-1]
    if edit.action == "set" and isinstance(parent, dict) and isinstance(last, str):
        parent[last] = texts(edit.value)
    elif not _has(parent, last):
        raise _missing(edit.path)
    elif edit.action == "set":
        parent[last] = texts(edit.value)
    elif edit.action == "remove":
        del parent[last]
    else:
        _reorder(parent, last, edit)
    return tree


def texts(value: Any) -> Any:
    """Return a value with each scalar as the text that stands for it in YAML."""
    if isinstance(value, dict):
        return {texts(key): texts(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [texts(part) for part in value]
    return (
        value.isoformat()
        if isinstance(value, date)
        else value
        if isinstance(value, str)
        else write_scalar(value)
    )


def _reorder(parent: Any, last: str | int, edit: Edit) -> None:
    if isinstance(parent, list):
        parent.insert(edit.index, parent.pop(int(last)))
        return
    pairs = list(parent.items())
    place = list(parent).index(last)
    if edit.action == "rename":
        if edit.value in parent:
            raise EditError(f"the name `{edit.value}` is already used")
        pairs[place] = (str(edit.value), pairs[place][1])
    else:
        pairs.insert(edit.index, pairs.pop(place))
    parent.clear()
    parent.update(pairs)


def _at(tree: Any, path: Path) -> Any:
    for length, step in enumerate(path, 1):
        if not _has(tree, step):
            raise _missing(path[:length])
        tree = tree[step]
    return tree


def _has(tree: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(tree, list) and 0 <= step < len(tree)
    return isinstance(tree, dict) and step in tree


def _missing(path: Path) -> EditError:
    return EditError(
        f"{'/'.join(map(str, path)) or 'the document'} doesn't exist any more; nothing was changed"
    )
