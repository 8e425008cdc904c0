"""The indexes by which files are found by the words of their paths, and commits by their SHAs, made while the
tables are in use.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from compliance.models.path_words import PathWords


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("compliance", "0077_plan_proposals")]

    operations = [
        AddIndexConcurrently("file", GinIndex(PathWords("path"), name="files_by_words")),
        AddIndexConcurrently(
            "commit",
            models.Index(fields=("sha",), name="commits_by_sha", opclasses=("varchar_pattern_ops",)),
        ),
    ]
