"""Sign-in and sign-out with Django's views, and the page that is shown after too many attempts."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from compliance.views.request_values import local_path


class _SignIn(LoginView):
    template_name = "sign_in/page.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, *_: Any) -> str:
        return local_path(super().get_redirect_url())

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(elsewhere=settings.SIGN_IN_ELSEWHERE, **more)


sign_in = require_http_methods(["GET", "HEAD", "POST"])(_SignIn.as_view())
sign_out = LogoutView.as_view()


@login_not_required
def locked_out(request: HttpRequest, *_: Any, **_more: Any) -> HttpResponse:
    """Show the page to which django-axes redirects after too many failed sign-ins."""
    return render(request, "sign_in/locked_out.html", status=429)


URLS = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
]
