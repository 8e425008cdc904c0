"""Sign-in with GitHub, GitLab or an OpenID provider."""

import re
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.github.views import oauth2_callback
from allauth.socialaccount.providers.openid_connect.views import callback
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from compliance.accounts import invitations
from compliance.accounts.openid_claims import is_openid, verified_addresses
from compliance.accounts.roles import Role, give
from compliance.views.request_values import local_path

openid = require_safe(callback)


@login_not_required
@never_cache
@require_POST
def begin(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Redirect the browser to a provider. Raises Http404 if the provider is not configured.

    A page does this instead of a redirect response: the policy `form-action 'self'` also applies to redirects
    that follow a form, and the hosts of a provider's own sign-in pages are unknown.
    """
    return _onward(request, provider, AuthProcess.LOGIN, local_path(request.POST.get("next", "")) or None)


@never_cache
@require_POST
def connect(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Connect a provider to the account of a signed-in user."""
    return _onward(request, provider, AuthProcess.CONNECT, reverse("account"))


def _onward(request: HttpRequest, provider: str, process: str, after: str | None) -> HttpResponseBase:
    if provider not in settings.SIGN_IN_ELSEWHERE:
        raise Http404("Sign-in with this provider is not configured.")
    try:
        there = get_adapter().get_provider(request, provider=provider)
        answer = there.redirect(request, process=process, next_url=after)
    except (RequestException, SocialApp.DoesNotExist):
        return _page(request, "The provider isn't responding. Try again, or sign in with your password.", 502)
    if answer.status_code != 302:
        return answer  # type: ignore[no-any-return]
    way = answer.headers["Location"]
    response = render(
        request, "sign_in/redirect.html", {"way": way, "name": settings.SIGN_IN_ELSEWHERE[provider]}
    )
    response.headers["Refresh"] = f"0; url={way}"
    return response


@login_not_required
@require_safe
def github(request: HttpRequest) -> HttpResponseBase:
    """Handle GitHub's callback. Raises Http404 if GitHub is not configured."""
    if "github" not in settings.SIGN_IN_ELSEWHERE:
        raise Http404("Sign-in with this provider is not configured.")
    answer: HttpResponseBase = oauth2_callback(request)
    return answer


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Admits only known users, invited people, and users from configured domains, always by verified e-mail
    addresses.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account. Raises ImmediateHttpResponse with the reason if there is none."""
        data = sociallogin.account.extra_data
        # OpenID providers may send the string "false", which is truthy. From here on, only the addresses in
        # `verified` may match, block or be stored.
        verified = (
            verified_addresses(data)
            if is_openid(data)
            else [row.email.lower() for row in sociallogin.email_addresses if row.verified is True]
        )
        sociallogin.email_addresses = []
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._connect(request, sociallogin)
            return
        if not sociallogin.is_existing:
            if not verified:
                _refuse(request, "The provider doesn't confirm that your e-mail address is verified.")
            known = list(User.objects.annotate(lower=Lower("email")).filter(lower__in=verified)[:2])
            if len(known) > 1:
                _refuse(request, "Several accounts use your e-mail address. Ask an administrator for help.")
            if known and known[0].is_active:
                sociallogin.connect(request, known[0])
            elif known:
                _refuse(request, "Your account is deactivated. Ask an administrator to reactivate it.")
            elif not self._welcome(verified):
                _refuse(request, "You have no account and no invitation. Ask an administrator for one.")
        if not sociallogin.is_existing:
            sociallogin.user.email = verified[0]
        elif not sociallogin.user.is_active:
            _refuse(request, "Your account is deactivated. Ask an administrator to reactivate it.")

    def _connect(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Check that a signed-in user may connect the provider's account, regardless of its e-mail
        address.
        """
        if not request.user.is_authenticated:
            _refuse(request, "You have been signed out. Sign in, then connect the provider again.")
        if sociallogin.is_existing and sociallogin.user != request.user:
            _refuse(request, "This provider account is already connected to another user.")

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:  # noqa: ARG002
        """Return the URL of the account page."""
        return reverse("account")

    def _welcome(self, verified: list[str]) -> bool:
        domains = {domain.lower().lstrip("@") for domain in settings.SIGN_IN_DOMAINS}
        for address in verified:
            if invitations.standing().filter(email__iexact=address).exists():
                verified.insert(0, address)
                return True
        ours = [address for address in verified if address.rpartition("@")[2] in domains]
        verified[:0] = ours[:1]
        return bool(ours)

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:  # noqa: ARG002
        """Create the account with the role from the invitation or, without one, the configured role."""
        user: User = sociallogin.user
        user.set_unusable_password()
        user.username = _free_name(user.username or user.email.partition("@")[0])
        invitation = invitations.standing().filter(email__iexact=user.email).first()
        if invitation:
            invitations.accept(invitation, user)
        else:
            user.save()
            give(user, Role[settings.SIGN_IN_ROLE.upper()])
        sociallogin.save(request)
        return user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Return True, because `pre_social_login` has already rejected everyone else."""
        return True

    def on_authentication_error(self, request: HttpRequest, *_: Any, **_more: Any) -> NoReturn:
        """Show this product's own error page."""
        _refuse(request, "The sign-in was canceled, timed out or couldn't be confirmed. Try again.", 401)


def _refuse(request: HttpRequest, reason: str, status: int = 403) -> NoReturn:
    raise ImmediateHttpResponse(_page(request, reason, status))


def _page(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    return render(request, "sign_in/refused.html", {"reason": reason}, status=status)


def _free_name(wish: str) -> str:
    stem = re.sub(r"[^\w.+-]", "", wish.partition("@")[0])[:100] or "somebody"
    taken = set(User.objects.filter(username__istartswith=stem).values_list(Lower("username"), flat=True))
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name.lower() not in taken)


URLS = [
    path("account/with/<slug:provider>/", connect, name="connect"),
    path("sign-in/with/<slug:provider>/", begin, name="sign-in-with"),
    path("sign-in/with/github/callback/", github, name="github_callback"),
    path("sign-in/with/<slug:provider_id>/callback/", openid, name="openid_connect_callback"),
]
