"""Texts from git that pages show, so that a web server needs no mirror."""

from django.db import models
from django.db.models.functions import Now

from compliance.models.commit import Commit
from compliance.models.history import File
from compliance.models.repository import Repository


class SourceText(models.Model):
    """The text of a file at one commit, which is kept once somebody has opened the file's page.

    `text` is null if the file is missing, binary or too large. Only the newest texts of each repository are
    kept (compliance/scans/source_texts.py), and each has at most one million bytes.
    """

    file = models.OneToOneField(File, models.CASCADE, related_name="source")
    commit = models.ForeignKey(Commit, models.CASCADE, related_name="+")
    text = models.TextField(null=True)  # noqa: DJ001  (an empty file has a text)
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.file_id} at {self.commit_id}"


class OwnersFile(models.Model):
    """The CODEOWNERS files at a repository's newest recorded commit: each path with its text.

    There is one row for each repository, and each text is limited to what `Owners` reads.
    """

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="owners_file")
    texts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.repository_id}: {', '.join(self.texts) or 'none'}"
