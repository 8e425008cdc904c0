"""The API at /api/v1/: one file per resource, each with a `router`; docs/api.md shows its use.

To add a resource, write its file and name its router in `ROUTERS`.
"""

from compliance.api.router import addresses

__all__ = ["addresses"]
