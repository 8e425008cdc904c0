"""How often a token may call: a bucket of calls in Postgres, one for all processes of the server."""

import math

from django.conf import settings
from django.db import connection
from ninja.errors import Throttled

# A bucket is one moment: when it will be full again. A call moves that moment on by what one call costs, and
# is refused where the bucket would then take longer to fill than an empty one does.
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


def spend(name: str) -> None:
    """Take one call out of a bucket. Raises Throttled (429) with the seconds to wait when it is empty."""
    cost = 60 / settings.API_CALLS_PER_MINUTE
    values: dict[str, str | float] = {"name": name, "cost": cost, "depth": cost * settings.API_CALLS_AT_ONCE}
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        if cursor.fetchone() is None:
            cursor.execute(_WAIT, values)
            (seconds,) = cursor.fetchone() or (0,)
            raise Throttled(wait=max(1, math.ceil(seconds)))
