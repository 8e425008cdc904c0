"""Error pages in the product's look."""

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, permission_denied, server_error

from tests.views.cast import World


def test_an_unknown_address_says_which(ada: Client, netra: World) -> None:
    answer = ada.get("/no/such/<page>/")

    assert answer.status_code == 404
    assert "/no/such/&lt;page&gt;/" in answer.content.decode()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda r: bad_request(r, ValueError()), "Bad request"),
        (lambda r: permission_denied(r, PermissionError("Only staff.")), "Access denied"),
        (server_error, "Something went wrong"),
    ],
)
def test_each_error_has_its_page(answer: object, words: str) -> None:
    page = answer(RequestFactory().get("/")).content.decode()  # type: ignore[operator]

    assert words in page
    assert "css/base.css" in page
