"""Take over which waivers earlier releases have announced to expire, so that nobody is told again."""

from django.db import migrations

ANNOUNCED = """
INSERT INTO compliance_notificationevent (
    repository_id, topic, key, happened_at, recorded_at, phases, owners, risk, people, email, detail, routed_at)
SELECT DISTINCT ON (waiver.id)
    waiver.repository_id, 'waiver.expiring', waiver.id || ':' || waiver.until, item.created_at,
    item.created_at, '{}'::text[], '{}'::text[], '', '{}'::bigint[], '',
    jsonb_build_object('waiver', waiver.id, 'path', waiver.glob, 'until', item.detail ->> 'until'), now()
FROM compliance_outboxitem AS item
JOIN compliance_waiver AS waiver ON split_part(item.key, ':', 2) = waiver.id::text
    AND waiver.repository_id = item.repository_id
WHERE item.kind = 'letter' AND starts_with(item.key, 'waiver ends:') AND waiver.until IS NOT NULL
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0073_ignored_findings")]

    operations = [migrations.RunSQL(ANNOUNCED, migrations.RunSQL.noop)]
