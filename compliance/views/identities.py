"""The section of the account page in which people add the addresses and handles under which they commit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from compliance.accounts.roles import person_of
from compliance.models import Address, Handle
from compliance.people.own_identities import IdentityError, add_address, add_handle


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add an e-mail address (`email`) or a handle (`handle`, with its `forge`) to the person's own."""
    person = person_of(request)
    try:
        if "email" in request.POST:
            words = f"Commits by {add_address(person, request.POST['email'])} count as yours now."
        else:
            handle = add_handle(person, request.POST.get("forge", ""), request.POST.get("handle", ""))
            words = f"{handle} is yours now."
    except IdentityError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("account")


@require_POST
def remove_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of the person's own addresses."""
    get_object_or_404(Address, pk=pk, person__account=person_of(request)).delete()
    return redirect("account")


@require_POST
def remove_handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of the person's own handles."""
    get_object_or_404(Handle, pk=pk, person__account=person_of(request)).delete()
    return redirect("account")


URLS = [
    path("account/identities/", add, name="add-identity"),
    path("account/addresses/<int:pk>/remove/", remove_address, name="remove-address"),
    path("account/handles/<int:pk>/remove/", remove_handle, name="remove-handle"),
]
