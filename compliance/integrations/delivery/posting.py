"""Sends an item as one HTTP request, and decides by the answer whether it is sent again."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from compliance.integrations.delivery.outcomes import RejectedError, Sent, UnacceptedError
from compliance.lib.outgoing import (
    Answer,
    RefusedAddressError,
    UnansweredError,
    UnreachableError,
    client,
)

_TEMPORARY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


def post(
    url: str,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    json_body: Any = None,
    body: bytes | None = None,
    refuse: Callable[[Answer], UnacceptedError] | None = None,
) -> Answer:
    """Send a request and return the answer if its status is 200 to 299.

    An answer of that kind that breaks off is returned without its body, because the request has arrived.
    `refuse` returns the error for an answer with another status, by default `refusal`.

    Raises:
        RejectedError: if the address isn't permitted, or the server won't accept the request later either.
        UnacceptedError: if the request may be accepted later.
    """
    try:
        answer = client().request(method, url, headers=headers, json_body=json_body, body=body)
    except RefusedAddressError as error:
        raise RejectedError(str(error)) from None
    except UnreachableError as error:
        raise UnacceptedError(str(error), unreachable=True) from None
    except UnansweredError as error:
        if error.status is not None and 200 <= error.status < 300:
            return Answer(error.status, {}, b"")
        raise UnacceptedError(str(error), may_have_arrived=True) from None
    if answer.is_success:
        return answer
    raise (refuse or refusal)(answer)


def refusal(answer: Answer) -> UnacceptedError:
    """Return the error for an answer whose status isn't 200 to 299."""
    words = f"The server replied with {answer.status}."
    wait = answer.retry_after()
    if wait is not None or answer.status in _TEMPORARY or answer.status >= 500:
        # A gateway that doesn't hear from the server in time says nothing about the request's fate.
        unclear = answer.status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
        if wait:
            words = f"{words} It asks to wait for {wait.total_seconds():.0f} s."
        return UnacceptedError(words, wait=wait, may_have_arrived=unclear)
    if 300 <= answer.status < 400:
        words = f"{words} It redirects to an address to which this isn't sent."
    return RejectedError(words)


def accepted(answer: Answer, remote_id: str = "") -> Sent:
    """Return what is recorded for an accepted request."""
    return Sent(f"The server replied with {answer.status}.", remote_id)
