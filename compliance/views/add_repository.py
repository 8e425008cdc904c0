"""The pages on which an administrator adds a repository: its address, and what was found there."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations import connection_jobs, git_access
from compliance.lib.addresses import webhook_url
from compliance.lib.local_repositories import folder_problems, suggest
from compliance.lib.parsing import number_in
from compliance.models import Connection, Repository, RepositorySetup
from compliance.scans import access_values, repository_setup
from compliance.scans.depth_suggestions import span_of_estimate
from compliance.scans.setup_duplicates import pending, tracked_as
from compliance.scans.setup_errors import SetupError
from compliance.scans.setup_estimate import estimate_for
from compliance.views.history_depth import depth_of
from compliance.views.setup_wording import (
    depth_choices,
    estimate_sentences,
    needs_credentials,
    needs_deploy_key,
)

READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])
State = RepositorySetup.State
MOST_PENDING = 20


@READ_AND_SEND
@never_cache
@needs(Role.ADMINISTRATOR)
def add_repository(request: HttpRequest) -> HttpResponse:
    """Show the field for an address; POST stores it and queues its check."""
    address, problem, instead = request.GET.get("address", ""), None, request.GET.get("instead", "")
    if request.method == "POST":
        address, instead = request.POST.get("address", ""), request.POST.get("instead", "")
        try:
            setup = repository_setup.begin(address, person_of(request))
        except SetupError as error:
            problem = error
        else:
            _forget(instead)
            return redirect("repository-setup", pk=setup.pk)
    context = {
        "section": "add-repository",
        "address": address,
        "problem": problem,
        "folders": suggest(),
        "folder_problems": folder_problems(),
        "pending": pending(MOST_PENDING),
        "instead": instead,
    }
    return render(request, "repositories/add.html", context, status=422 if problem else 200)


def _forget(pk: str) -> None:
    """Forget an address that could not be read, because another one was entered in its place."""
    if setup := RepositorySetup.objects.filter(state=State.FAILED, pk=number_in(pk) or 0).first():
        repository_setup.cancel(setup)


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def setup_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was found at an address, with the form that adds the repository."""
    setup = _find(pk)
    if setup.repository:
        return redirect("overview", slug=setup.repository.slug)
    return render(request, "repositories/setup.html", _context(setup))


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def setup_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that changes during the check. If the setup has been cancelled, the
    response leads to the first page.
    """
    if not RepositorySetup.objects.filter(pk=pk).exists():
        return HttpResponse(status=HTTPStatus.NOT_FOUND, headers={"HX-Redirect": reverse("add-repository")})
    context = _context(_find(pk), request.GET)
    # The fields are replaced once, when the dates are known, so that nobody is interrupted while typing.
    context["waits_for_estimate"] = request.GET.get("part") == "estimate" and not context["estimates"]
    return render(request, "repositories/setup_state.html", context)


@require_POST
@needs(Role.ADMINISTRATOR)
def check_setup(request: HttpRequest, pk: int) -> HttpResponse:
    """Check an address again, with the credentials of the form."""
    setup, given = _find(pk), request.POST
    connection = Connection.objects.filter(slug=given.get("connection", "")).first()
    try:
        repository_setup.check_again(
            setup,
            person_of(request),
            user=given.get("user", ""),
            token=given.get("token", ""),
            connection=connection,
            forget_host="forget_host" in given,
        )
    except SetupError as error:
        messages.error(request, str(error))
    return redirect("repository-setup", pk=pk)


@require_POST
@needs(Role.ADMINISTRATOR)
def finish_setup(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to track the chosen branch, and show the repository."""
    setup, given = _find(pk), request.POST
    try:
        repository = repository_setup.add(
            setup,
            person_of(request),
            branch=given.get("branch", ""),
            name=given.get("name", ""),
            slug=given.get("slug", ""),
            again="again" in given,
            depth=depth_of(given),
        )
    except SetupError as error:
        context = {**_context(_find(pk), given), "problem": error, "given": given}
        return render(request, "repositories/setup.html", context, status=422)
    if repository.uses_connection:
        _request_webhook(request, repository)
    return redirect("overview", slug=repository.slug)


def _request_webhook(request: HttpRequest, repository: Repository) -> None:
    """Queue the installation of the webhook of the forge whose connection is used."""
    row = git_access.forge_of(repository)
    if row and not row.webhook_id:
        url = webhook_url(request, row.connection.provider, repository.slug)
        connection_jobs.request_webhook(row, url, person_of(request))


@require_POST
@needs(Role.ADMINISTRATOR)
def cancel_setup(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an address that was not added."""
    setup = RepositorySetup.objects.filter(pk=pk).select_related("repository").first()
    if setup and setup.repository:
        messages.error(request, f"{setup.repository.name} has been added already.")
        return redirect("overview", slug=setup.repository.slug)
    if setup:
        repository_setup.cancel(setup)
        messages.success(request, f"{setup.url} was not added, and nothing about it was kept.")
    return redirect("add-repository")


def _find(pk: int) -> RepositorySetup:
    return get_object_or_404(RepositorySetup.objects.select_related("repository", "connection"), pk=pk)


def _context(setup: RepositorySetup, given: Mapping[str, str] | None = None) -> dict[str, Any]:
    job = repository_setup.active(setup).first()
    name = git_access.project_of(setup.url).rpartition("/")[2]
    return {
        "section": "add-repository",
        "setup": setup,
        "job": job,
        "trouble_title": Repository.Trouble(setup.trouble_kind).label if setup.trouble_kind else "",
        "name": name.rpartition(":")[2],
        "known": tracked_as(setup.url),
        "estimates": estimate_sentences(setup),
        "depth": depth_choices(
            given or {}, span_of_estimate(setup.estimate), partial(estimate_for, setup.estimate)
        ),
        "public_key": access_values.key_of(setup.access),
        "fingerprints": access_values.host_fingerprints(setup.access),
        "wants_credentials": needs_credentials(setup),
        "wants_key": needs_deploy_key(setup),
        "connections": git_access.connections_for(setup.url) if setup.state == State.FAILED else [],
    }


URLS = [
    path("add-repository/", add_repository, name="add-repository"),
    path("add-repository/<int:pk>/", setup_page, name="repository-setup"),
    path("add-repository/<int:pk>/live/", setup_live, name="repository-setup-live"),
    path("add-repository/<int:pk>/check/", check_setup, name="check-repository-setup"),
    path("add-repository/<int:pk>/finish/", finish_setup, name="finish-repository-setup"),
    path("add-repository/<int:pk>/cancel/", cancel_setup, name="cancel-repository-setup"),
]
