"""The state of the installation, for administrators."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from compliance.accounts.roles import Role
from compliance.api.authentication import acting, require_all_repositories
from compliance.queries.system import read_system

router = Router(tags=["system"])


class TableOut(Schema):
    """A table's size in bytes, with its indexes, and its approximate number of rows."""

    name: str
    size: int
    rows: int


class QueueOut(Schema):
    """The jobs of one kind. `oldest_due` is when the oldest waiting one that is due became due."""

    kind: str
    waiting: int
    running: int
    failed: int
    oldest_due: datetime | None
    last_success: datetime | None
    last_failure: datetime | None


class ProcessOut(Schema):
    """A process or a periodic task, and its last heartbeat."""

    name: str
    at: datetime
    state: str


class TaskOut(Schema):
    """A periodic task."""

    name: str
    sent_at: datetime | None
    due_at: datetime


class VersionOut(Schema):
    """The version of a component."""

    name: str
    version: str


class RetentionOut(Schema):
    """What is deleted (`what`), after how many days, and the `setting` with this number, if there is one."""

    name: str
    what: str
    days: int
    setting: str


class ProblemOut(Schema):
    """Something that doesn't work now: the component, what is wrong with it (`message`), and the `fix`."""

    component: str
    message: str
    fix: str


class SystemOut(Schema):
    """The state of the installation."""

    tables: list[TableOut]
    queues: list[QueueOut]
    processes: list[ProcessOut]
    tasks: list[TaskOut]
    versions: list[VersionOut]
    retention: list[RetentionOut]
    problems: list[ProblemOut]


@router.get("", response=SystemOut, summary="Show the state of the installation")
def show(request: HttpRequest) -> SystemOut:
    """Return the sizes of tables, jobs by kind, processes, versions, retention, and what doesn't work now.
    Requires the administrator role.
    """
    acting(request, Role.ADMINISTRATOR)
    require_all_repositories(request, "The system covers all repositories")
    return SystemOut(**asdict(read_system()))
