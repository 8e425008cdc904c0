"""The page behind the links with which people stop e-mails about a topic without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from compliance.notifications.unsubscribing import unsubscription_of


# Mail clients post here without loading a page first (RFC 8058), so the token is the only authentication.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for confirmation, and stop the e-mails on POST. Unsubscribing twice is not an error."""
    found = unsubscription_of(token)
    if found is None:
        return render(request, "public_page/unsubscribe.html", {"unknown": True}, status=404)
    is_done = request.method == "POST"
    if is_done:
        found.apply()
    context = {"found": found, "what": found.describe(), "is_done": is_done}
    response = render(request, "public_page/unsubscribe_topic.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response


URLS = [path("unsubscribe-topic/<str:token>/", unsubscribe, name="unsubscribe-topic")]
