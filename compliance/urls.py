"""Every address of the application."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from compliance import api
from compliance.views import (
    badge,
    charts,
    claims,
    commits,
    digest,
    files,
    health,
    home,
    issues,
    marks,
    mywork,
    overview,
    patches,
    phases,
    scans,
    session,
    settings,
    share,
    shared,
    sheets,
    tokens,
    violations,
    waivers,
)
from compliance.webhooks.view import receive


class ShaConverter(StringConverter):
    """A commit's name, whole or shortened to at least seven digits."""

    regex = "[0-9a-fA-F]{7,64}"


register_converter(ShaConverter, "sha")

of_one_repository = [
    path("", overview.overview, name="overview"),
    path("live/", overview.live, name="overview-live"),
    path("charts/<slug:name>.json", charts.chart, name="chart"),
    path("charts/trend.svg", charts.trend_svg, name="trend-svg"),
    path("charts/<slug:name>.csv", charts.chart_csv, name="chart-csv"),
    path("files/", files.files, name="files"),
    path("files.csv", files.files_csv, name="files-csv"),
    path("files/<int:pk>/", files.file, name="file"),
    path("files/<int:pk>.csv", sheets.file, name="file-csv"),
    path("files/<int:pk>/patch/", patches.patch, name="patch"),
    path("files/<int:pk>.patch", patches.download, name="patch-file"),
    path("my-work/", mywork.my_work, name="my-work"),
    path("my-work.csv", mywork.my_work_csv, name="my-work-csv"),
    path("claims/", claims.take, name="claim"),
    path("claims/<int:pk>/<slug:verb>/", claims.change, name="change-claim"),
    path("waivers/", waivers.waivers, name="waivers"),
    path("waivers.csv", waivers.waivers_csv, name="waivers-csv"),
    path("waivers/<int:pk>/end/", waivers.end, name="end-waiver"),
    path("violations/", violations.violations, name="violations"),
    path("violations.csv", violations.violations_csv, name="violations-csv"),
    path("marks/", marks.marks, name="marks"),
    path("marks.csv", marks.marks_csv, name="marks-csv"),
    path("marks/<int:pk>/remove/", marks.remove_note, name="remove-note"),
    path("phases/", phases.phases, name="phases"),
    path("phases.csv", phases.phases_csv, name="phases-csv"),
    path("criteria.csv", phases.criteria_csv, name="criteria-csv"),
    path("phases/<str:key>/", phases.phase, name="phase"),
    path("phases/<str:key>/approve/", phases.approve, name="approve"),
    path("approvals/<int:pk>/withdraw/", phases.withdraw, name="withdraw-approval"),
    path("issues/", issues.issues, name="issues"),
    path("issues.csv", issues.issues_csv, name="issues-csv"),
    path("steps.csv", issues.steps_csv, name="steps-csv"),
    path("issues/<path:key>/", issues.issue, name="issue"),
    path("commits/", commits.commits, name="commits"),
    path("commits.csv", commits.commits_csv, name="commits-csv"),
    path("commits/<sha:sha>/", commits.commit, name="commit"),
    path("commits/<sha:sha>.csv", commits.commit_csv, name="commit-csv"),
    path("commits/<sha:sha>/unread.csv", sheets.unread, name="commit-unread-csv"),
    path("broken.csv", sheets.broken, name="broken-csv"),
    path("plans.csv", sheets.plans, name="plans-csv"),
    path("scans/", scans.scans, name="scans"),
    path("scans/live/", scans.live, name="scans-live"),
    path("scans/now/", scans.scan_now, name="scan-now"),
    path("scans/<int:pk>/again/", scans.run_again, name="run-again"),
    path("jobs.csv", scans.jobs_csv, name="jobs-csv"),
    path("unread.csv", scans.unread_csv, name="unread-csv"),
    path("deliveries.csv", scans.deliveries_csv, name="deliveries-csv"),
    path("settings/", settings.settings, name="settings"),
    path("badge.svg", badge.drawing, name="badge"),
    path("shields.json", badge.endpoint, name="shields"),
    path("share/", share.share, name="share"),
    path("share/digest/", digest.subscribe, name="subscribe"),
    path("share/digest/test/", digest.test, name="test-digest"),
    path("share/digests.csv", digest.digests_csv, name="digests-csv"),
    path("share/links/", share.make_link, name="make-link"),
    path("share/links/<int:pk>/revoke/", share.revoke_link, name="revoke-link"),
    path("share/links.csv", share.links_csv, name="links-csv"),
    path("settings/secret/", settings.rotate_secret, name="rotate-secret"),
    path("settings/tokens.csv", sheets.keys, name="tokens-csv"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke_token, name="revoke-token"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("repositories.csv", home.home_csv, name="home-csv"),
    path("repositories/<slug:slug>/", include(of_one_repository)),
    path("unsubscribe/<str:token>/", digest.unsubscribe, name="unsubscribe"),
    path("shared/<str:key>/", shared.overview, name="shared"),
    path("shared/<str:key>/badge.svg", shared.drawing, name="shared-badge"),
    path("shared/<str:key>/shields.json", shared.endpoint, name="shared-shields"),
    path("sign-in/", session.sign_in, name="sign-in"),
    path("sign-out/", session.sign_out, name="sign-out"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api.addresses())),
    path("webhooks/<slug:provider>/<slug:slug>/", receive, name="webhook"),
]
