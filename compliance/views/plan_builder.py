"""The plan builder: the plan as forms beside its YAML, both of which edit one document."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from compliance import scans
from compliance.accounts.roles import Role, demand, needs, person_of
from compliance.lib.parsing import number_in
from compliance.lib.wording import count_of, join_names
from compliance.models import PlanTrial, PlanVersion, Repository
from compliance.queries.plan_builder import act, field_id, outline, part_of, submitted
from compliance.queries.plan_builder.paths import of_problem, parse, written
from compliance.queries.plans import draft_of, version_of
from compliance.views.lookup import find_repository

STARTER = 'version: 1\nname: "{name}"\n\nrules:\n  - {{id: pattern, kind: pattern, pattern: "TODO($$$)"}}\n'
"""What the builder shows for a repository without a plan."""


@dataclass
class State:
    """What is edited: the text, the path of the open part, and the version that the person began with."""

    repository: Repository
    text: str
    part: str
    base: PlanVersion | None
    refusal: str = ""
    told: str = ""
    trial: PlanTrial | None = None


@require_safe
@needs(Role.MANAGER)
def builder(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the builder. `draft` or `version` selects a text to edit instead of the current one, `part` the
    part that is open, and `dates` the dates of the first phase that has no due date.
    """
    repository = find_repository(slug)
    base = scans.current(repository)
    text = base.text if base else STARTER.format(name=repository.name.replace('"', ""))
    if number := request.GET.get("draft"):
        made = draft_of(repository, number_in(number))
        text, base = made.text, made.base
    elif number := request.GET.get("version"):
        text = version_of(repository, number_in(number)).text
    if request.GET.get("dates") and (phase := _without_date(text)):
        query = urlencode({**request.GET.dict(), "part": phase, "dates": ""})
        return redirect(f"{request.path}?{query}#{field_id(f'{phase}/start')}")
    return _page(request, State(repository, text, request.GET.get("part", ""), base))


def _without_date(text: str) -> str:
    """Return the path of the first phase of a plan that has no due date, or of its first one if all have."""
    issues = scans.PlanDocument(text).plain(("issues",)) or ()
    phases = {
        f"issues/{place}/phases/{number}": phase
        for place, issue in enumerate(issues)
        for number, phase in enumerate(issue.get("phases") or ())
    }
    return next((path for path, phase in phases.items() if not phase.get("due")), next(iter(phases), ""))


@require_POST
@needs(Role.MANAGER)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Apply the submitted form to the submitted text and show the result; `do` is the button used."""
    repository = find_repository(slug)
    state = _state(request, repository)
    action = request.POST.get("do", "")
    try:
        state.text = submitted(state.text, request.POST)
        done = act(state.text, action, state.part, request.POST.get(f"extra/{action.partition(':')[2]}", ""))
        state.text, state.part, state.told = done.text, done.part, done.told
    except scans.EditError as error:
        state.refusal = f"{str(error)[:1].upper()}{str(error)[1:]}"
    except scans.PlanError:
        pass  # the page shows the problems
    if state.trial and (state.text != state.trial.text or action.startswith("try:")):
        scans.cancel_trial(state.trial)
        state.trial = state.trial if state.trial.pk else None
    if action == "preview" and not state.refusal:
        return _preview(request, state)
    if action == "check" and not state.refusal:
        state.told = _checked(state.text)
    if action.startswith("try:") and not state.refusal:
        state.trial = _try(request, state)
    return _page(request, state)


def _checked(text: str) -> str:
    """Say what a check of the text found."""
    try:
        plan = scans.read_plan(text, "plan")
    except scans.PlanError as error:
        return f"Checked: {count_of(len(error.problems), 'problem')}, listed above the forms."
    phases = sum(len(issue.phases) for issue in plan.issues)
    parts = (
        count_of(len(plan.rules), "rule"),
        count_of(len(plan.issues), "issue"),
        count_of(phases, "phase"),
    )
    return f"Checked: no problems. The plan has {join_names(parts)}."


def _state(request: HttpRequest, repository: Repository) -> State:
    number = number_in(request.POST.get("base", ""))
    base = repository.plans.filter(number=number).first() if number else None
    text = request.POST.get("text", "").replace("\r\n", "\n")
    trial = repository.trials.filter(pk=number_in(request.POST.get("trial", "")) or 0).first()
    return State(repository, text, request.POST.get("part", ""), base, trial=trial)


def _preview(request: HttpRequest, state: State) -> HttpResponse:
    try:
        made = scans.draft(state.repository, state.text, person_of(request), state.base)
    except scans.PlanError:
        state.refusal = "Nothing was saved. Fix the problems below, then preview again."
        return _page(request, state, status=422)
    if request.headers.get("HX-Request"):
        address = reverse("plan-draft", args=(state.repository.slug, made.pk))
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect("plan-draft", slug=state.repository.slug, pk=made.pk)


def _try(request: HttpRequest, state: State) -> PlanTrial | None:
    place = parse(state.part)
    try:
        rules = scans.PlanDocument(state.text).plain(place[:1])
        rule = rules[place[1]]["id"]
        return scans.try_rule(state.repository, state.text, str(rule), person_of(request))
    except (scans.PlanError, IndexError, KeyError, TypeError):
        state.refusal = "Fix the problems below, then try the rule again."
        return None


def _page(request: HttpRequest, state: State, status: int = 200) -> HttpResponse:
    problems = _problems(state.text)
    current = scans.current(state.repository)
    context: dict[str, Any] = {
        "repository": state.repository,
        "section": "settings",
        "state": state,
        "problems": problems,
        "trial_state": scans.trial_state(state.trial) if state.trial else None,
        "outdated": current if current and current.pk != (state.base.pk if state.base else None) else None,
        **_document(state, problems),
    }
    # The browser shows the page either way; htmx inserts only what has succeeded.
    shown = 200 if request.headers.get("HX-Request") else status
    return render(request, "plan/builder/page.html", context, status=shown)


def _document(state: State, problems: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        document = scans.PlanDocument(state.text)
    except scans.PlanError:
        return {"groups": [], "part": None, "unreadable": True}
    pairs = [(row["key"], row["message"]) for row in problems]
    part = part_of(document, parse(state.part), pairs)
    if part is None:
        state.part = ""
        part = part_of(document, (), pairs)
    groups = outline(document, {of_problem(row["key"]) for row in problems})
    line = document.line(parse(state.part)) if state.part else 1
    is_rule = len(parse(state.part)) == 2 and state.part.startswith("rules/")
    named = state.part.startswith(("categories/", "suites/"))
    crumb = written(parse(state.part)[:-2]) if state.part.count("/") > 1 else ""
    return {
        "groups": groups,
        "part": part,
        "line": line,
        "is_rule": is_rule,
        "is_named": named,
        "above": crumb,
    }


def _problems(text: str) -> list[dict[str, Any]]:
    try:
        scans.read_plan(text, "plan")
    except scans.PlanError as error:
        return [
            {"line": found.line, "key": found.key, "message": found.message, "path": of_problem(found.key)}
            for found in error.problems
        ]
    return []


@require_safe
def trial_live(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Return the section of the page that shows a trial, and polls until it has ended."""
    demand(request, Role.MANAGER)
    repository = find_repository(slug)
    trial = repository.trials.filter(pk=pk).first()
    if trial is None:
        raise Http404("This trial does not exist; the latest trials are kept for a day.")
    context = {"repository": repository, "trial": trial, "trial_state": scans.trial_state(trial)}
    return render(request, "plan/builder/trial.html", context)


REPOSITORY_URLS = [
    path("plan/builder/", builder, name="plan-builder"),
    path("plan/builder/edit/", edit, name="plan-builder-edit"),
    path("plan/trials/<int:pk>/live/", trial_live, name="plan-trial-live"),
]
