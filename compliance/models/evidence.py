"""Evidence for a commit. `commit` is null as long as the commit has not been recorded."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.commit import Commit
from compliance.models.repository import Repository
from compliance.models.token import Token
from compliance.models.tracker import Phase


class TestRun(models.Model):
    """A test report for one environment (a cell in a CI matrix). `run` is the name of the CI run that sent
    it.

    The digest of the content identifies reports that are sent twice. A report is compared with those from the
    same run or, if it names no run, with the newest one for its environment.
    """

    __test__ = False  # prevents pytest from collecting this class because of its name

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="test_runs")
    sha = models.CharField(max_length=64)
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="test_runs")
    digest = models.CharField(max_length=64)
    name = models.TextField(blank=True)
    environment = models.CharField(max_length=100, blank=True, default="", db_default="")
    run = models.CharField(max_length=200, blank=True, default="", db_default="")
    token = models.ForeignKey(Token, models.SET_NULL, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "sha", "environment", "run", "digest"),
                condition=~Q(run=""),
                name="one_row_per_report_of_a_run",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} at {self.sha[:10]}"


class TestCase(models.Model):
    """A test in a report. `outcome` is passed, failed, error or skipped, and `seconds` is the run time.

    `mixed` is true if this test didn't pass although another one with the same name in the same report did.
    """

    __test__ = False

    run = models.ForeignKey(TestRun, models.CASCADE, related_name="cases")
    file = models.TextField(blank=True)
    class_name = models.TextField(blank=True)
    name = models.TextField()
    outcome = models.CharField(max_length=7)
    seconds = models.FloatField(default=0)
    message = models.TextField(blank=True)
    mixed = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"


class SuiteResult(models.Model):
    """The result of one of the plan's suites, combined from all reports for a commit. The newest result of a
    test counts.

    `digest` identifies the suite's pattern, so results remain valid as long as a plan keeps its suites. The
    counts cover all environments. `cells` contains the counts for each environment, and the number of tests
    with the same name of which some passed and others did not (`mixed`). `source` is the sender of the newest
    report. `passing` names the first tests that passed, and `failing` the first that failed or ended with an
    error.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="suite_results")
    digest = models.CharField(max_length=64)
    sha = models.CharField(max_length=64)
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="suite_results")
    suite = models.CharField(max_length=200)
    passed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    passing = models.JSONField(default=list)
    failing = models.JSONField(default=list)
    source = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "digest", "sha"), name="one_result_per_suite_and_commit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.suite} at {self.sha[:10]}: {self.passed} passed, {self.failed} failed"


class Measurement(models.Model):
    """A measured value and its unit, as reported by CI."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="measurements")
    sha = models.CharField(max_length=64)
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="measurements")
    name = models.CharField(max_length=200)
    value = models.FloatField()
    unit = models.CharField(max_length=40, blank=True)
    token = models.ForeignKey(Token, models.SET_NULL, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("repository", "name", "-received_at"), name="measurements_by_name"),)

    def __str__(self) -> str:
        return f"{self.name} = {self.value} {self.unit}".strip()


@pghistory.track()
class Approval(models.Model):
    """A person's approval of a phase, given in a role, with a comment, at a commit."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="approvals")
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    role = models.CharField(max_length=40)
    comment = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.phase_id} approved by {self.person_id}"
