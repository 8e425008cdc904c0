"""The plan builder: forms and YAML edit one document, and an unedited form changes nothing."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group, User
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client

from compliance import jobs, scans
from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun
from compliance.models import Job, PlanDraft, PlanTrial, Repository
from compliance.queries.plan_builder import act, part_of, submitted
from compliance.queries.plan_builder.part import Field, Part
from compliance.queries.plan_builder.paths import parse
from compliance.queries.plan_builder.submission import Values
from compliance.scans import mirror, plan_trial, trial_progress
from compliance.scans.report_store import walking
from tests.scanner.history import write_history
from tests.scanner.planfile.generated_plans import document
from tests.scanner.shares import share
from tests.scans.factories import HISTORY
from tests.scans.upstream import PLAN
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGE = "/repositories/r/plan/builder/"
DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
EXAMPLE = (Path(__file__).parents[1] / "scanner" / "planfile" / "plans" / "example.yaml").read_text()


class Form(HTMLParser):
    """Collects what a browser would submit with the builder's form."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.field, self.select = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            value = re.sub(r"[\r\n]", "", found.get("value") or "")
            is_lost = found.get("type") == "date" and not DAY.fullmatch(value)
            self.values.setdefault(name, []).append("" if is_lost else value)
        elif tag == "textarea":
            self.field = name
            self.values.setdefault(name, [""])
        elif tag == "select":
            self.select = name
            self.values[name] = []
        elif tag == "option" and self.select and ("selected" in found or not self.values[self.select]):
            self.values[self.select] = [found.get("value") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.field = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.field:
            self.values[self.field][0] += data

    def __call__(self, **changes: Any) -> dict[str, Any]:
        values = {name: found for name, found in self.values.items() if name}
        values["text"] = [values["text"][0].removeprefix("\n")]
        return values | {name.replace("__", "/"): value for name, value in changes.items()}


@pytest.fixture
def ada(tmp_path: Path) -> Client:
    write_history(tmp_path / "r.git", HISTORY)
    scans.track(str(tmp_path / "r.git"), slug="r", plan=PLAN)
    run_jobs()
    client = Client()
    user = User.objects.create_user("ada")
    user.groups.add(Group.objects.get_or_create(name="manager")[0])
    client.force_login(user)
    return client


def form_of(client: Client, response: Any = None, address: str = PAGE) -> Form:
    page = response if response is not None else client.get(address)
    assert page.status_code == 200
    return Form(page.content.decode())


def submit(text: str, values: QueryDict) -> str:
    """Return the text after a form with these values was submitted."""
    return submitted(text, cast("Values", values))


def unedited(part: Part) -> QueryDict:
    """Return the submission of a form in which nothing was edited."""
    values = QueryDict(mutable=True)
    values["was"] = part.shown
    for field in [
        *part.fields,
        *(one for below in part.lists for item in below.items for one in item.fields),
    ]:
        if field.widget != "fixed":
            values.setlist(f"f/{field.name}", browsers(field, field.value))
        for role, risk in field.by_role:
            values[f"f/{field.name}/{role}"] = browsers(field, risk)[0]
    return values


def browsers(field: Field, value: Any) -> list[str]:
    """Return what a browser submits for an input that holds a value, as far as it can hold it."""
    options = [option for option, _ in field.choices]
    match field.shown_as:
        case "checkboxes":
            return [option for option in options if option in value]
        case "select" | "risk":
            first = [""] if field.widget == "risk" or not field.is_required or not field.value else []
            return [value if value in options else next(iter([*first, *options]), "")]
        case "lines" | "paragraph":
            return ["\r\n".join(re.split(r"\r\n|\r|\n", value))]
        case "date":
            return [value if DAY.fullmatch(value) else ""]
        case "checkbox":
            return list(value)
        case _:
            return [re.sub(r"[\r\n]", "", value)]


def parts(text: str) -> list[str]:
    found = scans.PlanDocument(text).plain()
    paths = ["", *(f"categories/{name}" for name in found["categories"])]
    for key in ("rules", "issues", "risk_overrides"):
        paths += [f"{key}/{place}" for place in range(len(found.get(key, ())))]
    for place, issue in enumerate(found["issues"]):
        paths += [f"issues/{place}/phases/{number}" for number in range(len(issue.get("phases", ())))]
    return paths


@pytest.mark.parametrize("batch", range(10))
def test_the_unedited_forms_of_generated_documents_change_nothing(batch: int) -> None:
    for seed in range(batch, share(500), 10):
        text = document(seed)
        shown = scans.PlanDocument(text)
        for path in parts(text):
            part = part_of(shown, parse(path))
            assert part is not None, path
            assert submit(text, unedited(part)) == text


ODD = """\
version: 1
name: Odd
scope:
categories:
  2024: [old/**]
  unit: [tests/**]
compliance_counts: [unit, production, unit]
rules:
  - id: typo
    kind: singletn
    names: ["*Registry"]
    risk: hihg
    message: |  # two lines
      Why it matters.
      And what to do.
  - id: roles
    kind: pattern
    pattern: f($A)
    risk: {match: hihg, call: low}
issues:
  - key: "#1"
    title: >
      One line, and its end
    phases:
      - {id: first, title: First, start: 2026-02-30, due: soon, rules: [typo, typo]}
"""


WHY = "Why it matters.\n      And what to do."


def test_unedited_forms_keep_what_a_plan_may_not_contain() -> None:
    shown = scans.PlanDocument(ODD)
    for path in ("", "categories/2024", "rules/0", "rules/1", "issues/0", "issues/0/phases/0"):
        part = part_of(shown, parse(path))
        assert part is not None, path
        assert submit(ODD, unedited(part)) == ODD


@pytest.mark.parametrize(
    ("path", "field", "value", "old", "new"),
    [
        ("rules/0", "rules/0/risk", ["low"], "risk: hihg", "risk: low"),
        ("rules/0", "rules/0/kind", ["singleton"], "singletn", "singleton"),
        ("rules/0", "rules/0/message", ["Why?\r\n# So.\r\n"], WHY, "Why?\n      # So."),
        ("rules/0", "rules/0/message", ["Why"], f"|  # two lines\n      {WHY}", "Why  # two lines"),
        ("rules/1", "rules/1/risk/match", ["high"], "match: hihg", "match: high"),
        ("issues/0", "issues/0/title", ["Another\r\n"], "One line, and its end", "Another"),
        ("issues/0/phases/0", "issues/0/phases/0/due", ["2026-09-30"], "soon", "2026-09-30"),
        ("categories/2024", "categories/2024", ["older/**"], "old/**", "older/**"),
        ("", "compliance_counts", ["unit", "production", "2024"], "n, unit]", 'n, unit, "2024"]'),
        ("", "scope/include", ["src/**"], "scope:", 'scope:\n  include: [src/**]'),
    ],
)  # fmt: skip
def test_an_edit_beside_what_a_plan_may_not_contain_changes_nothing_else(
    path: str, field: str, value: list[str], old: str, new: str
) -> None:
    part = part_of(scans.PlanDocument(ODD), parse(path))
    assert part is not None
    values = unedited(part)
    values.setlist(f"f/{field}", value)
    assert submit(ODD, values) == ODD.replace(old, new, 1)


def test_each_input_holds_its_value() -> None:
    for path in ("rules/0", "issues/0", "issues/0/phases/0"):
        part = part_of(scans.PlanDocument(ODD), parse(path))
        assert part is not None
        for field in part.fields:
            form = Form(render_to_string("plan/builder/field.html", {"field": field}))
            held = [
                text.removeprefix("\n").replace("\n", "\r\n")
                for text in form.values.get(f"f/{field.name}", [])
            ]
            assert set(held) == set(browsers(field, field.value)), field.name


def test_a_category_of_digits_is_moved_renamed_and_removed() -> None:
    assert act(ODD, "down:categories/2024", "").text.index("unit:") < ODD.index("unit:")
    assert '  "2025": [old/**]' in act(ODD, "rename:categories/2024", "", "2025").text
    assert act(ODD, "remove:categories/2024", "").text == ODD.replace("  2024: [old/**]\n", "")


@pytest.mark.parametrize("name", ["a/b", "a b", "é", "-a", ""])
def test_a_name_that_no_category_may_have_is_refused(name: str) -> None:
    for action in ("add:categories", "rename:categories/unit", "add:suites"):
        with pytest.raises(scans.EditError, match="name"):
            act(ODD, action, "", name)


def test_an_edited_field_changes_its_line_alone() -> None:
    part = part_of(scans.PlanDocument(EXAMPLE), ("rules", 4))
    assert part is not None
    values = unedited(part)
    values["f/rules/4/position"] = "2"
    new = submit(EXAMPLE, values)
    assert new == EXAMPLE.replace("    position: 1  ", "    position: 2  ")
    values["f/rules/4/position"] = ""
    lines = [line for line in EXAMPLE.splitlines(keepends=True) if not line.startswith("    position: 1")]
    assert submit(EXAMPLE, values) == "".join(lines)
    values = unedited(part)
    values["f/rules/4/risk/absent"] = "low"
    assert scans.PlanDocument(submit(EXAMPLE, values)).plain(("rules", 4, "risk")) == {"absent": "low"}
    values = unedited(part)
    values["f/rules/4/kind"] = "singleton"
    changed = scans.PlanDocument(submit(EXAMPLE, values)).plain(("rules", 4))
    assert changed == {"id": "agent-without-context", "kind": "singleton", "risk": "high"}


def test_a_renamed_category_is_renamed_where_it_is_used() -> None:
    done = act(EXAMPLE, "rename:categories/golden_path", "categories/golden_path", "golden")
    plan = scans.read_plan(done.text, "plan")
    assert next(iter(plan.categories)) == "golden"
    assert plan.issues[0].phases[0].categories == ("golden",)


def test_everything_can_be_added_and_removed() -> None:
    text, part = 'version: 1\nname: n\nrules:\n  - {id: a, kind: pattern, pattern: "x"}\n', ""
    for kind in scans.kinds():
        done = act(text, "add:rules", part, kind.kind)
        text = done.text
        scans.read_plan(text, "plan")
    for action, extra in (
        ("add:issues", ""),
        ("add:issues/0/phases", ""),
        ("add:issues/0/phases", ""),
        ("add:issues/0/steps", ""),
        ("add:categories", "unit"),
        ("add:categories", "e2e"),
        ("add:suites", "leaks"),
        ("add:risk_overrides", ""),
        *(("add:issues/0/phases/0/criteria", kind) for kind in ("violations", "compliance", "tests")),
        *(("add:issues/0/phases/0/criteria", kind) for kind in ("measurement", "approval")),
    ):
        text = act(text, action, part, extra).text
        if "measurement" not in extra:
            assert scans.PlanDocument(text)
    full = text
    done = act(full, "down:issues/0/phases/0", "issues/0/phases/0")
    assert done.part == "issues/0/phases/1"
    assert "number 2 of 2" in done.told
    assert act(done.text, "up:issues/0/phases/1", done.part).text == full
    for action in (
        "remove:issues/0/phases/0",
        "remove:issues/0",
        "remove:categories/unit",
        "remove:suites/leaks",
    ):
        text = act(text, action, "").text
    scans.read_plan(act(text, "remove:risk_overrides/0", "").text, "plan")


def test_the_page_edits_one_document(ada: Client) -> None:
    form = form_of(ada)
    assert form.values["text"][0].removeprefix("\n") == PLAN
    opened = form_of(ada, ada.post(f"{PAGE}edit/", form(do="open:rules/0")))
    name = next(name for name in opened.values if name.endswith("rules/0/message"))
    edited = form_of(ada, ada.post(f"{PAGE}edit/", opened(**{name: "Why: it is shared"})))
    text = edited()["text"][0]
    assert '"Why: it is shared"' in text
    assert scans.read_plan(text, "plan").rules[0].message == "Why: it is shared"
    broken = ada.post(f"{PAGE}edit/", edited(text=text.replace("kind:", "kinds:", 1))).content.decode()
    assert "unknown key" in broken
    assert (
        "Checked: no problems. The plan has" in ada.post(f"{PAGE}edit/", edited(do="check")).content.decode()
    )
    assert ada.post(f"{PAGE}edit/", edited(do="preview", text="a: [")).status_code == 422
    assert ada.post(f"{PAGE}edit/", edited(do="preview")).status_code == 302
    made = PlanDraft.objects.get()
    assert made.text.rstrip() == text.rstrip()
    assert html.escape("Why: it is shared") in ada.get(f"{PAGE}?draft={made.pk}").content.decode()


def test_the_roadmap_leads_to_the_dates_of_the_first_phase_without_a_due_date(ada: Client) -> None:
    overview = ada.get("/repositories/r/").content.decode()
    address = re.search(r'href="([^"]+)">Set dates<', overview)
    assert address is not None
    opened = ada.get(address[1]).headers["Location"]
    assert opened == f"{PAGE}?dates=&part=issues%2F0%2Fphases%2F0#field-issues-0-phases-0-start"
    assert f'id="{opened.partition("#")[2]}"' in ada.get(opened).content.decode()
    dated = PLAN.replace('{id: first, title: "Calls"', '{id: first, title: "Calls", due: 2030-01-31')
    draft = ada.post(f"{PAGE}edit/", form_of(ada)(do="preview", text=dated)).headers["Location"]
    made = PlanDraft.objects.get()
    assert str(made.pk) in draft
    opened = ada.get(f"{PAGE}?draft={made.pk}&dates=1").headers["Location"]
    assert f"draft={made.pk}&dates=&part=issues%2F0%2Fphases%2F1#" in opened


def test_two_managers_lose_nothing(ada: Client) -> None:
    mine = form_of(ada)
    changed = PLAN.replace("rules:", "target_percent: 50\nrules:", 1)
    theirs = ada.post(f"{PAGE}edit/", form_of(ada)(do="preview", text=changed)).headers["Location"]
    assert ada.post(f"{theirs}adopt/").status_code == 302
    shown = ada.post(f"{PAGE}edit/", mine(do="check")).content.decode()
    assert "since you began" in shown
    late = ada.post(f"{PAGE}edit/", mine(do="preview")).headers["Location"]
    run_jobs()
    assert "has changed since this draft" in ada.get(late).content.decode()
    ada.post(f"{late}adopt/")
    assert PlanDraft.objects.filter(version__isnull=False).count() == 1


def test_a_trial_counts_what_a_full_scan_counts(ada: Client) -> None:
    form = form_of(ada, ada.post(f"{PAGE}edit/", form_of(ada)(do="open:rules/0")))
    shown = ada.post(f"{PAGE}edit/", form(do="try:rules/0"))
    assert "Trying" in shown.content.decode()
    run_jobs()
    trial = PlanTrial.objects.get()
    repository = Repository.objects.select_related("plan").get()
    assert repository.plan is not None
    assert trial.outcome is not None
    recorded = repository.plan.violations.filter(last=None, suppressed=False, rule=trial.rule)
    assert trial.outcome["places"] == recorded.count() > 0
    assert trial.outcome["files"] == recorded.values("file").distinct().count()
    page = ada.get(f"/repositories/r/plan/trials/{trial.pk}/live/").content.decode()
    assert re.search(rf"{trial.outcome['places']} places? in {trial.outcome['files']} file", page)
    assert "every 500ms" not in page
    assert f"{trial.outcome['examples'][0]['path']}:{trial.outcome['examples'][0]['line']}" in page


def test_a_trial_that_takes_long_says_what_it_has_found_and_ends_when_its_rule_changes(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_progress, "SLICE", 2)
    form = form_of(ada, ada.post(f"{PAGE}edit/", form_of(ada)(do="open:rules/0")))
    changed = PLAN.replace("get_it", "get_other")
    form = form_of(ada, ada.post(f"{PAGE}edit/", form(do="try:rules/0", text=changed)))
    trial = PlanTrial.objects.get()
    job = claim("test")
    assert job is not None
    monkeypatch.setattr(jobs.stopping, "value", True)
    with pytest.raises(jobs.StoppedError):  # after the first files, as a worker that is being stopped
        plan_trial.trial(JobRun(job))
    monkeypatch.setattr(jobs.stopping, "value", False)

    trial.refresh_from_db()
    assert trial.outcome is not None
    assert (trial.outcome["is_complete"], trial.outcome["read"]) == (False, 2)
    assert trial.outcome["total"] > 2
    live = ada.get(f"/repositories/r/plan/trials/{trial.pk}/live/").content.decode()
    assert f"At least {trial.outcome['places']} place" in live
    assert f"2 of {trial.outcome['total']} files have been read" in live
    assert "every 500ms" in live

    shown = ada.post(f"{PAGE}edit/", form(do="check", text=f"{changed}# more\n")).content.decode()
    assert "Trying" not in shown
    assert not PlanTrial.objects.exists()
    assert plan_trial.trial(JobRun(job)), "the next attempt has nothing to do"


def test_what_a_trial_has_found_so_far_is_at_most_what_it_finds(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_progress, "SLICE", 1)
    monkeypatch.setattr(trial_progress, "SHOW_EVERY", 0)
    repository = Repository.objects.get()
    shown: list[tuple[int, int]] = []
    plan = scans.read_plan(PLAN, "plan")
    with mirror.read_newest(repository) as (git, sha), walking(git, plan) as walker:
        keys = walker.wanted(None, sha)
        trial_progress.read_in_slices(
            walker, plan, sha, "shared", lambda found: shown.append((found.read, found.places))
        )
        files = next(walker.walk([sha])).files
        found = sum(len(result.findings) for _, result in files.items())

    assert [read for read, _ in shown] == list(range(1, len(keys) + 1))
    assert [places for _, places in shown] == sorted(places for _, places in shown)
    assert 0 < shown[-1][1] <= found


@pytest.mark.parametrize(("error", "words"), [("No space left.", "No space left."), ("", "without a result")])
def test_a_trial_whose_job_was_given_up_has_failed_and_the_page_stops_asking(
    ada: Client, error: str, words: str
) -> None:
    repository, person = Repository.objects.get(), User.objects.get()
    trial = scans.try_rule(repository, PLAN, "shared", person)
    page = f"/repositories/r/plan/trials/{trial.pk}/live/"
    assert "every 500ms" in ada.get(page).content.decode()

    Job.objects.filter(kind="trial", key=str(trial.pk)).update(state=Job.State.BURIED, error=error)

    shown = ada.get(page).content.decode()
    assert words in shown.partition("The trial failed:")[2]
    assert "hx-get" not in shown


def test_a_trial_names_the_rules_that_report_the_same_places(ada: Client) -> None:
    plan = scans.PlanDocument(PLAN)
    rule = dict(plan.plain(("rules", 0)), id="twice")
    text = scans.apply_edit(PLAN, scans.PlanEdit("insert", ("rules",), rule, 1))
    repository, person = Repository.objects.get(), User.objects.get()
    for name, other in (("twice", plan.plain(("rules", 0))["id"]), (plan.plain(("rules", 0))["id"], "twice")):
        trial = scans.try_rule(repository, text, name, person)
        run_jobs()
        trial.refresh_from_db()
        assert trial.outcome is not None
        assert [(row["rule"], row["places"]) for row in trial.outcome["overlaps"]] == [
            (other, trial.outcome["places"])
        ]


def test_engineers_may_not_edit(ada: Client) -> None:
    ben = Client()
    ben.force_login(User.objects.create_user("ben"))
    assert ben.get(PAGE).status_code == 403
    assert ben.post(f"{PAGE}edit/", {"text": PLAN}).status_code == 403
