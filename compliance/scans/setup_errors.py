"""The error of adding a repository, or of changing how it is read."""

from compliance.models import Repository


class SetupError(ValueError):
    """Raised if a repository can't be added or changed as requested. `field` is the name of the value that is
    wrong, or empty. `repository` is the one that is tracked already, if that is the reason.
    """

    def __init__(self, field: str, message: str, repository: Repository | None = None) -> None:
        super().__init__(message)
        self.field, self.repository = field, repository
