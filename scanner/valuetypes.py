"""Classes whose shared instances nobody minds: values, typing objects, loggers, locks, exceptions."""

import builtins

_BUILTIN = frozenset(dir(builtins))
# fmt: off
_MODULES = frozenset({
    "abc", "array", "collections", "contextvars", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "ipaddress", "itertools", "logging", "numbers", "operator", "pathlib", "re", "string",
    "struct", "types", "typing", "typing_extensions", "uuid", "weakref", "zoneinfo",
})
_LOCKS = frozenset({
    "Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier", "local",
})
# fmt: on
_LOCK_MODULES = frozenset({"threading", "asyncio", "multiprocessing", "anyio", "trio"})
_LOGGERS = frozenset({"Logger", "LoggerAdapter", "BoundLogger"})
# Callables that are spelled as classes but declare a field of the class they stand in.
_DECLARATIONS = frozenset({"pydantic", "sqlalchemy", "sqlmodel", "attr", "attrs", "django", "rest_framework"})


def is_value(full_name: str) -> bool:
    """Whether instances of this class are values or tools of the language, by its full dotted name."""
    module, dot, name = full_name.rpartition(".")
    if not dot:
        return name in _BUILTIN
    top = module.partition(".")[0]
    return top in _MODULES or name in _LOGGERS or (top in _LOCK_MODULES and name in _LOCKS)


def is_declaration(full_name: str) -> bool:
    """Whether a call of this name in a class body declares a field, as ORMs and validators have it."""
    return full_name.partition(".")[0] in _DECLARATIONS
