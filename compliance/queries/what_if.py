"""The options of a what-if forecast, as the page and the API check them, and the forecast that they give."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator

from compliance import scans
from compliance.charts.context import ChartContext
from compliance.lib.dates import written
from compliance.lib.field_types import LARGEST_BIGINT, NO_NUL, Sought, one_line
from compliance.lib.wording import count_of, format_pace
from compliance.models import PlanDraft, Repository
from compliance.progress.forecast.alternatives import (
    Alternative,
    Assumptions,
    Comparison,
    PlanFigures,
    compare,
    files_with_patches,
)
from compliance.progress.forecast.completion import DAY, WEEK
from compliance.progress.forecast.outlook import Forecast
from compliance.progress.forecast.records import RepositoryForecast
from compliance.queries.filters import Control, ListFilter, OneOf

LARGEST_PACE, LARGEST_FACTOR = 100_000, 100
CENTURY = 36_525 * DAY


def _number(kind: type, words: str) -> Callable[[Any], Any]:
    """Return a function that parses a number, or says what to enter instead."""

    def parse(value: Any) -> Any:
        try:
            return kind(str(value).strip())
        except ValueError:
            raise ValueError(f"is not {words}") from None

    return parse


def _positive(most: int, example: str) -> tuple[BeforeValidator, Any]:
    words = f"a number greater than 0 and at most {most:,}, such as {example}"

    def check(value: Any) -> Any:
        number = _number(float, words)(value)
        if not 0 < number <= most:
            raise ValueError(f"is not {words}")
        return number

    return BeforeValidator(check), Field(gt=0, le=most)


def _share(value: Any) -> Any:
    """Return a percentage with one decimal place, as many as a plan's target has."""
    words = "a percentage from 0 to 100, such as 95 or 99.5"
    number = _number(float, words)(value)
    if not 0 <= number <= 100:
        raise ValueError(f"is not {words}")
    return round(number, 1)


def _draft_number(value: Any) -> Any:
    number = _number(int, "the number of a draft")(value)
    if not 1 <= number <= LARGEST_BIGINT:
        raise ValueError("is not the number of a draft")
    return number


Pace = Annotated[float, *_positive(LARGEST_PACE, "2.5")]
Factor = Annotated[float, *_positive(LARGEST_FACTOR, "1.5")]
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=100)]
DraftNumber = Annotated[int, BeforeValidator(_draft_number), Field(ge=1, le=LARGEST_BIGINT)]


class WhatIf(ListFilter):
    """What to assume instead of the present. Nothing is stored, and options that aren't given change nothing.

    `pace` is in files per week or, with `phase`, in violations per week of that phase. `people` multiplies
    every pace: 2 stands for twice as many people. The violations of the phases in `without` leave the scope.
    `patches=applied` applies all patches for the newest commit today. `target` is a percentage. `draft` is
    the number of a plan draft with a preview; it can't be combined with `without` and `patches`.
    """

    phase: Annotated[str, Control("Phase")] = Field(default="", max_length=200, pattern=NO_NUL)
    pace: Annotated[Pace | None, Control("Pace")] = None
    people: Annotated[Factor | None, Control("People")] = None
    without: Annotated[list[Sought], Control("Without the phase")] = Field(default=[], max_length=50)
    patches: Annotated[str, OneOf(("applied",)), Control("Patches")] = ""
    target: Annotated[Share | None, Control("Target")] = None
    draft: Annotated[DraftNumber | None, Control("Plan draft")] = None

    @field_validator("pace", "people", "target", "draft", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: Any) -> Any:
        """Accept the query string of the page, whose form sends its empty fields too."""
        return None if isinstance(value, str) and not value.strip() else value

    def _with_problems(self, wrong: Mapping[str, Mapping[str, Any]]) -> Self:
        super()._with_problems(wrong)
        for name, problem in self._problems.items():
            self._problems[name] = problem.replace("; the filter was ignored", "")
        return self

    @property
    def changes_something(self) -> bool:
        """Return true if anything is assumed."""
        return self.model_copy(update={"phase": ""}).narrowed

    def fields(self) -> dict[str, str]:
        """Return the problem of each field that has one."""
        return dict(self._problems)


@dataclass(frozen=True)
class WhatIfAnswer:
    """The forecasts before and after, sentences about what is assumed, and the problem of each option that
    prevents an answer.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def answer(scene: ChartContext, ahead: RepositoryForecast, asked: WhatIf) -> WhatIfAnswer:
    """Return the forecasts under the assumptions, or what is wrong with these."""
    still_open = {phase.key for phase in scene.phases if phase.closed_at is None} & ahead.phases.keys()
    problems = asked.fields() | _problems(asked, still_open)
    made = _draft(scene.repository, asked, problems)
    if problems:
        return WhatIfAnswer(problems=problems)
    assumed = Assumptions(
        phase=asked.phase,
        pace=asked.pace,
        people=asked.people or 1.0,
        without=tuple(asked.without),
        patches=bool(asked.patches),
        target=asked.target,
        plan=_figures(scene, made) if made else None,
    )
    found = compare(scene.repository, ahead, scene.phases, assumed)
    if asked.pace is not None and (problem := _never_done(_assumed(found, asked), asked.pace)):
        return WhatIfAnswer(problems={"pace": problem})
    told = list(_assumptions(scene, ahead, asked, found))
    return WhatIfAnswer(list(found.comparisons), [*told, *(_draft_words(made, assumed) if made else ())])


def _problems(asked: WhatIf, still_open: Collection[str]) -> dict[str, str]:
    """Return the problem of each option that doesn't fit the repository or the other options."""
    found = {}
    for name in ("phase", "without"):
        given = getattr(asked, name)
        for key in given if isinstance(given, list) else [given]:
            if key and key not in still_open:
                found[name] = f"“{one_line(key, 60)}” is not an open phase of the active plan."
    if asked.draft is not None:
        for name, words in (("without", "phases can't be left out"), ("patches", "patches can't be applied")):
            if getattr(asked, name):
                found[name] = f"With a plan draft, {words}, because its violations aren't recorded."
    if asked.phase and asked.phase in asked.without:
        found["without"] = "A phase that is left out has no forecast. Choose another one, or the whole."
    if asked.phase and asked.target is not None:
        found["target"] = "The target is for all files; a phase is about its last violation."
    return found


def _draft(repository: Repository, asked: WhatIf, problems: dict[str, str]) -> PlanDraft | None:
    """Return the draft. If it can't be used, add the reason to the problems."""
    if asked.draft is None:
        return None
    made = repository.drafts.filter(pk=asked.draft).first()
    if made is None:
        problems["draft"] = f"There is no draft {asked.draft}; drafts are kept for 30 days."
    elif not made.outcome:
        problems["draft"] = f"Draft {asked.draft} has no preview yet. Open it, and wait for its preview."
    else:
        try:
            scans.phases_of(made)
        except scans.PlanError:
            problems["draft"] = f"Draft {asked.draft} was saved by another release. Preview it again."
    return made


def _figures(scene: ChartContext, made: PlanDraft) -> PlanFigures:
    """Return the draft's figures. A phase that is closed today stays closed."""
    phases = scans.phases_of(made)
    closed = {phase.key for phase in scene.phases if phase.closed_at}
    after = (made.outcome or {})["after"]
    counted = {
        row["key"]: row["after"][0]
        for row in (made.outcome or {})["by"]
        if row["dimension"] == "phase" and row["after"]
    }
    return PlanFigures(
        clean=after["clean"],
        files=after["files"],
        target=float(after["target"]),
        phases=counted,
        due={key: due for key, (_, due) in phases.items() if key not in closed},
        titles={key: title for key, (title, _) in phases.items()},
    )


def _assumptions(
    scene: ChartContext, ahead: RepositoryForecast, asked: WhatIf, found: Alternative
) -> Iterator[str]:
    titles = {phase.key: phase.title for phase in scene.phases}
    outlook = ahead.phases[asked.phase] if asked.phase else ahead.zero
    unit = "violations" if asked.phase else "files"
    now = "unknown" if outlook.pace is None else format_pace(outlook.pace)
    if asked.pace is not None:
        of = f" of “{titles[asked.phase]}”" if asked.phase else ""
        yield f"The pace{of} is {format_pace(asked.pace)} {unit} per week instead of {now}."
    if asked.people is not None:
        yield (
            f"With {asked.people:g} times as many people, every pace is {asked.people:g} times as high. "
            "Where there is no progress, nothing changes. Real teams often gain less from more people."
        )
    if asked.pace is not None:
        yield from _kept_pace(_assumed(found, asked), unit)
    for key in dict.fromkeys(asked.without):
        left = count_of(round(ahead.phases[key].left), "violation")
        yield f"“{titles[key]}” is left out, with {left}."
    if asked.patches:
        made, files = files_with_patches(scene.repository)
        yield (
            f"Patches are applied in {made:,} of {count_of(files, 'file')} with violations. The others have "
            "no patch for the newest commit: none is possible, or nobody has opened the file's page yet."
        )
    if asked.without or asked.patches:
        yield f"{count_of(found.gone.get('', 0), 'more file is', 'more files are')} clean at once."
    if asked.target is not None:
        yield f"The target is {asked.target:g}%."


def _assumed(found: Alternative, asked: WhatIf) -> Forecast | None:
    """Return the forecast at the pace that was entered, or None if the draft lacks its phase."""
    after = next((each.after for each in found.comparisons if each.key == asked.phase), None)
    return after.outlook if after else None


def _never_done(outlook: Forecast | None, pace: float) -> str:
    """Return a problem if what is left would take more than a century, or an empty string."""
    if not outlook or not outlook.completion or outlook.completion.plain * WEEK <= CENTURY:
        return ""
    return f"At {pace:g} per week, what is left would take more than 100 years. Enter a higher pace."


def _kept_pace(outlook: Forecast | None, unit: str) -> Iterator[str]:
    """Say when the pace that was entered reaches the goal, and why the forecast of now differs."""
    if not outlook or not outlook.plain:
        return
    left = count_of(round(outlook.left), unit.removesuffix("s"))
    yield (
        f"At a steady {format_pace(outlook.pace)} {unit} per week, {left} left take until "
        f"{written(outlook.plain)}. The ranges lie around this day: sooner and later are equally likely. The "
        "forecast of now differs, because it allows for paces that don't hold, as in other migrations."
    )


def _draft_words(made: PlanDraft, assumed: Assumptions) -> Iterator[str]:
    plan, outcome = assumed.plan, made.outcome or {}
    if plan:
        yield (
            f"Under draft {made.pk}, {plan.clean:,} of {plan.files:,} files are clean at commit "
            f"{outcome['commit'][:10]}, and its target is {plan.target:g}%. The pace stays that of the "
            "active plan."
        )
