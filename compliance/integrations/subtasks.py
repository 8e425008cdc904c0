"""Merges what a tracker reports about an issue's subtasks, in any order, into the newest state of each.

A tracker reports subtasks in two ways: every event of an issue lists all its subtasks, and every event of a
subtask names its parent. Both may be late or repeated. The stored document therefore contains the time of the
newest list (`listed_at`) and, for each subtask, the time of its state. A deleted subtask stays in the
document until a newer list confirms that it is gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.lib.field_types import instant, one_line

MOST = 500
"""Maximum number of subtasks that are kept for each issue."""

_TEXT = 500
"""Maximum number of characters stored per subtask."""

_NEVER = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Subtask:
    """A subtask's state. `gone` is true if it was deleted or no longer belongs to the issue."""

    key: str
    title: str
    done: bool
    gone: bool = False


def with_list(stored: Mapping[str, Any], subtasks: Iterable[Subtask], at: datetime) -> dict[str, Any]:
    """Return the document after the tracker has listed all subtasks of the issue at a time."""
    if at < _listed_at(stored):
        return dict(stored)
    newer = {item["key"]: item for item in stored.get("items", ()) if instant(item["at"]) > at}
    items = [newer.pop(subtask.key, None) or _item(subtask, at) for subtask in subtasks]
    return {"listed_at": at.isoformat(), "items": [*items, *newer.values()][:MOST]}


def with_one(stored: Mapping[str, Any], subtask: Subtask, at: datetime) -> dict[str, Any]:
    """Return the document after an event of one subtask. Of two events with the same time, a deletion takes
    precedence.
    """
    items = list(stored.get("items", ()))
    place = next((place for place, item in enumerate(items) if item["key"] == subtask.key), None)
    if place is None:
        if at >= _listed_at(stored) and len(items) < MOST:
            items.append(_item(subtask, at))
    elif _is_newer(items[place], subtask, at):
        items[place] = _item(subtask, at)
    return {**stored, "items": items}


def checklist(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the subtasks as the checklist of the issue."""
    return [
        {"text": item["text"], "done": item["done"]}
        for item in stored.get("items", ())
        if not item.get("gone")
    ]


def _listed_at(stored: Mapping[str, Any]) -> datetime:
    return instant(stored.get("listed_at", _NEVER))


def _is_newer(item: Mapping[str, Any], subtask: Subtask, at: datetime) -> bool:
    known = instant(item["at"])
    return at > known or (at == known and (subtask.gone or not item.get("gone")))


def _item(subtask: Subtask, at: datetime) -> dict[str, Any]:
    item = {
        "key": subtask.key,
        "text": one_line(f"{subtask.key} {subtask.title}", _TEXT),
        "done": subtask.done,
        "at": at.isoformat(),
    }
    return {**item, "gone": True} if subtask.gone else item
