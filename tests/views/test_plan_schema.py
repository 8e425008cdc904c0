"""The address of the JSON Schema: editors load it without signing in, and only when it has changed."""

import pytest
from django.test import Client

from scanner.planfile.json_schema import json_schema

pytestmark = pytest.mark.django_db


def test_anybody_gets_the_schema_and_a_304_afterwards() -> None:
    response = Client().get("/plan-schema.json")
    assert response.json() == json_schema()
    assert response["Content-Type"] == "application/schema+json"
    again = Client().get("/plan-schema.json", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
