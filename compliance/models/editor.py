"""The editor in which a person opens files."""

from django.conf import settings
from django.db import models


class EditorChoice(models.Model):
    """How links open a file in the editor of a person. Without a row, there are no such links.

    `pattern` is an address with the placeholders `{path}`, `{line}`, `{repository}` and `{folder}`, and
    `folder` is where the person's clones are.
    """

    class Kind(models.TextChoices):
        VSCODE = "vscode", "Visual Studio Code"
        JETBRAINS = "jetbrains", "PyCharm or another JetBrains IDE"
        OTHER = "other", "another editor"

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="editor_choice")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    folder = models.CharField(max_length=1000, blank=True, default="")
    pattern = models.CharField(max_length=1000, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"
