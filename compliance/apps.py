"""The only Django app."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created


class ComplianceConfig(AppConfig):
    """The app that contains all models, pages and commands."""

    name = "compliance"
    verbose_name = "Compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers of the scan signals, and the limits of database sessions."""
        # Models can't be imported before this point.
        from django.contrib.auth.models import User  # noqa: PLC0415
        from django.db.models.signals import post_migrate, post_save, pre_migrate  # noqa: PLC0415

        from compliance import evidence  # noqa: PLC0415
        from compliance.accounts import closing, installation_key  # noqa: PLC0415
        from compliance.events import (  # noqa: PLC0415
            check_requested,
            commit_recorded,
            figures_changed,
            history_evaluated,
            issue_heard,
            phases_changed,
            plan_activated,
            pull_request_left,
        )
        from compliance.integrations.issue_notes import requests as issue_requests  # noqa: PLC0415
        from compliance.lib.addresses import warn_about_addresses, warn_about_proxies  # noqa: PLC0415
        from compliance.lib.database_limits import apply_limits  # noqa: PLC0415
        from compliance.lib.local_repositories import warn_about_folders  # noqa: PLC0415
        from compliance.lib.outgoing_addresses import permit_repositories, warn_about_allowed  # noqa: PLC0415
        from compliance.notifications import targets  # noqa: PLC0415
        from compliance.progress import waiver_figures  # noqa: PLC0415
        from compliance.pull_requests import requests  # noqa: PLC0415
        from compliance.work import claims, regression_events, waiver_matching  # noqa: PLC0415

        permit_repositories()
        register(warn_about_allowed, Tags.security, deploy=True)
        register(warn_about_folders, Tags.security, deploy=True)
        register(warn_about_addresses, deploy=True)
        register(warn_about_proxies, Tags.security, deploy=True)
        pre_migrate.connect(_require_utf8, dispatch_uid="encoding")
        post_save.connect(closing.end_access, sender=User, dispatch_uid="closing")
        connection_created.connect(apply_limits, dispatch_uid="limits")
        connection_created.connect(installation_key.require_key, dispatch_uid="key")
        post_migrate.connect(installation_key.keep_fingerprint, sender=self, dispatch_uid="key")
        commit_recorded.connect(waiver_matching.settle, dispatch_uid="waivers")
        plan_activated.connect(waiver_matching.settle, dispatch_uid="waivers")
        commit_recorded.connect(claims.settle, dispatch_uid="claims")
        plan_activated.connect(claims.follow_plan, dispatch_uid="claims")
        commit_recorded.connect(regression_events.on_commit_recorded, dispatch_uid="regressions")
        commit_recorded.connect(evidence.on_commit_recorded, dispatch_uid="evidence")
        history_evaluated.connect(waiver_matching.settle, dispatch_uid="waivers")
        history_evaluated.connect(waiver_figures.settle_line, dispatch_uid="waived")
        history_evaluated.connect(evidence.on_history_evaluated, dispatch_uid="evidence")
        figures_changed.connect(evidence.on_figures_changed, dispatch_uid="evidence")
        commit_recorded.connect(targets.on_commit_recorded, dispatch_uid="targets")
        check_requested.connect(requests.on_check_requested, dispatch_uid="checks")
        pull_request_left.connect(requests.on_pull_request_left, dispatch_uid="checks")
        commit_recorded.connect(requests.on_commit_recorded, dispatch_uid="checks")
        plan_activated.connect(requests.on_plan_activated, dispatch_uid="checks")
        history_evaluated.connect(requests.on_history_evaluated, dispatch_uid="checks")
        figures_changed.connect(requests.on_figures_changed, dispatch_uid="checks")
        for changed in (commit_recorded, plan_activated, history_evaluated, figures_changed, phases_changed):
            changed.connect(issue_requests.on_records_changed, dispatch_uid="issues")
        issue_heard.connect(issue_requests.on_issue_heard, dispatch_uid="issues")


def _require_utf8(using: str, **_: object) -> None:
    """Refuse a database in which not every text can be stored, before a migration changes anything."""
    from django.db import connections  # noqa: PLC0415

    from compliance.lib.database_encoding import require_utf8  # noqa: PLC0415

    require_utf8(connections[using])
