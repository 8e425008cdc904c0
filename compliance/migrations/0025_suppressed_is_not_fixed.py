"""A violation that a comment suppresses was told of as fixed, and as new once the comment was gone."""

from django.db import migrations, models


# The engine's ladder in rough: same rule, role, symbol and scope in the same file, in order of line. Where a
# suppressed row both ended and began there, nobody can tell from the rows who is who: what was said stays.
TIES = """
CREATE TEMPORARY TABLE ties ON COMMIT DROP AS
WITH told AS (
    SELECT plan_id, introduced_id AS commit_id FROM compliance_violation WHERE suppressed
  UNION
    SELECT plan_id, resolved_id FROM compliance_violation WHERE suppressed AND last IS NOT NULL
), ends AS (
    SELECT v.*, t.commit_id, v.resolved_id IS NOT DISTINCT FROM t.commit_id AS ended,
        jsonb_build_array(v.plan_id, t.commit_id, v.file_id, v.rule, v.role, v.symbol, v.scope) AS spot
    FROM told AS t JOIN compliance_violation AS v ON v.plan_id = t.plan_id
        AND t.commit_id IN (v.introduced_id, v.resolved_id)
    WHERE t.commit_id IS NOT NULL
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY spot, ended, suppressed ORDER BY line, id) AS place,
        count(*) FILTER (WHERE suppressed AND ended) OVER (PARTITION BY spot) AS hidden_ended,
        count(*) FILTER (WHERE suppressed AND NOT ended) OVER (PARTITION BY spot) AS hidden_begun
    FROM ends
)
SELECT older.plan_id, older.commit_id, older.id AS older, newer.id AS newer, newer.suppressed AS silenced,
    CASE WHEN newer.suppressed THEN older.id ELSE newer.id END AS counting, gen_random_uuid() AS thread
FROM ranked AS older JOIN ranked AS newer USING (spot, place)
WHERE older.ended AND NOT newer.ended AND older.suppressed <> newer.suppressed
    AND (older.hidden_ended = 0 OR older.hidden_begun = 0)
"""
SAY_SO = (
    """UPDATE compliance_violation AS v SET thread = t.thread
        FROM ties AS t WHERE v.id IN (t.older, t.newer)""",
    """UPDATE compliance_violation AS v SET silenced = true
        FROM ties AS t WHERE v.id = t.counting AND t.silenced""",
    """UPDATE compliance_violation AS v SET restored = true
        FROM ties AS t WHERE v.id = t.counting AND NOT t.silenced""",
    """UPDATE compliance_change AS c SET violation_id = t.counting, regression = false,
            kind = CASE WHEN t.silenced THEN 'suppressed' ELSE 'restored' END
        FROM ties AS t WHERE c.plan_id = t.plan_id AND c.commit_id = t.commit_id
            AND c.violation_id IN (t.older, t.newer)
            AND c.kind = CASE WHEN t.silenced THEN 'fixed' ELSE 'new' END""",
    """UPDATE compliance_snapshot AS s SET fixed = s.fixed - n.silenced, newly_suppressed = n.silenced,
            new = s.new - n.restored, restored = n.restored
        FROM (SELECT plan_id, commit_id, count(*) FILTER (WHERE kind = 'suppressed') AS silenced,
                count(*) FILTER (WHERE kind = 'restored') AS restored
            FROM compliance_change WHERE counted AND kind IN ('suppressed', 'restored') GROUP BY 1, 2) AS n
        WHERE s.plan_id = n.plan_id AND s.commit_id = n.commit_id""",
    "DELETE FROM compliance_repair",
    """INSERT INTO compliance_repair (plan_id, dimension, key, violations)
        SELECT violation.plan_id, part.dimension, part.key, count(*)
        FROM compliance_violation AS violation
        CROSS JOIN LATERAL (
            SELECT 'phase' AS dimension, jsonb_array_elements_text(violation.phases) AS key
            UNION ALL SELECT 'issue', jsonb_array_elements_text(violation.issues)
        ) AS part
        WHERE violation.last IS NOT NULL AND NOT violation.suppressed AND NOT violation.silenced
        GROUP BY 1, 2, 3""",
    """UPDATE compliance_file SET status = 'suppressed'
        WHERE suppressed > 0 AND status IN ('clean', 'migrated')""",
    # Deferred checks of these rows would keep a later migration from changing their tables.
    "SET CONSTRAINTS ALL IMMEDIATE",
)


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0024_engines_judge_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="newly_suppressed",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="restored",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="violation",
            name="restored",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="violation",
            name="silenced",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="violation",
            name="thread",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("fixed", "Fixed"),
                    ("moved", "Moved"),
                    ("suppressed", "Suppressed"),
                    ("restored", "Counts again"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="file",
            name="status",
            field=models.CharField(
                choices=[
                    ("clean", "Clean"),
                    ("open", "Open"),
                    ("claimed", "Claimed"),
                    ("in progress", "In Progress"),
                    ("migrated", "Migrated"),
                    ("regressed", "Regressed"),
                    ("waived", "Waived"),
                    ("suppressed", "Suppressed"),
                    ("gone", "Gone"),
                ],
                default="clean",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(
                condition=models.Q(("thread__isnull", False)), fields=["thread"], name="violations_by_thread"
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("regression", True)),
                fields=["plan", "commit"],
                name="regressions_by_commit",
            ),
        ),
        migrations.RunSQL([TIES, *SAY_SO], migrations.RunSQL.noop),
    ]
