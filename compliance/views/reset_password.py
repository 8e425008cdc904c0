"""The page to which a password reset link leads."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from compliance.accounts import invitations


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, key: str) -> HttpResponse:
    """Show or process the form. The response is the same for used, expired and guessed links."""
    person = invitations.forgetful(key)
    if person is None:
        return _answer(request, None, 404)
    form: SetPasswordForm[User] = SetPasswordForm(person, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _answer(request, form, 422 if form.errors else 200)
    form.save()
    messages.success(request, "Your password was changed. Sign in with the new one.")
    return redirect("sign-in")


def _answer(request: HttpRequest, form: "SetPasswordForm[User] | None", status: int) -> HttpResponse:
    person = form.user if form else None
    return render(request, "account/reset_password.html", {"form": form, "person": person}, status=status)


URLS = [
    path("reset/<str:key>/", reset, name="reset"),
]
