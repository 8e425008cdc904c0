"""Derives from an ast-grep rule the pieces of text that every file with a match contains.

Each requirement is a set of alternatives: a match is impossible unless the text contains one of them. What a
part of a rule requires is left out if in doubt, so that no match is ever missed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scanner.python.source import Source

Requirement = frozenset[bytes]

_KEYWORDS: Mapping[str, bytes] = {
    "assert_statement": b"assert",
    "await": b"await",
    "class_definition": b"class",
    "conditional_expression": b"if",
    "decorated_definition": b"@",
    "decorator": b"@",
    "delete_statement": b"del",
    "except_clause": b"except",
    "for_statement": b"for",
    "function_definition": b"def",
    "future_import_statement": b"__future__",
    "global_statement": b"global",
    "if_statement": b"if",
    "import_from_statement": b"from",
    "import_statement": b"import",
    "lambda": b"lambda",
    "match_statement": b"match",
    "named_expression": b":=",
    "nonlocal_statement": b"nonlocal",
    "not_operator": b"not",
    "try_statement": b"try",
    "while_statement": b"while",
    "with_statement": b"with",
}
"""What begins, or joins, a node of each kind. The parser never supplies one that is missing in the text,
because more has to follow it. For that reason, `return`, `pass` and others are not listed.
"""

_OPERATORS = frozenset(
    re.findall(r"\S+", "% == != <= >= << >> // ** @ & | ^ ~ + - * / < > := -> += -= *= /= %= |= &= ^=")
)
_RELATIONS = ("inside", "has", "precedes", "follows")
_UNSURE = re.compile(r"\(\?[a-zA-Z]*[ixRU]|\\(?![dDwWsSbBnrtAz])[A-Za-z0-9]|\[[^\]]*(?:\[(?!:)|&&|--|~~)")
"""Flags, escapes of characters by their numbers and nested classes."""

_LETTER = re.compile(r"[A-Za-z0-9_]")


def required_text(rule: Any) -> Iterator[Requirement]:
    """Yield what the text of every file with a match of a rule, or with a match of a part of it, contains."""
    if not isinstance(rule, Mapping):
        return
    if isinstance(rule.get("pattern"), str):
        yield from (frozenset({operator}) for operator in _operators(rule["pattern"]))
    if isinstance(rule.get("regex"), str) and (literals := _literals(rule["regex"])):
        yield literals
    if keyword := _KEYWORDS.get(str(rule.get("kind"))):
        yield frozenset({keyword})
    for key in _RELATIONS:
        yield from required_text(rule.get(key))
    for part in _parts(rule, "all"):
        yield from required_text(part)
    parts = [strongest(required_text(part)) for part in _parts(rule, "any")]
    if parts and all(parts):
        yield frozenset().union(*parts)


def strongest(requirements: Iterable[Requirement]) -> Requirement:
    """Return the requirement that the fewest texts are likely to meet; an empty one if there is none."""
    return max(requirements, key=lambda each: (min(map(len, each)), -len(each)), default=frozenset())


def _parts(rule: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    parts = rule.get(key)
    return tuple(parts) if isinstance(parts, list | tuple) else ()


def _operators(pattern: str) -> Iterator[bytes]:
    """Yield the operators in a pattern, which a match has as well."""
    waiting = [Source("pattern.py", pattern.replace("$", "µ").encode()).root]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        if not node.is_named and node.type in _OPERATORS and node.end_byte > node.start_byte:
            yield node.type.encode()


def _literals(regex: str) -> Requirement:
    """Return texts one of which is in each text that a regular expression matches; none if in doubt."""
    if _UNSURE.search(regex):
        return frozenset()
    found = [max(_runs(part), key=len, default="") for part in _alternatives(regex)]
    if not all(each and each.isascii() for each in found):
        return frozenset()
    return frozenset(each.encode() for each in found)


def _alternatives(regex: str) -> list[str]:
    """Split a regular expression at the bars outside of groups and classes."""
    found, depth = [""], 0
    for piece in _tokens(regex):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and not depth:
            found.append("")
        else:
            found[-1] += piece
    return found


def _runs(regex: str) -> Iterator[str]:
    """Yield the literal parts outside of groups that each match contains.

    The last letter of a part is left out: with a combining character after it, it is written differently in a
    normalized text.
    """
    run, depth = "", 0
    for piece in [*_tokens(regex), "("]:
        depth += (piece == "(") - (piece == ")")
        plain = piece[-1] if len(piece) == 1 or re.fullmatch(r"\\[^A-Za-z0-9]", piece) else ""
        if depth == 0 and plain and (len(piece) == 2 or plain not in ".^$*+?{}()|[]"):
            run += plain
            continue
        if piece[0] in "*?{":
            run = run[:-1]  # what stands before it may be absent
        yield run[:-1] if run and _LETTER.match(run[-1]) else run
        run = ""


def _tokens(regex: str) -> Iterator[str]:
    """Yield the characters of a regular expression; an escape, a class or a repetition is one of them."""
    yield from re.findall(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\{\d*,?\d*\}|.", regex, re.DOTALL)
