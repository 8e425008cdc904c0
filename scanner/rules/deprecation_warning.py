"""Finds deprecation warnings that are still in the code, which show that a migration is unfinished.

The rule reports calls of `warnings.warn` and `warnings.warn_explicit` with a `DeprecationWarning`, a
`PendingDeprecationWarning` or another class whose name ends in `DeprecationWarning` (as category or
instance), and log calls whose message contains "deprecated" in any case. A log call is one of
`debug info warning warn error critical exception log` on `logging` or on a name that contains "log".

Reported:

    warnings.warn("use create_factory", DeprecationWarning, stacklevel=2)
    logger.warning(f"{name} is deprecated")

Not reported: comments, docstrings, other categories, arguments other than the message.

    # get_factory is deprecated
    logger.info("called", extra={"state": "deprecated"})
"""

import re
from collections.abc import Iterator
from itertools import product

from tree_sitter import Node

from scanner.plan import Plan, RuleSpec
from scanner.python.calls import arguments
from scanner.python.resolver import split_chain
from scanner.python.source import Source
from scanner.rules.base import Hit, Relevance, Rule, RuleReport

_CATEGORY = re.compile(r"(?:\w+\.)*\w*DeprecationWarning")
_NAMED = re.compile(rb"DeprecationWarning")
_WARN = frozenset({"warnings.warn", "warnings.warn_explicit"})
_SAYS = re.compile(rb"deprecated", re.IGNORECASE)
# The common prefix of both words, in any combination of upper and lower case.
_CASES = tuple(bytes(letters) for letters in product(*zip(b"depr", b"DEPR", strict=True)))
_LOG_CALLS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log"})
_TEXTS = frozenset({"string", "concatenated_string"})


class DeprecationWarningLeft(Rule):
    """A deprecation warning that is still in the code."""

    kind = "deprecation-warning"
    roles = ("warning",)

    def __init__(self, spec: RuleSpec, plan: Plan) -> None:
        super().__init__(spec, plan)
        self.needles = _CASES

    def relevance(self, text: bytes) -> Relevance:
        """Return WANTED if the text contains a deprecation category, or "deprecated" together with "log"."""
        if b"DeprecationWarning" in text and b"warn" in text:
            return Relevance.WANTED
        lowered = text.lower()
        logs = b"deprecated" in lowered and b"log" in lowered
        return Relevance.WANTED if logs else Relevance.NOTHING

    def read(self, source: Source) -> RuleReport:
        """Return the deprecation warnings and log calls in one file, without duplicates."""
        calls = {call.id: call for call in (*_warnings(source), *_logs(source))}
        hits = []
        for call in calls.values():
            callee = call.child_by_field_name("function")
            if callee is not None:
                symbol = (*source.resolve(callee), source.text(callee))[0]
                hits.append(Hit(source.location(call), "warning", symbol, source.scope(call)))
        return RuleReport(tuple(hits))


def _warnings(source: Source) -> Iterator[Node]:
    for match in _NAMED.finditer(source.data):
        trail = source.descend(match.start())
        if trail[-1].node.type != "identifier":
            continue
        for call in (step.node for step in reversed(trail) if step.node.type == "call"):
            callee = call.child_by_field_name("function")
            warns = callee is not None and _warns(source, callee)
            if warns and any(_is_category(source, each) for each in arguments(call)):
                yield call
                break


def _warns(source: Source, callee: Node) -> bool:
    """Return whether a callee is `warnings.warn`, also where `warnings` is bound nowhere."""
    chain = split_chain(callee)
    if chain is not None and source.lookup(chain[0]):
        return bool(_WARN.intersection(source.resolve(callee)))
    return source.text(callee) in _WARN


def _is_category(source: Source, argument: Node) -> bool:
    """Return whether an argument is a deprecation category or an instance of one."""
    if argument.type == "keyword_argument":
        name = argument.child_by_field_name("name")
        if name is None or source.text(name) not in {"category", "message"}:
            return False
    value = argument.child_by_field_name("value") if argument.type == "keyword_argument" else argument
    if value is not None and value.type == "call":
        value = value.child_by_field_name("function")
    if value is None or value.type not in {"identifier", "attribute"}:
        return False
    names = source.resolve(value) or (source.text(value),)
    return any(_CATEGORY.fullmatch(name) for name in names)


def _logs(source: Source) -> Iterator[Node]:
    for match in _SAYS.finditer(source.data):
        trail = source.descend(match.start())
        if trail[-1].node.type not in {"string_content", "escape_sequence"}:
            continue
        calls = (step.node for step in reversed(trail) if step.node.type == "call")
        found = next((call for call in calls if _is_log(source, call)), None)
        message = None if found is None else _message(source, found)
        if found is not None and message is not None:
            texts = list(_texts(message))
            if any(text.start_byte <= match.start() < text.end_byte for text in texts):
                yield found


def _is_log(source: Source, call: Node) -> bool:
    callee = call.child_by_field_name("function")
    if callee is None or callee.type != "attribute":
        return False
    name, owner = callee.child_by_field_name("attribute"), callee.child_by_field_name("object")
    if name is None or owner is None or source.text(name) not in _LOG_CALLS:
        return False
    while owner.type == "call" and (below := owner.child_by_field_name("function")) is not None:
        owner = below
    last = owner.child_by_field_name("attribute") if owner.type == "attribute" else owner
    return last is not None and "log" in source.text(last).lower()


def _message(source: Source, call: Node) -> Node | None:
    """Return the message argument: the first one (the second for `log`), `msg`, `message` or `event`."""
    callee = call.child_by_field_name("function")
    at = 1 if callee is not None and source.text(callee).endswith(".log") else 0
    positional = [node for node in arguments(call) if node.type != "keyword_argument"]
    if at < len(positional):
        return positional[at]
    for node in arguments(call):
        name = node.child_by_field_name("name") if node.type == "keyword_argument" else None
        if name is not None and source.text(name) in {"msg", "message", "event"}:
            return node.child_by_field_name("value")
    return None


def _texts(message: Node) -> Iterator[Node]:
    """Yield the string literals that make up a message."""
    if message.type in _TEXTS:
        yield message
    elif message.type in {"binary_operator", "parenthesized_expression", "conditional_expression"}:
        yield from (text for part in message.named_children for text in _texts(part))
    elif message.type == "call":  # "{} is deprecated".format(name)
        callee = message.child_by_field_name("function")
        owner = callee.child_by_field_name("object") if callee is not None else None
        if owner is not None:
            yield from _texts(owner)
