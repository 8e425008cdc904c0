"""Rate limits: one token bucket per name in Postgres, shared by all processes."""

import math

from django.db import connection

# A bucket is stored as the time at which it is full again. A call moves that time forward by its own cost and
# is refused if an empty bucket would be full sooner.
_SPEND = """
INSERT INTO compliance_allowance AS bucket (name, full_at)
VALUES (%(name)s, clock_timestamp() + %(cost)s * interval '1 second')
ON CONFLICT (name) DO UPDATE
SET full_at = greatest(bucket.full_at, clock_timestamp()) + %(cost)s * interval '1 second'
WHERE bucket.full_at <= clock_timestamp() + (%(depth)s - %(cost)s) * interval '1 second'
RETURNING name
"""
_WAIT = """
SELECT extract(epoch FROM full_at - clock_timestamp()) - (%(depth)s - %(cost)s)
FROM compliance_allowance WHERE name = %(name)s
"""


def spend(name: str, at_once: int, per_minute: int) -> int:
    """Take one token from a bucket; return 0, or the seconds to wait (at least one) if it is empty.

    Args:
        name: what is limited, at most 40 characters.
        at_once: the capacity of the bucket.
        per_minute: the refill rate.
    """
    cost = 60 / per_minute
    values: dict[str, str | float] = {"name": name, "cost": cost, "depth": cost * at_once}
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        if cursor.fetchone() is not None:
            return 0
        cursor.execute(_WAIT, values)
        (seconds,) = cursor.fetchone() or (0,)
        return max(1, math.ceil(seconds))
