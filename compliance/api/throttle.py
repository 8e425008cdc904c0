"""Rate limits for API callers."""

from django.conf import settings
from ninja.errors import Throttled

from compliance.lib import rate_limit


def spend(name: str) -> None:
    """Count one call against a rate limit.

    Raises:
        Throttled (429): if the limit is exceeded; it says how many seconds to wait.
    """
    if seconds := rate_limit.spend(name, settings.API_CALLS_AT_ONCE, settings.API_CALLS_PER_MINUTE):
        raise Throttled(wait=seconds)
