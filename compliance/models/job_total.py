"""How many jobs have ended since the installation began, for monitoring."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

DURATIONS = (1, 5, 15, 60, 300, 900, 3600)
"""Upper bounds of the classes of durations, in seconds. The last class has none."""

STRIPES = 16
"""Number of rows over which the sessions of Postgres are spread, so that they rarely wait for each other."""


class JobTotal(models.Model):
    """The number of jobs of one kind that ended in one state, counted by a trigger of the jobs' table.

    Jobs themselves are deleted after a time, so counting them would yield totals that fall. `seconds` is the
    sum of the durations of their last attempts, and `durations` the number of jobs in each class of
    `DURATIONS`. `stripe` is only there for concurrency: the total is the sum over all stripes.
    """

    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=8)
    stripe = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    durations = ArrayField(models.PositiveBigIntegerField(), size=len(DURATIONS) + 1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "state", "stripe"), name="one_job_total_per_stripe"),
        )

    def __str__(self) -> str:
        return f"{self.count} {self.kind} {self.state}"


_CLASSES = len(DURATIONS) + 1
_BOUNDS = ",".join(map(str, DURATIONS))
_COUNT = f"""
    INSERT INTO compliance_jobtotal AS total (kind, state, stripe, count, seconds, durations)
    SELECT NEW.kind, NEW.state, pg_backend_pid() % {STRIPES}, 1, took.seconds, ARRAY(
        SELECT (place = width_bucket(took.seconds, ARRAY[{_BOUNDS}]::float8[]))::int::bigint
        FROM generate_series(0, {_CLASSES - 1}) AS place ORDER BY place)
    FROM (SELECT greatest(coalesce(extract(epoch FROM NEW.finished_at - NEW.started_at), 0), 0)::float8
          AS seconds) AS took
    ON CONFLICT (kind, state, stripe) DO UPDATE SET
        count = total.count + 1,
        seconds = total.seconds + EXCLUDED.seconds,
        durations = ARRAY(SELECT had + more FROM unnest(total.durations, EXCLUDED.durations)
                          WITH ORDINALITY AS pair(had, more, place) ORDER BY place);
    RETURN NULL;
"""  # noqa: S608  (made of constants)

ENDED = pgtrigger.Trigger(
    name="count_ended",
    operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]  # the library lacks the type
    when=pgtrigger.After,
    condition=pgtrigger.Q(old__finished_at__isnull=True, new__finished_at__isnull=False),
    func=_COUNT,
)
"""Counts a job when it ends."""
