"""The pages on which people choose how they are notified: in general, and for a repository."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from compliance.accounts.roles import person_of
from compliance.models import NotificationSettings, Repository, TopicPreference, Way
from compliance.notifications import preferences
from compliance.notifications.preferences import LEVELS, PreferenceError
from compliance.notifications.quiet import LATEST_MORNING, next_permitted, times_of
from compliance.views.lookup import find_repository
from compliance.views.time_zone import COOKIE

READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])
WAYS = (
    ("", "Default"),
    (Way.AT_ONCE, "E-mail at once"),
    (Way.DAILY, "Daily e-mail"),
    (Way.WEEKLY, "Weekly e-mail"),
    (Way.INBOX, "Inbox only"),
    (Way.OFF, "Off"),
)


class TimesForm(forms.Form):
    """When e-mails and digests are sent."""

    time_zone = forms.CharField(required=False, max_length=64)
    quiet_from = forms.TimeField(required=False)
    quiet_until = forms.TimeField(required=False)
    quiet_weekends = forms.BooleanField(required=False)
    digest_hour = forms.IntegerField(min_value=0, max_value=23)
    digest_day = forms.IntegerField(min_value=0, max_value=6)
    is_mailed = forms.BooleanField(required=False)


class MuteForm(forms.Form):
    """For how long e-mails are muted; `until` is needed for the choice `day`."""

    choice = forms.CharField(max_length=10)
    until = forms.DateField(required=False)


@READ_AND_SEND
@never_cache
def notifications(request: HttpRequest) -> HttpResponse:
    """Show the general preferences; POST stores those for topics."""
    person = person_of(request)
    if request.method == "POST":
        return _topics(request, None)
    chosen = Repository.objects.filter(slug=request.GET.get("repository", "")).first()
    if chosen:
        return redirect("repository-notifications", slug=chosen.slug)
    return _shown(request, person)


@require_POST
def change_times(request: HttpRequest) -> HttpResponse:
    """Change the time zone, quiet hours and times of digests."""
    person, form = person_of(request), TimesForm(request.POST)
    if form.is_valid():
        try:
            preferences.change_settings(person, form.cleaned_data)
        except PreferenceError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, "The times of your e-mails are saved.")
            return redirect("notifications")
    return _shown(request, person, form, status=422)


@require_POST
def mute(request: HttpRequest) -> HttpResponse:
    """Mute e-mails for a time, or end that."""
    person, form = person_of(request), MuteForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    until = None
    try:
        if given.get("choice") != "none":
            until = preferences.end_of_mute(
                person, given.get("choice", ""), given.get("until"), timezone.now()
            )
        preferences.change_settings(person, {"muted_until": until})
    except PreferenceError as error:
        messages.error(request, str(error))
    else:
        words = "E-mails are muted. Your inbox isn't." if until else "E-mails are on again."
        messages.success(request, words)
    return redirect("notifications")


@READ_AND_SEND
@never_cache
def of_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the preferences for a repository; POST stores them."""
    repository, person = find_repository(slug), person_of(request)
    if request.method == "POST":
        return _topics(request, repository)
    context = {
        "section": "notifications",
        "repository": repository,
        "levels": LEVELS.items(),
        "level": preferences.level_of(person, repository),
        **_topic_context(person, repository),
    }
    return render(request, "notifications/repository.html", context)


@require_POST
def reset_repository(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove the preferences for a repository, so that the general ones apply."""
    repository, person = find_repository(slug), person_of(request)
    TopicPreference.objects.filter(person=person, repository=repository).delete()
    preferences.set_level(person, repository, "participating")
    messages.success(request, f"Your general preferences apply to {repository.name} again.")
    return redirect("notifications")


def _topics(request: HttpRequest, repository: Repository | None) -> HttpResponse:
    person = person_of(request)
    known = [topic.name for topic in preferences.topics_for(person)]
    given = {name: request.POST[name] for name in known if name in request.POST}
    try:
        preferences.set_ways(person, given, repository)
        if repository and "level" in request.POST:
            preferences.set_level(person, repository, request.POST["level"])
    except PreferenceError as error:
        messages.error(request, f"{error} Nothing was changed.")
    else:
        messages.success(request, "Your preferences are saved.")
    if repository:
        return redirect("repository-notifications", slug=repository.slug)
    return redirect("notifications")


def _shown(
    request: HttpRequest, person: User, form: TimesForm | None = None, status: int = 200
) -> HttpResponse:
    found = preferences.settings_of(person)
    now = timezone.now()
    permitted = next_permitted(times_of(found), now)
    context = {
        "section": "notifications",
        "form": form or TimesForm(initial=_initial(found, request.COOKIES)),
        "settings": found,
        "muted_until": found.muted_until if found.muted_until and found.muted_until > now else None,
        "quiet_until": permitted if permitted > now else None,
        "is_new": found.pk is None,
        "zones": sorted(available_timezones()),
        "installation_zone": timezone.get_default_timezone_name(),
        "hours": range(24),
        "latest_morning": LATEST_MORNING,
        "days": WEEKDAYS.items(),
        "lacks_mail_server": not settings.EMAIL_READY,
        "exceptions": [
            (repository, LEVELS[level].partition(":")[0], differing)
            for repository, level, differing in preferences.exceptions_of(person)
        ],
        "repositories": Repository.objects.order_by("name").values_list("slug", "name"),
        **_topic_context(person, None),
    }
    return render(request, "notifications/page.html", context, status=status)


def _initial(found: NotificationSettings, cookies: Mapping[str, str]) -> dict[str, Any]:
    """Return the stored values or, for somebody who has stored none, the defaults with the browser's zone."""
    values = {name: getattr(found, name) for name in TimesForm.base_fields}
    browser = cookies.get(COOKIE, "")
    if found.pk is None and browser in available_timezones():
        values["time_zone"] = browser
    return values


def _topic_context(person: User, repository: Repository | None) -> dict[str, Any]:
    own = preferences.ways_of(person, repository)
    everywhere = preferences.ways_of(person) if repository else {}
    rows = []
    for topic in preferences.topics_for(person):
        general = everywhere.get(topic.name)
        default = f"Everywhere else: {general.label}." if general else ""
        rows.append((topic, own.get(topic.name, ""), default or preferences.describe_default(topic, person)))
    first = ("", "As everywhere" if repository else "Default")
    return {"topics": rows, "ways": [first, *WAYS[1:]]}


URLS = [
    path("account/notifications/", notifications, name="notifications"),
    path("account/notifications/times/", change_times, name="notification-times"),
    path("account/notifications/mute/", mute, name="mute-notifications"),
]
REPOSITORY_URLS = [
    path("notifications/", of_repository, name="repository-notifications"),
    path("notifications/reset/", reset_repository, name="reset-notifications"),
]
