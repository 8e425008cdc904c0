"""The REST API at /api/v1/: one module per resource, each with a `router`; docs/api.md shows how to use it.

To add a resource, write its module and add its router to `ROUTERS`.
"""

from compliance.api.router import addresses

__all__ = ["addresses"]
