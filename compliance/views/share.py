"""The share page for a repository: weekly digest, public links and badge."""

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts import public_links
from compliance.accounts.roles import Role, may, needs
from compliance.models import PublicLink, Repository
from compliance.queries.public_links import addresses
from compliance.views import digest
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository

LINK_COLUMNS = ("name", "made_by", "made_at", "good_until", "last_used_at", "revoked_at", "shows_commits")


class LinkForm(forms.Form):
    """The purpose of a new link, the last date on which it works, and if it shows commits' subjects and
    authors.
    """

    name = forms.CharField(max_length=100, required=False, strip=True)
    until = forms.DateField(required=False)
    show_commits = forms.BooleanField(required=False)

    def clean_until(self) -> date | None:
        """Return the last date. Raises ValidationError if it is in the past."""
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("This date is in the past. Choose today or a later date.")
        return until


@require_safe
@never_cache
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page. Only managers see the links, because anyone who has a link can use it."""
    return _page(request, find_repository(slug), LinkForm())


@require_POST
@never_cache
@needs(Role.MANAGER)
def make_link(request: HttpRequest, slug: str) -> HttpResponse:
    """Create a link, or show the form again with its errors."""
    repository = find_repository(slug)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, repository, form, status=422)
    said = form.cleaned_data
    person = request.user if isinstance(request.user, User) else None
    public_links.make(repository, person, **said)
    messages.success(
        request, "The link was created. Anyone who has it can view the overview, so share it with care."
    )
    return redirect("share", slug=slug)


@require_POST
@needs(Role.MANAGER)
def revoke_link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Revoke a link immediately."""
    link = get_object_or_404(PublicLink, repository=find_repository(slug), pk=pk)
    public_links.revoke(link)
    messages.success(request, f"The link {link} was revoked and no longer works.")
    return redirect("share", slug=slug)


@require_safe
@needs(Role.MANAGER)
def links_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return all links as CSV, newest first, without their keys."""
    columns = (
        "name",
        "person__username",
        "created_at",
        "until",
        "last_used_at",
        "revoked_at",
        "show_commits",
    )
    rows = PublicLink.objects.filter(repository=find_repository(slug)).order_by("-created_at", "-pk")
    return stream_csv(f"{slug}-links", LINK_COLUMNS, rows.values_list(*columns).iterator(chunk_size=2000))


def _page(request: HttpRequest, repository: Repository, form: LinkForm, status: int = 200) -> HttpResponse:
    standing = public_links.standing().filter(repository=repository).select_related("person")
    shown = list(standing) if may(request.user, Role.MANAGER) else []
    context = {
        "repository": repository,
        "section": "settings",
        "form": form,
        "links": [(link, addresses(request, link)) for link in shown],
        "badge": request.build_absolute_uri(reverse("badge", args=[repository.slug])),
    }
    context |= digest.digest_context(request, repository)
    return render(request, "share/page.html", context, status=status)


REPOSITORY_URLS = [
    path("share/", share, name="share"),
    path("share/links/", make_link, name="make-link"),
    path("share/links/<int:pk>/revoke/", revoke_link, name="revoke-link"),
    path("share/links.csv", links_csv, name="links-csv"),
]
