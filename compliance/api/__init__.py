"""The REST API at /api/v1/, with one module per resource. docs/api.md shows how to use the API.

Each module defines a `router`. To add a resource, write its module and add its router to `ROUTERS`.
"""

from compliance.api.router import addresses

__all__ = ["addresses"]
