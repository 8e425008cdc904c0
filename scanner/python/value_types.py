"""Classes whose instances are safe to share: values, exceptions, loggers, locks, signals and fields."""

from scanner.python.builtin_names import BUILTINS

# fmt: off
_MODULES = frozenset({
    "abc", "array", "collections", "contextvars", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "ipaddress", "itertools", "json", "logging", "numbers", "operator", "pathlib", "re",
    "string", "struct", "types", "typing", "typing_extensions", "uuid", "weakref", "zoneinfo",
    "argparse", "prometheus_client",  # like loggers, a program's arguments and metrics exist only once
})
_LOCKS = frozenset({
    "Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier", "local",
})
# fmt: on
_LOCK_MODULES = frozenset({"threading", "asyncio", "multiprocessing", "anyio", "trio"})
_TYPE_MAKERS = frozenset(
    {"NewType", "TypedDict", "NamedTuple", "TypeVar", "TypeVarTuple", "ParamSpec", "Enum"}
)
_WIRING = {"asgiref": ("Local",), "blinker": ("Signal",), "django": ("Signal", "Library")}
VALUE_SUFFIXES = ("Enum", "Error", "Exception", "Warning")
_LOGGERS = frozenset({"Logger", "LoggerAdapter", "BoundLogger"})
# Callables that are named like classes but declare a field in the enclosing class.
_DECLARATIONS = frozenset(
    {"pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "attr", "attrs", "django", "rest_framework"}
)
_FIELDS = ("Field", "Column", "Property")


def is_value(full_name: str) -> bool:
    """Return whether instances of a class are plain values or language tools, judging by its full name."""
    module, dot, name = full_name.rpartition(".")
    if not dot:
        return name in BUILTINS or name in _TYPE_MAKERS
    top = module.partition(".")[0]
    return (
        top in _MODULES
        or name in _LOGGERS
        or name.endswith(VALUE_SUFFIXES)
        or (top in _LOCK_MODULES and name in _LOCKS)
        or name in _WIRING.get(top, ())
    )


def is_declaration(full_name: str) -> bool:
    """Return whether a call of this name in a class body declares a field, as ORMs and validators do."""
    return full_name.partition(".")[0] in _DECLARATIONS or full_name.endswith(_FIELDS)
