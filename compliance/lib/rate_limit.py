"""Rate limits. All processes share a token bucket for each name, which is stored in Postgres."""

import math

from django.db import connection

# A bucket is stored as the time at which it will be full again. Each call delays that time by its own cost. A
# call is refused if the bucket would then need longer to fill than an empty one. A time more than ten seconds
# later than that of an empty bucket was stored before the clock was set back: the bucket counts as full.
_SPEND = """
INSERT INTO compliance_allowance AS bucket (name, full_at)
VALUES (%(name)s, clock_timestamp() + %(cost)s * interval '1 second')
ON CONFLICT (name) DO UPDATE
SET full_at = %(cost)s * interval '1 second' + CASE
    WHEN bucket.full_at > clock_timestamp() + (%(depth)s + 10) * interval '1 second' THEN clock_timestamp()
    ELSE greatest(bucket.full_at, clock_timestamp()) END
WHERE bucket.full_at <= clock_timestamp() + (%(depth)s - %(cost)s) * interval '1 second'
   OR bucket.full_at > clock_timestamp() + (%(depth)s + 10) * interval '1 second'
RETURNING {}
"""
_RELAXED = "set_config('synchronous_commit', 'off', true)"
"""Lets the commit not wait for the disk. If the server crashes at once, a token is not taken."""

_WAIT = """
SELECT extract(epoch FROM full_at - clock_timestamp()) - (%(depth)s - %(cost)s)
FROM compliance_allowance WHERE name = %(name)s
"""


def spend(name: str, at_once: int, per_minute: int) -> int:
    """Take one token from a bucket. Return 0, or the number of seconds to wait (at least one) if it is empty.

    Args:
        name: what is limited, in at most 40 characters.
        at_once: the capacity of the bucket.
        per_minute: the refill rate.
    """
    cost = 60 / per_minute
    values: dict[str, str | float] = {"name": name, "cost": cost, "depth": cost * at_once}
    with connection.cursor() as cursor:
        cursor.execute(_SPEND.format("name" if connection.in_atomic_block else _RELAXED), values)
        if cursor.fetchone() is not None:
            return 0
        cursor.execute(_WAIT, values)
        (seconds,) = cursor.fetchone() or (0,)
        return max(1, math.ceil(seconds))
