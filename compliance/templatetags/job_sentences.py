"""Sentences about jobs: their progress, and how they failed."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from compliance.jobs import failed_before
from compliance.lib.wording import count_of
from compliance.models import Job
from compliance.templatetags.show import job_title, when

register = template.Library()


@register.simple_tag
def job_progress(job: Job) -> SafeString:
    """Return when a job started or is due, its progress, the failures before it, and the number of requests
    merged into it. A job that made room for a more urgent one has not failed.
    """
    if job.state == Job.State.RUNNING:
        parts = [format_html("started {}", when(job.started_at, "ago"))]
        if job.doing:
            parts.append(format_html("{}", job.doing))
        if job.total_steps:
            parts.append(format_html("{} of {} steps", f"{job.done_steps:,}", f"{job.total_steps:,}"))
    else:
        requested, due = when(job.created_at, "ago"), when(job.due_at, "ago")
        parts = [format_html("requested {}", requested), format_html("due {}", due)]
    if failed := failed_before(job):
        parts.append(format_html("{}", f"after {count_of(failed, 'failed attempt')}"))
    if job.merged:
        parts.append(format_html("{} merged into it", count_of(job.merged, "identical request")))
    return format_html_join(", ", "{}", ((part,) for part in parts))


@register.simple_tag
def job_failures(job: Job) -> SafeString:
    """Return how often in a row a failed job failed, and when it ended."""
    failed, ended = failed_before(job), when(job.finished_at)
    if not failed:
        return format_html("ended {}", ended)
    return format_html("failed {} in a row, the last time {}", count_of(failed, "time"), ended)


@register.filter
def run_again_label(job: Job) -> str:
    """Return the accessible label for the button that runs a job again."""
    return f"Run again: {job_title(job)} (job {job.pk})"
