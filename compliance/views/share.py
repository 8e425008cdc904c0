"""What of a repository may be shown elsewhere: its badge, and the public links that managers make."""

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
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

LINK_COLUMNS = ("name", "made_by", "made_at", "good_until", "last_used_at", "revoked_at")


class LinkForm(forms.Form):
    """What a manager says of a new link."""

    name = forms.CharField(max_length=100, required=False, strip=True)
    until = forms.DateField(required=False)

    def clean_until(self) -> date | None:
        """Raises ValidationError for a day that is over."""
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("This date is in the past. Choose today or a later date.")
        return until


@require_safe
@never_cache
def share(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; links are on it for managers only, as whoever knows one may read."""
    return _page(request, find_repository(slug), LinkForm())


@require_POST
@never_cache
@needs(Role.MANAGER)
def make_link(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a link; what cannot be taken is said beside its field, and nothing typed is lost."""
    repository = find_repository(slug)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, repository, form, status=422)
    said = form.cleaned_data
    person = request.user if isinstance(request.user, User) else None
    public_links.make(repository, person, name=said["name"], until=said["until"])
    messages.success(
        request, "The link was created. Anyone who has it can view the overview, so share it with care."
    )
    return redirect("share", slug=slug)


@require_POST
@needs(Role.MANAGER)
def revoke_link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Close a link at once."""
    link = get_object_or_404(PublicLink, repository=find_repository(slug), pk=pk)
    public_links.revoke(link)
    messages.success(request, f"The link {link} was revoked and no longer works.")
    return redirect("share", slug=slug)


@require_safe
@needs(Role.MANAGER)
def links_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Every link that ever was, newest first, as a spreadsheet, without the keys."""
    columns = ("name", "person__username", "created_at", "until", "last_used_at", "revoked_at")
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
