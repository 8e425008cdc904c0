"""What is forecast after its due date is reported once until it is back in time."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from compliance import tasks
from compliance.accounts.roles import Role
from compliance.models import Alert, NotificationSettings, Phase, RecordedForecast, Repository
from compliance.notifications.late_forecasts import follow_forecasts
from compliance.progress.forecast.recording import record_forecasts
from tests.notifications.conftest import Postbox, work
from tests.notifications.news import at_once, emitted, inbox
from tests.scanner.history import Commit, write_history
from tests.scans.factories import person
from tests.scans.upstream import NEW, OLD, PLAN, again, push, tracked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FILES = 12
BEGIN = PLAN.partition("issues:")[0]
HOME = "def get_it():\n    return 1\n\n\ndef make_it():\n    return 2\n"


def days(number: float) -> datetime:
    return timezone.now() + timedelta(days=number)


def plan(**due: int) -> str:
    """A plan with a phase for each file's folder, due in so many days."""
    phases = "".join(
        f"      - {{id: {name}, title: '{name} *phase*', paths: ['{name}/**'], due: {days(number).date()}}}\n"
        for name, number in due.items()
    )
    return f"{BEGIN}issues:\n  - key: '#1'\n    title: All\n    phases:\n{phases}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve files in each of two folders, of which one of `app` is fixed every five days, for 40 days."""
    files = {f"{name}/f{number}.py": OLD for name in ("app", "lib") for number in range(FILES)}
    begin = Commit({**files, "app/home.py": HOME}, when=f"{days(-50).timestamp():.0f} +0000")
    write_history(tmp_path / "r.git", [begin])
    for number in range(8):
        fix(tmp_path / "r.git", number, when=days(-40 + 5 * number))
    return tmp_path / "r.git"


def fix(folder: Path, *numbers: int, when: datetime | None = None, name: str = "app") -> None:
    at = f"{(when or days(0)).timestamp():.0f} +0000"
    push(folder, f"Fix {numbers}", when=at, **{f"{name}__f{number}": NEW for number in numbers})


def follow(at: float = 0) -> None:
    follow_forecasts(days(at))
    work()


def subjects() -> list[str]:
    return [event.detail.get("phase", "target") for event in emitted("forecast.late")]


def test_what_was_late_when_the_repository_was_added_is_not_news(folder: Path) -> None:
    tracked(folder, plan(app=2, lib=300))
    follow()
    follow()
    assert not subjects()
    assert "phase app" in Alert.objects.values_list("subject", flat=True)
    record_forecasts()
    follow()
    follow(1)
    assert not subjects()


def test_a_forecast_that_moves_after_the_due_date_is_reported_once(mail: Postbox, folder: Path) -> None:
    mia = person("mia", Role.MANAGER)
    NotificationSettings.objects.create(person=mia, digest_hour=0)
    person("eve")
    repository = tracked(folder, plan(app=60))
    follow()
    record_forecasts()
    assert not subjects()
    for day in range(50, 75, 5):  # nobody fixes anything, so the pace drops
        follow(day)
        record_forecasts(days(day))
    (event,) = emitted("forecast.late")
    assert event.phases == ["app"]
    assert event.detail["title"] == "app *phase*"
    assert event.detail["left"] == 9
    assert inbox() == [("mia", "forecast.late")]

    fix(folder, *range(8, FILES))
    push(folder, "Remove it", app__home="def make_it():\n    return 2\n")
    again(repository)
    follow(80)
    assert "phase app" not in Alert.objects.values_list("subject", flat=True)
    assert subjects() == ["app"]


def test_a_forecast_that_was_back_in_time_is_news_again(folder: Path) -> None:
    tracked(folder, plan(app=60))
    record_forecasts()
    follow(70)
    assert "app" in subjects()
    Phase.objects.update(due=days(3000).date())
    follow(71)
    assert not Alert.objects.exists()
    Phase.objects.update(due=days(60).date())
    follow(72)
    assert subjects().count("app") == 2


def test_a_repository_that_is_being_reevaluated_keeps_its_alerts(folder: Path) -> None:
    repository = tracked(folder, plan(app=60))
    record_forecasts()
    follow(70)
    Repository.objects.filter(pk=repository.pk).update(history_done=False)
    follow(71)
    Repository.objects.filter(pk=repository.pk).update(history_done=True)
    follow(72)
    assert subjects().count("app") == 1


def test_alerts_of_an_earlier_release_are_not_repeated(folder: Path) -> None:
    """The forecasts recorded by the earlier release show what was late already."""
    tracked(folder, plan(app=60))
    record_forecasts()
    record_forecasts(days(70))
    assert RecordedForecast.objects.filter(phase="app").count() == 2
    follow(71)
    assert not subjects()


def test_looks_at_the_same_time_report_once(folder: Path) -> None:
    tracked(folder, plan(app=60))
    record_forecasts()
    at_once(lambda: follow_forecasts(days(70)))
    assert subjects().count("app") == 1


def test_the_periodic_task_looks_now(folder: Path) -> None:
    tracked(folder, plan(app=2))
    tasks.look_at_forecasts()
    assert Alert.objects.exclude(fired_at=None).exists()
    assert not subjects()
