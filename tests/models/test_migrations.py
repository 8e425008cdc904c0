"""The migrations lead to the models as they are now."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_the_migrations_make_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", "compliance", "--check", "--dry-run", "--no-input")
    assert "No changes detected" in capsys.readouterr().out
