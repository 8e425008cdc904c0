"""Creation of many models as one operation, since Django renders all related models again after each one."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateAtOnce(Operation):
    """Create the tables as they are after all these operations, then do what creates no part of a table.

    Args:
        operations: Operations on an app without tables. Fields, indexes and constraints are added to models
            that are created here.
    """

    reversible = False
    _IN_TABLES = (AddField, AddIndex, AddConstraint)

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models to the state."""
        vars(state).pop("apps", None)  # what is not rendered is not rendered again for each operation
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the tables. Foreign keys follow at the migration's end, as in every migration."""
        tables = [each for each in self.operations if isinstance(each, CreateModel)]
        others = [each for each in self.operations if not isinstance(each, (CreateModel, *self._IN_TABLES))]
        for operation in (*tables, *others):
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, *arguments: Any) -> None:
        """Refuse, which Django does before it calls this."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return what Django prints about it."""
        return f"Create {sum(isinstance(each, CreateModel) for each in self.operations)} models at once"
