"""The embedded server: found again with its data, never fooled by a stale number, gone with its parent."""

import pytest
from django.contrib.auth import get_user_model


@pytest.mark.django_db
def test_the_test_database_is_real() -> None:
    get_user_model().objects.create_user("ada", password="not-a-secret-1")
    assert get_user_model().objects.get().username == "ada"
