"""A plan that a person chose on the page isn't replaced from the command line unless that is asked for."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from compliance import scans
from compliance.accounts.roles import Role
from compliance.models import Marker, Repository
from tests.scans.factories import OTHER, person
from tests.scans.upstream import PLAN, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def activated(folder: Path) -> Repository:
    """Track a repository with one plan and activate another one on the page."""
    repository = tracked(folder)
    made = scans.draft(repository, OTHER, person("max", Role.MANAGER))
    run_jobs()
    scans.adopt(made, person("eve", Role.MANAGER))
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan is not None
    assert repository.plan.number == 2
    return repository


def test_the_plan_of_the_page_is_kept_and_the_refusal_says_how_to_replace_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository, file = activated(folder), tmp_path / "old.yaml"
    file.write_text(PLAN)

    with pytest.raises(CommandError, match=r"version 2, was edited on its page by eve .* --replace-plan"):
        call_command("track", str(folder), plan=str(file))
    call_command("track", str(folder), plan=str(file), keep_plan=True, verbosity=0)
    assert "--replace-plan" in capsys.readouterr().out
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan is not None
    assert repository.plan.number == 2
    assert Marker.objects.filter(kind=Marker.Kind.PLAN).count() == 1

    call_command("track", str(folder), plan=str(file), replace_plan=True)
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan is not None
    assert repository.plan.number == 1
    assert Marker.objects.filter(kind=Marker.Kind.PLAN).count() == 2


def test_the_same_plan_again_replaces_nothing(folder: Path, tmp_path: Path) -> None:
    activated(folder)
    (tmp_path / "same.yaml").write_text(OTHER)
    call_command("track", str(folder), plan=str(tmp_path / "same.yaml"))
