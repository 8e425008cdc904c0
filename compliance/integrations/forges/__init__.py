"""The forges, discovered in this package."""

import sys
from collections.abc import Mapping

from compliance.integrations.discovery import discover
from compliance.integrations.provider import Provider

PROVIDERS: Mapping[str, Provider] = discover(sys.modules[__name__])
