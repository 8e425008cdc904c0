"""The page on which managers create and revoke API tokens."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from compliance.accounts.roles import Role, may, needs, person_of
from compliance.lib.secret_keys import digest_of
from compliance.models import Repository, Token
from compliance.models.token import PREFIX, new_token
from compliance.views.lookup import find_repository

LIFETIMES = ((30, "30 days"), (90, "90 days"), (365, "one year"))
HINT = len(PREFIX) + 4


class TokenForm(forms.Form):
    """The properties of a new token. Only administrators may set `everywhere`."""

    name = forms.CharField(
        max_length=100, help_text="The program that will use the token, for example “CI on the main branch”."
    )
    scope = forms.ChoiceField(choices=Token.Scope.choices, initial=Token.Scope.EVIDENCE)
    days = forms.TypedChoiceField(choices=LIFETIMES, coerce=int, initial=90, label="Expires after")
    everywhere = forms.BooleanField(required=False, label="All repositories")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Role.MANAGER)
def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list and the form. A new token's secret appears only in the response to the form."""
    repository = find_repository(slug)
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        everywhere = form.cleaned_data["everywhere"]
        if everywhere and not may(request.user, Role.ADMINISTRATOR):
            raise PermissionDenied("Only administrators can create a token for all repositories.")
        secret = new_token()
        Token.objects.create(
            name=form.cleaned_data["name"],
            scope=form.cleaned_data["scope"],
            repository=None if everywhere else repository,
            digest=digest_of(secret),
            hint=secret[:HINT],
            person=person_of(request),
            expires_at=timezone.now() + timedelta(days=form.cleaned_data["days"]),
        )
        form = TokenForm()
    context = {
        "repository": repository,
        "section": "settings",
        "form": form,
        "secret": secret,
        "tokens": list(
            visible_tokens(request, repository).select_related("person", "revoked_by", "repository")[:200]
        ),
        "now": timezone.now(),
        "address": request.build_absolute_uri(f"{reverse('home')}api/v1/repositories/{repository.slug}/"),
    }
    return render(request, "tokens/list.html", context, status=400 if form.errors else 200)


@require_POST
@needs(Role.MANAGER)
def revoke_token(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Revoke a token immediately."""
    token = get_object_or_404(visible_tokens(request, find_repository(slug)), pk=pk)
    ended = Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now(), revoked_by=person_of(request)
    )
    if ended:
        messages.success(request, f"The token “{token.name}” is revoked and no longer accepted.")
    return redirect("tokens", slug=slug)


def visible_tokens(request: HttpRequest, repository: Repository) -> QuerySet[Token]:
    """Return the tokens that the user may see. Only administrators see tokens for all repositories."""
    mine = Q(repository=repository)
    return Token.objects.filter(mine | Q(repository=None) if may(request.user, Role.ADMINISTRATOR) else mine)


REPOSITORY_URLS = [
    path("settings/tokens/", tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", revoke_token, name="revoke-token"),
]
