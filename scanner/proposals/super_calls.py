"""The ast-grep rule for calls `super(Class, self)` that mean the same without their arguments.

The first argument is the class around the method, and the second one the first parameter of the method. A
call with another class skips a base class on purpose, which is no debt, so no match.
"""

from collections.abc import Mapping
from typing import Any

_CLASS, _SELF = {"pattern": "$CLASS"}, {"pattern": "$SELF"}


def _kinds(*names: str) -> dict[str, Any]:
    return {"any": [{"kind": name} for name in names]}


_SCOPES = _kinds(
    *("function_definition", "class_definition", "lambda", "list_comprehension", "set_comprehension"),
    *("dictionary_comprehension", "generator_expression"),
)
"""In each of these, the arguments that `super()` finds by itself are not those of the method around it."""

_IS_BOUND = {
    "any": [
        {"inside": {**_kinds("assignment", "augmented_assignment", "for_statement"), "field": "left"}},
        {
            "inside": {
                **_kinds("named_expression", "function_definition", "class_definition"),
                "field": "name",
            }
        },
        {
            "inside": _kinds(
                *("pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "as_pattern_target"),
                *("delete_statement", "global_statement", "nonlocal_statement"),
                *("dotted_name", "aliased_import"),
            )
        },
        {"inside": {"kind": "expression_list", "inside": {"kind": "delete_statement"}}},
    ]
}
"""Conditions for a name that a statement binds, in any way but as a parameter."""

_ASSIGNS_CLASS = {
    "stopBy": "end",
    "kind": "expression_statement",
    "has": {"kind": "assignment", "has": {"field": "left", **_CLASS}},
}

_CLASS_AROUND = {
    "stopBy": _SCOPES,
    "all": [
        {"kind": "class_definition"},
        {"has": {"field": "name", **_CLASS}},
        # A decorator may return another class, and a name in a class body can't be used by a method.
        {"not": {"inside": {"kind": "decorated_definition"}}},
        {
            "not": {
                "inside": {
                    "stopBy": _kinds("function_definition", "class_definition"),
                    "kind": "class_definition",
                }
            }
        },
        {"not": {"any": [{"follows": _ASSIGNS_CLASS}, {"precedes": _ASSIGNS_CLASS}]}},
    ],
}

_METHOD_AROUND = {
    "stopBy": _SCOPES,
    "field": "body",
    "all": [
        {"kind": "function_definition"},
        {"has": {"field": "parameters", "has": {"nthChild": 1, **_SELF}}},
        {"not": {"has": {"field": "parameters", "has": {"stopBy": "end", **_CLASS}}}},
        {
            "not": {
                "has": {"stopBy": "end", "all": [{"kind": "identifier"}, {"any": [_CLASS, _SELF]}, _IS_BOUND]}
            }
        },
        {
            "not": {
                "inside": {
                    "kind": "decorated_definition",
                    "has": {"kind": "decorator", "regex": "staticmethod"},
                }
            }
        },
        {"inside": _CLASS_AROUND},
    ],
}

SUPER_CALL: Mapping[str, Any] = {
    "all": [{"pattern": "super($CLASS, $SELF)"}, {"inside": _METHOD_AROUND}],
}
