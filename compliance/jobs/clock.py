"""Compares clocks: this machine's with that of Postgres, and that of Postgres with its own past."""

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

MOST_DRIFT = 5.0
"""Seconds by which this machine's clock may differ from that of Postgres."""

MOST_SET_BACK = 30.0
"""Seconds by which the newest job may be in the future."""

_CLOCKS = """
SELECT clock_timestamp(),
       coalesce(extract(epoch FROM (SELECT created_at FROM compliance_job ORDER BY id DESC LIMIT 1)
                              - clock_timestamp()), 0)::float8
"""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds by which this machine's clock is at least ahead of that of Postgres (negative: behind it), and
    by which the newest job is in the future, because the clock of Postgres was set back after it had been
    created.
    """

    drift: float
    set_back: float

    @property
    def problem(self) -> str:
        """Return what is wrong with the clocks, or an empty string."""
        if abs(self.drift) > MOST_DRIFT:
            return f"this machine's clock differs from that of Postgres by {self.drift:+.0f} s"
        if self.set_back > MOST_SET_BACK:
            return (
                f"the newest job is {self.set_back:.0f} s in the future: the clock of Postgres was set back"
            )
        return ""


def read_clocks() -> Clocks:
    """Return the state of the clocks. Raises database errors."""
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute(_CLOCKS)
        there, set_back = cursor.fetchone()
        after = timezone.now()
    # However long the statement took, Postgres read its clock between the two.
    ahead, behind = (before - there).total_seconds(), (after - there).total_seconds()
    return Clocks(max(ahead, 0.0) or min(behind, 0.0), max(set_back, 0.0))
