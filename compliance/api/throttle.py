"""How often a token may call."""

from django.conf import settings
from ninja.errors import Throttled

from compliance.lib import rate_limit


def spend(name: str) -> None:
    """Take one call out of a bucket. Raises Throttled (429) with the seconds to wait when it is empty."""
    if seconds := rate_limit.spend(name, settings.API_CALLS_AT_ONCE, settings.API_CALLS_PER_MINUTE):
        raise Throttled(wait=seconds)
