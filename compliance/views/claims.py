"""Actions on claims: claim files, and release, extend or hand over a claim."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from compliance.accounts.roles import Role, needs, person_of
from compliance.lib.dates import written
from compliance.lib.parsing import number_in
from compliance.lib.wording import count_of
from compliance.models import Claim, File
from compliance.views.lookup import find_repository
from compliance.views.request_values import local_path
from compliance.work import claims


@require_POST
@needs(Role.ENGINEER)
def claim_files(request: HttpRequest, slug: str) -> HttpResponse:
    """Claim the files with the ids in `file`, the one in `only`, or every file with violations in `folder`.
    Either all are claimed or none.
    """
    repository = find_repository(slug)
    if folder := request.POST.get("folder", "").strip().strip("/"):
        chosen = claims.free_under(repository, folder)
    else:
        ids = [number for pk in _chosen(request) if (number := number_in(pk))]
        rows = File.objects.filter(repository=repository, pk__in=ids)
        chosen = list(rows.select_related("repository"))
    person = person_of(request)
    try:
        taken = claims.claim(chosen, person, request.POST.get("note", ""))
    except claims.ClaimError as error:
        messages.error(request, str(error))
    else:
        until = min(row.until for row in taken)
        text = f"Claimed {count_of(len(taken), 'file')} until {written(until)}. "
        messages.success(request, f"{text}Your commits to a claimed file renew the claim.")
    return _back(request, slug)


def _chosen(request: HttpRequest) -> list[str]:
    """Return the id of the row whose button was pressed, or those of the rows that are selected."""
    return [request.POST["only"]] if request.POST.get("only") else request.POST.getlist("file")


@require_POST
@needs(Role.ENGINEER)
def change_claim(request: HttpRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """Release, extend, offer (to the user named in `to`), accept or decline a claim."""
    rows = Claim.objects.select_related("file__repository", "person", "offered_to")
    row = get_object_or_404(rows, pk=pk, file__repository=find_repository(slug))
    if verb not in ACTIONS:
        raise Http404(f"There is no action “{verb}”. Available actions: {', '.join(ACTIONS)}.")
    try:
        said = ACTIONS[verb](row, person_of(request), request)
    except claims.ClaimError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return _back(request, slug)


def _release(row: Claim, person: User, _: HttpRequest) -> str:
    claims.release(row, person)
    return f"You released {row.file.path}."


def _extend(row: Claim, person: User, _: HttpRequest) -> str:
    claims.extend(row, person)
    return f"Your claim on {row.file.path} was extended by {row.file.repository.claim_days} days."


def _offer(row: Claim, person: User, request: HttpRequest) -> str:
    name = request.POST.get("to", "").strip()
    to = User.objects.filter(username=name, is_active=True).first()
    if to is None:
        raise claims.ClaimError(f"There is no user named “{name}”.")
    claims.offer(row, person, to)
    return f"{row.file.path} was offered to {to}. You keep the claim until it is accepted."


def _accept(row: Claim, person: User, _: HttpRequest) -> str:
    claims.accept(row, person)
    return f"You have claimed {row.file.path}."


def _decline(row: Claim, person: User, _: HttpRequest) -> str:
    claims.decline(row, person)
    return f"The offer of {row.file.path} was withdrawn. {row.person} keeps the claim."


ACTIONS: dict[str, Callable[[Claim, User, HttpRequest], str]] = {
    "release": _release,
    "extend": _extend,
    "offer": _offer,
    "accept": _accept,
    "decline": _decline,
}


def _back(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirect to the page that contains the form, if it is on this site."""
    return HttpResponseRedirect(local_path(request.POST.get("next", "")) or reverse("files", args=[slug]))


REPOSITORY_URLS = [
    path("claims/", claim_files, name="claim"),
    path("claims/<int:pk>/<slug:verb>/", change_claim, name="change-claim"),
]
