"""A commit's step in the figures is explained by its causes: files added, removed, renamed, that became clean
or no longer are, and violations that moved across the border of the counted categories.

Commits recorded before get their causes from the file states, renames and changes that are kept.
"""

from django.db import migrations, models

FILES = """
WITH sides AS (
    SELECT plan, file_id, position, bool_or(was) AS was, bool_or(was_clean) AS was_clean,
        bool_or(stays) AS stays, bool_or(is_clean) AS is_clean
    FROM (
        SELECT s.plan_id AS plan, s.file_id, e.position,
            e.before AND counts.it AS was, e.before AND counts.it AND s.violations = 0 AND NOT s.tainted AS was_clean,
            NOT e.before AND counts.it AS stays,
            NOT e.before AND counts.it AND s.violations = 0 AND NOT s.tainted AS is_clean
        FROM compliance_filestate AS s JOIN compliance_planversion AS v ON v.id = s.plan_id
        CROSS JOIN LATERAL (SELECT s.skipped = '' AND jsonb_exists(v.counted, s.category) AS it) AS counts
        CROSS JOIN LATERAL (VALUES (s.first, false), (s.last + 1, true)) AS e(position, before)
        WHERE e.position IS NOT NULL
    ) AS ends GROUP BY 1, 2, 3
), pairs AS (
    SELECT r.plan_id AS plan, r.position, r.old_id, r.new_id, a.was_clean, b.is_clean
    FROM compliance_rename AS r
    JOIN sides AS a ON a.plan = r.plan_id AND a.position = r.position AND a.file_id = r.old_id
    JOIN sides AS b ON b.plan = r.plan_id AND b.position = r.position AND b.file_id = r.new_id
    WHERE a.was AND NOT a.stays AND b.stays AND NOT b.was
), parts AS (
    SELECT plan, position, 0 AS renamed, (stays AND NOT was AND is_clean)::int AS clean_added,
        (was AND NOT stays AND was_clean)::int AS clean_gone,
        (was AND stays AND is_clean AND NOT was_clean)::int AS became_clean,
        (was AND stays AND was_clean AND NOT is_clean)::int AS became_unclean
    FROM sides AS s WHERE NOT EXISTS (
        SELECT FROM pairs AS p
        WHERE p.plan = s.plan AND p.position = s.position AND s.file_id IN (p.old_id, p.new_id)
    )
    UNION ALL
    SELECT plan, position, 1, 0, 0, (is_clean AND NOT was_clean)::int, (was_clean AND NOT is_clean)::int
    FROM pairs
), sums AS (
    SELECT plan, position, sum(renamed) AS renamed, sum(clean_added) AS clean_added,
        sum(clean_gone) AS clean_gone, sum(became_clean) AS became_clean, sum(became_unclean) AS became_unclean
    FROM parts GROUP BY 1, 2
)
UPDATE compliance_snapshot AS s SET files_renamed = n.renamed, clean_added = n.clean_added,
    clean_gone = n.clean_gone, became_clean = n.became_clean, became_unclean = n.became_unclean
FROM sums AS n JOIN compliance_planversion AS v ON v.id = n.plan
JOIN compliance_commit AS c ON c.repository_id = v.repository_id AND c.position = n.position
WHERE s.plan_id = n.plan AND s.commit_id = c.id
    AND n.renamed + n.clean_added + n.clean_gone + n.became_clean + n.became_unclean > 0
"""

# The category in which a moved violation was before isn't kept, so both directions are known only in sum.
MOVED = """
UPDATE compliance_snapshot AS s SET moved_in = greatest(n.net, 0), moved_out = greatest(-n.net, 0)
FROM (
    SELECT later.id, later.violations - earlier.violations
        - later.new + later.fixed + later.newly_suppressed - later.restored AS net
    FROM compliance_snapshot AS later JOIN compliance_commit AS c ON c.id = later.commit_id
    JOIN compliance_commit AS p ON p.repository_id = c.repository_id AND p.position = c.position - 1
    JOIN compliance_snapshot AS earlier ON earlier.plan_id = later.plan_id AND earlier.commit_id = p.id
) AS n WHERE s.id = n.id AND n.net <> 0
"""

OUTSIDE = """
UPDATE compliance_snapshot AS s SET outside = n.outside
FROM (
    SELECT plan_id, commit_id, jsonb_object_agg(category, kinds) AS outside
    FROM (
        SELECT plan_id, commit_id, category, jsonb_object_agg(kind, number) AS kinds
        FROM (
            SELECT plan_id, commit_id, category, kind, count(*) AS number
            FROM compliance_change WHERE NOT counted GROUP BY 1, 2, 3, 4
        ) AS counts GROUP BY 1, 2, 3
    ) AS told GROUP BY 1, 2
) AS n WHERE s.plan_id = n.plan_id AND s.commit_id = n.commit_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0043_suppressions_that_ran_out"),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name="snapshot",
                name=name,
                field=models.PositiveIntegerField(db_default=0, default=0),
            )
            for name in (
                "moved_in",
                "moved_out",
                "files_renamed",
                "clean_added",
                "clean_gone",
                "became_clean",
                "became_unclean",
            )
        ),
        migrations.AddField(
            model_name="snapshot",
            name="outside",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.RunSQL(
            # Deferred checks of these rows would keep a later migration from changing their table.
            [FILES, MOVED, OUTSIDE, "SET CONSTRAINTS ALL IMMEDIATE"],
            migrations.RunSQL.noop,
        ),
    ]
