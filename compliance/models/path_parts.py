"""The parts of paths, three characters long, by which an index finds any piece of a path."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField

SHORTEST_PART = 3
"""Number of characters of a piece from which on the index can find it."""


class PathParts(Func):
    """The distinct pieces of a text that are three characters long, in lower case.

    A function of the database returns them, so no extension of Postgres is required. The migration that adds
    the index `files_by_parts` defines it. Only the beginning of a path counts, as for `PathWords`.
    """

    function = "compliance_path_parts"
    arity = 1

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, output_field=ArrayField(TextField()))
