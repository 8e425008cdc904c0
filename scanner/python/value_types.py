"""Classes whose shared instances nobody minds: values, exceptions, loggers, locks, signals, fields."""

import builtins

_BUILTIN = frozenset(dir(builtins))
# fmt: off
_MODULES = frozenset({
    "abc", "array", "collections", "contextvars", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "ipaddress", "itertools", "json", "logging", "numbers", "operator", "pathlib", "re",
    "string", "struct", "types", "typing", "typing_extensions", "uuid", "weakref", "zoneinfo",
    "argparse", "prometheus_client",  # of a program's arguments and metrics there is one, as of its loggers
})
_LOCKS = frozenset({
    "Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier", "local",
})
# fmt: on
_LOCK_MODULES = frozenset({"threading", "asyncio", "multiprocessing", "anyio", "trio"})
_WIRING = {"asgiref": ("Local",), "blinker": ("Signal",), "django": ("Signal", "Library")}
_VALUES = ("Enum", "Error", "Exception", "Warning")
_LOGGERS = frozenset({"Logger", "LoggerAdapter", "BoundLogger"})
# Callables that are spelled as classes but declare a field of the class they stand in.
_DECLARATIONS = frozenset(
    {"pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "attr", "attrs", "django", "rest_framework"}
)
_FIELDS = ("Field", "Column", "Property")


def is_value(full_name: str) -> bool:
    """Whether instances of this class are values or tools of the language, by its full dotted name."""
    module, dot, name = full_name.rpartition(".")
    if not dot:
        return name in _BUILTIN
    top = module.partition(".")[0]
    return (
        top in _MODULES
        or name in _LOGGERS
        or name.endswith(_VALUES)
        or (top in _LOCK_MODULES and name in _LOCKS)
        or name in _WIRING.get(top, ())
    )


def is_declaration(full_name: str) -> bool:
    """Whether a call of this name in a class body declares a field, as ORMs and validators have it."""
    return full_name.partition(".")[0] in _DECLARATIONS or full_name.endswith(_FIELDS)
