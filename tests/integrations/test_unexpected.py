"""What a payload and an API may contain that nobody expects: a mirror's path, an action that is no text, and
characters that can't be stored.
"""

import json

import pytest

from compliance.integrations.api import ApiError, text_at
from compliance.lib.outgoing import Answer
from compliance.models import Attachment, Connection, Issue, Repository
from tests.integrations.sender import payload, send

pytestmark = pytest.mark.django_db


def mirrored() -> Repository:
    """A repository that is cloned from a mirror, and attached to the forge's original."""
    shop = Repository.objects.create(
        slug="platform", name="Platform", url="https://mirror.example.org/copies/platform.git", branch="main"
    )
    Issue.objects.create(repository=shop, key="#183", title="As in the plan", order=0)
    return shop


def test_a_repository_has_the_name_with_which_a_connection_is_attached() -> None:
    shop, name = mirrored(), json.loads(payload("issues__opened"))["repository"]["full_name"]
    assert "Ignored: the webhook is about" in send(shop, "issues__opened", "1").json()["message"]
    hub = Connection.objects.create(
        slug="hub", name="Hub", provider="github", api_url="https://x.example.org"
    )
    Attachment.objects.create(repository=shop, connection=hub, kind=Attachment.Kind.FORGE, project=name)
    assert send(shop, "issues__opened", "2").json()["message"] == "Issue #183 is open."


@pytest.mark.parametrize("action", [[], {}, None, 7])
def test_an_action_that_is_no_text_is_refused_with_the_field(action: object) -> None:
    body = json.dumps({**json.loads(payload("issues__opened")), "action": action}).encode()
    answer = send(mirrored(), "issues__opened", body=body)
    assert (answer.status_code, "'action'" in answer.json()["message"]) == (400, True)


def test_an_answer_with_characters_that_no_column_stores_is_an_error() -> None:
    with pytest.raises(ApiError, match="Lab answered with unreadable characters in 'id'"):
        text_at({"id": "7\0"}, "id", "Lab")


def test_an_answer_that_is_nested_too_deeply_is_not_json() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        Answer(200, {}, b"[" * 200_000 + b"]" * 200_000).json()
