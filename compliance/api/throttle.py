"""Rate limits of tokens."""

from django.conf import settings
from ninja.errors import Throttled

from compliance.lib import rate_limit


def spend(name: str) -> None:
    """Take one call from a bucket.

    Raises:
        Throttled (429): the bucket is empty; says how many seconds to wait.
    """
    if seconds := rate_limit.spend(name, settings.API_CALLS_AT_ONCE, settings.API_CALLS_PER_MINUTE):
        raise Throttled(wait=seconds)
