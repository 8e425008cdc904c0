"""Values such as strangers send, for hypothesis: texts, numbers and JSON that some reader cannot hold."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.scanner.shares import share

ODD_TEXTS = (
    *("", "\0", "a\0b", "x" * 5000, "\u202e\u2028", "=1+1", "<script>", "%00", "../..", "[z-a]", "**/*a*a*a"),
    *("nan", "1e400", "-1", "9" * 30, "99999999999", "٣", "\r\nX: y", "\x1b[31m", "\ufffe", "home", "//evil"),
    *("9999-12-31", "0001-01-01", "2200-01-01", "2026-02-30", "9999-12-31T23:59:59-14:00"),
    *("0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z"),
)
TEXTS = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=30), st.integers().map(str))
NUMBERS = st.one_of(
    st.sampled_from((0, -1, 2**31 - 1, 2**31, 2**63, 10**20, 1e308, -1e308, 0.5)),
    st.integers(),
    st.booleans(),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=6,
)


def examples(number: int, *, shrink: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the settings for a share of so many examples, the same in each run. One fixture serves all.

    Without `shrink`, the first example that fails is reported as it is, because each one takes seconds.
    """
    phases = [phase for phase in Phase if shrink or phase not in {Phase.shrink, Phase.explain}]
    return settings(
        phases=phases,
        max_examples=share(number),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def replaced(tree: Any, place: int, value: Any) -> Any:
    """Return a JSON value in which the part of this number, counted in depth, is another value."""
    count = 0

    def walk(part: Any) -> Any:
        nonlocal count
        count += 1
        if count == place:
            return value
        if isinstance(part, dict):
            return {key: walk(inner) for key, inner in part.items()}
        return [walk(inner) for inner in part] if isinstance(part, list) else part

    return walk(tree)
