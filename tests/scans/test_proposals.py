"""A plan is proposed by a job from the mirror, chosen on the page, previewed and activated."""

import re
import shutil
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance import scans, tasks
from compliance.accounts.roles import Role
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Job, PlanDraft, PlanProposal, Repository
from compliance.scans.mirror import folder
from scanner import read_plan
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import person
from tests.scans.upstream import PLAN, push
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AT = "/repositories/shop/plan/proposals/"
OLD = '''\
import warnings


def load(path):
    """Read a file."""
    warnings.warn("load is deprecated; use read_file() instead", DeprecationWarning, stacklevel=2)
    return read_file(path)


def read_file(path):
    return path
'''
FILES = {
    "shop/__init__.py": "",
    "shop/files.py": OLD,
    "shop/cart.py": "from shop.files import load\n\n\ndef cart():\n    return load('cart')\n",
    "shop/till.py": "from shop.files import read_file\n\nread_file('till')\n",
    "tests/test_cart.py": "from shop.files import load\n\n\ndef test_load():\n    assert load('x')\n",
}
KEY = "deprecated:shop.files::load"


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A repository without a plan, as an administrator has just added it."""
    write_history(tmp_path / "shop.git", (Written(FILES),))
    repository = scans.track(str(tmp_path / "shop.git"), slug="shop")
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan is None
    assert repository.trouble_kind == Repository.Trouble.NO_PLAN
    return repository


def manager() -> Client:
    client = Client()
    client.force_login(person("mia", Role.MANAGER))
    return client


def test_a_repository_without_a_plan_gets_one_from_its_own_code(shop: Repository) -> None:
    client = manager()

    assert "The search waits for its turn" in client.get(AT).content.decode()
    assert Job.objects.filter(kind="propose", person__username="mia").count() == 1
    run_jobs()

    (candidate,) = PlanProposal.objects.get().candidates
    assert candidate["key"] == KEY
    assert candidate["title"] == "load → read_file"
    assert (candidate["places"], candidate["files"], candidate["production_places"]) == (4, 2, 2)
    assert candidate["percent"] == 50.0  # shop/files.py defines it, shop/cart.py uses it
    page = client.get(AT).content.decode()
    assert "load → read_file" in page
    assert "3 in 2 files" not in page, "tests aren't counted by the percentage beside it"
    assert "Uses in production" in page
    ticked = re.search(r'name="candidate"[^>]*\bchecked', page)
    assert not ticked, "one file is no migration that is worth a plan"
    assert "return load(&#x27;cart&#x27;)" in page

    answer = client.post(f"{AT}draft/", {"candidate": [KEY]})
    made = PlanDraft.objects.get()
    assert read_plan(made.text, "plan").name == "load → read_file"
    assert answer.headers["Location"] == f"/repositories/shop/plan/drafts/{made.pk}/"
    run_jobs()
    made.refresh_from_db()
    assert made.outcome is not None
    assert made.outcome["after"]["percent"] == candidate["percent"]

    preview = client.get(f"/repositories/shop/plan/drafts/{made.pk}/").content.decode()
    assert "This is the repository's first plan." in preview
    assert "keep_here" not in preview
    client.post(f"/repositories/shop/plan/drafts/{made.pk}/adopt/")
    shop.refresh_from_db()
    assert (shop.trouble, shop.plan_path) == ("", ""), "before the next scan, too"
    run_jobs()
    shop.refresh_from_db()
    assert shop.plan is not None
    assert shop.head is not None
    assert shop.plan.violations.count() > 0


@pytest.mark.parametrize("kind", [Repository.Trouble.PLAN, ""])
def test_a_plan_in_the_repository_is_left_only_on_request(shop: Repository, kind: str) -> None:
    client, mia = manager(), User.objects.get(username="mia")
    made = scans.draft(shop, PLAN, mia)
    Repository.objects.update(trouble_kind=kind)

    at = f"/repositories/shop/plan/drafts/{made.pk}/adopt/"
    page = client.post(at, follow=True).content.decode()

    assert "Nothing was activated." in page
    shop.refresh_from_db()
    assert (shop.chosen_plan, shop.plan_path) == (None, "ssot-plan.yaml")
    client.post(at, {"keep_here": "1"})
    shop.refresh_from_db()
    assert (shop.chosen_plan is not None, shop.plan_path) == (True, "")


def test_candidates_are_added_to_a_plan_that_stays_as_it_is(shop: Repository) -> None:
    client, mia = manager(), User.objects.get(username="mia")
    scans.adopt(scans.draft(shop, PLAN, mia), mia)
    Repository.objects.update(plan_path="")
    run_jobs()
    client.get(AT)
    run_jobs()

    client.post(f"{AT}draft/", {"candidate": [KEY]})

    text = PlanDraft.objects.latest("pk").text
    steps = SequenceMatcher(None, PLAN.rstrip("\n").split("\n"), text.rstrip("\n").split("\n"), False)
    assert {tag for tag, *_ in steps.get_opcodes()} == {"equal", "insert"}
    plan, before = read_plan(text, "new"), read_plan(PLAN, "old")
    assert plan.rules[: len(before.rules)] == before.rules
    assert plan.rules[-1].options["symbols"] == ("shop.files.load",)
    assert plan.issues[-1].phases[0].rules == (plan.rules[-1].id,)

    run_jobs()
    scans.adopt(PlanDraft.objects.latest("pk"), mia)
    run_jobs()
    assert "1 candidate was found; the current plan already has it." in client.get(AT).content.decode()


def test_a_search_again_finds_what_was_pushed_since(shop: Repository, tmp_path: Path) -> None:
    client = manager()
    client.get(AT)
    run_jobs()
    push(tmp_path / "shop.git", "Use it twice", shop__more="from shop.files import load\nload('more')\n")
    scans.track(shop.url, slug="shop")
    run_jobs()

    client.post(f"{AT}search/")
    run_jobs()

    (candidate,) = PlanProposal.objects.get().candidates
    assert candidate["production_places"] == 4


def test_a_failure_is_told_with_its_reason(shop: Repository, tmp_path: Path) -> None:
    client = manager()
    (tmp_path / "shop.git").rename(tmp_path / "moved.git")
    shutil.rmtree(folder(shop))

    client.get(AT)
    job = claim("test")
    assert job is not None
    take(job, tasks.KINDS)

    assert "shop.git" in PlanProposal.objects.get().trouble
    waiting = client.get(AT).content.decode()
    assert "shop.git" in waiting  # it is tried again, and says what went wrong

    Job.objects.filter(kind="propose").update(state=Job.State.BURIED)
    assert "Nothing could be proposed" in client.get(AT).content.decode()
    (tmp_path / "moved.git").rename(tmp_path / "shop.git")
    client.post(f"{AT}search/")
    run_jobs()
    assert "load → read_file" in client.get(AT).content.decode()


def test_a_viewer_sees_candidates_and_cannot_search(shop: Repository) -> None:
    client = Client()
    client.force_login(person("vic", Role.VIEWER))

    client.get(AT)

    assert not Job.objects.filter(kind="propose").exists()
    assert client.post(f"{AT}search/").status_code == 403
    assert client.post(f"{AT}draft/", {"candidate": [KEY]}).status_code == 403


def test_without_a_choice_nothing_is_drafted_and_the_reason_is_told(shop: Repository) -> None:
    client = manager()
    client.get(AT)
    run_jobs()

    page = client.post(f"{AT}draft/", follow=True).content.decode()

    assert "Choose at least one candidate." in page
    page = client.post(f"{AT}draft/", {"candidate": ["nothing"]}, follow=True).content.decode()
    assert "None of the chosen candidates is in the newest proposal" in page
    assert not PlanDraft.objects.exists()
