"""The index by which files are found by any piece of their paths, made while the table is in use."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from compliance.models.path_parts import PathParts

_FUNCTION = """
CREATE OR REPLACE FUNCTION compliance_path_parts(path text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(low, at, 3)), '{}')
    FROM (SELECT lower(left(path, 500)) AS low) AS text, generate_series(1, length(low) - 2) AS at
$$
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("compliance", "0083_matching_and_removed_files")]

    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION IF EXISTS compliance_path_parts(text)"),
        AddIndexConcurrently("file", GinIndex(PathParts("path"), name="files_by_parts")),
    ]
