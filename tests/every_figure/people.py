"""What must stand on the pages of work and of people: claims, waivers, marks, accounts, what was done."""

from collections import Counter
from collections.abc import Iterator

from django.utils import timezone

from tests.every_figure import forecast
from tests.every_figure.command_line import time_of
from tests.every_figure.dom import Element
from tests.every_figure.sections import RISKS
from tests.every_figure.truth import Truth, cells, days, name, same
from tests.every_figure.walker import Page

_CLAIMS = (
    "FROM compliance_claim c JOIN compliance_file f ON f.id = c.file_id"
    " JOIN compliance_planversion v ON v.repository_id = f.repository_id"
    " JOIN auth_user u ON u.id = {of} WHERE v.id = %s AND u.username = 'ada'"
)


def my_work(truth: Truth, page: Page) -> Iterator[str]:
    """Check claims, offers and unclaimed files, each with the findings of the command line."""
    here = Counter(f["path"] for f in truth.told.findings())
    main = page.main
    mine = truth.counted(f"SELECT count(*) {_CLAIMS} AND c.state = 'active'".format(of="c.person_id"))
    yield from same("my claims", _count(main.by_id("mine")), mine)
    offers = truth.counted(f"SELECT count(*) {_CLAIMS} AND c.state = 'active'".format(of="c.offered_to_id"))
    if offers:
        yield from same("offers", _count(main.by_id("offers")), offers)
        for row in main.by_id("offers").all("li"):
            yield from same("offered", row.one("span", "quiet").numbers(), [here[_path(row)]])
    for row in main.by_id("mine").all("tr", "work-row"):
        yield from _work_row(truth, row)
    free = unclaimed(truth)
    if not {"folder", "owner"} & set(page.query):
        yield from same("free files", _count(main.by_id("next")), len(free))
    rows = main.by_id("next").all("tr", "work-row")
    if not page.query:
        yield from same("files on the first page", len(rows), min(25, len(free)))
    for row in rows:
        yield from _work_row(truth, row)
    if not page.query:
        groups = [line.numbers(name)[-1] for line in main.by_id("next").all("tr", "work-group")]
        if len(free) <= 25:
            yield from same("files by phase", sum(groups), len(free))
    for chip in main.by_id("groups").all("a") if not page.query else ():
        folder = chip.attributes["href"].partition("folder=")[2]
        if folder:
            wanted = sum(path.rpartition("/")[0] == chip.text().rpartition(" ")[0] for path in free)
            yield from same(f"folder {chip.text()}", chip.one("strong").numbers(), [wanted])


def unclaimed(truth: Truth) -> set[str]:
    """Return the files with findings that aren't waived which nobody has claimed."""
    taken = truth.sql(
        "SELECT f.path FROM compliance_claim c JOIN compliance_file f ON f.id = c.file_id"
        " JOIN compliance_planversion v ON v.repository_id = f.repository_id"
        " WHERE v.id = %s AND c.state = 'active'"
    )
    return {f["path"] for f in truth.told.findings()} - {path for (path,) in taken} - truth.told.waived


def smallest_steps(truth: Truth, foot: Element) -> Iterator[str]:
    """Check the numbers of unclaimed files, and of those with one violation. Links lead to the others."""
    here = Counter(f["path"] for f in truth.told.findings())
    free = unclaimed(truth)
    single = sum(here[path] == 1 for path in free)
    yield from same("smallest steps", foot.numbers()[:2], [len(free), single])


def _work_row(truth: Truth, row: Element) -> Iterator[str]:
    """A file: its worst risk, its places, and the due date of the open phase that is due first."""
    path, shown = "".join(row.one("a").text().split()), cells(row)
    found = [f for f in truth.told.findings() if f["path"] == path]
    worst = min((RISKS.index(f["risk"]) for f in found), default=0)
    yield from same(f"{path}, risk", row.one("span", "risk").text(), RISKS[worst])
    yield from same(f"{path}, violations", shown["Violations"].numbers()[:1], [len(found)])
    fixes = sum(shown["Patch"].numbers())
    by_hand = max(0, len(found) - fixes)
    yield from same(f"{path}, size", shown["Size"].numbers(), [by_hand] if by_hand else [])
    phases = forecast.phases(truth)
    of = {key for f in found for key in f["phases"]}
    newest = timezone.localtime(time_of(truth.told.line[-1])).date()
    begun = [key for key, (start, *_) in phases.items() if key in of and (start is None or start <= newest)]
    dues = [due for _, due, closed, _ in map(phases.__getitem__, begun) if due and not closed]
    yield from same(f"{path}, due", days(shown["Due"]), [min(dues).isoformat()] if dues else [])


def _count(section: Element) -> float:
    return section.one("span", "badge-count").numbers()[0]


def _path(element: Element) -> str:
    return "".join(next(e for e in element.walk() if "path" in e.classes and e.text()).text().split())


def waivers(truth: Truth, page: Page) -> Iterator[str]:
    """Each waiver that lasts with what it takes, and every suppression comment."""
    lasting = truth.sql(
        "SELECT w.glob, count(x.id) FROM compliance_waiver w"
        " JOIN compliance_planversion v ON v.repository_id = w.repository_id"
        " LEFT JOIN compliance_violation x ON x.waiver_id = w.id AND x.last IS NULL"
        " WHERE v.id = %s AND w.state = 'approved' GROUP BY w.id, w.glob"
    )
    card = page.main.by_id("lasting")
    yield from same("in force", _count(card), len(lasting))
    shown = Counter((_path(row), cells(row)["Violations"].numbers()[0]) for row in card.all("tr")[1:])
    yield from same("what they take", shown, Counter(lasting))
    yield from same(
        "comments", _count(page.main.by_id("comments")), len(truth.told.findings(suppressed=True))
    )


def marks(truth: Truth, page: Page) -> Iterator[str]:
    """What happened: as many marks of each kind as there are rows, and the numbers of each regression."""
    if page.query:
        return
    kept = truth.sql(
        "SELECT m.kind, count(*) FROM compliance_marker m"
        " JOIN compliance_planversion v ON v.repository_id = m.repository_id WHERE v.id = %s GROUP BY m.kind"
    )
    broken = truth.regressions
    rows = truth.walk.get(f"{truth.at}marks.csv").rows()
    wanted = Counter({**dict(kept), **({"regression": len(broken)} if broken else {})})
    yield from same("marks by kind", Counter(row["kind"] for row in rows), wanted)
    numbers = {sha: [n for n in (places, files, phases) if n] for sha, places, files, _, phases in broken}
    for row in rows:
        if row["kind"] == "regression":
            words = row["text"].partition(":")[0].split()
            shown = [int(word.replace(",", "")) for word in words if word.replace(",", "").isdigit()]
            yield from same(f"regression at {row['commit'][:10]}", shown, numbers[row["commit"]])
    yield from same("marks on the page", page.count(), len(rows))


def accounts(truth: Truth, page: Page) -> Iterator[str]:
    """The people by role, and the invitations that stand."""
    people = truth.sql("SELECT username FROM auth_user WHERE %s IS NOT NULL")
    rows = truth.walk.get("/people.csv").rows()
    yield from same("people", sorted(row["name"] for row in rows), sorted(name for (name,) in people))
    standing = truth.counted(
        "SELECT count(*) FROM compliance_invitation WHERE %s IS NOT NULL AND accepted_at IS NULL"
        " AND revoked_at IS NULL AND expires_at > now()"
    )
    shown = [cell for cell in page.main.all("td") if cell.attributes.get("data-label") == "Invited by"]
    yield from same("invitations", len(shown), standing)


def activity(truth: Truth, page: Page) -> Iterator[str]:
    """As many deeds as the trail's tables have rows."""
    if page.query:
        return
    tables = truth.sql(
        "SELECT table_name FROM information_schema.columns"
        " WHERE %s IS NOT NULL AND table_name LIKE 'compliance\\_%%' AND column_name = 'pgh_label'"
    )
    kept = sum(truth.counted(f'SELECT count(*) FROM "{table}" WHERE %s IS NOT NULL') for (table,) in tables)
    yield from same("deeds", len(truth.walk.get("/activity.csv").rows()), kept)
    yield from same("deeds on the first page", len(page.main.one("tbody").all("tr")), min(50, kept))


def settings(truth: Truth, page: Page) -> Iterator[str]:
    """The plan in force as the command line read it."""
    said: dict[str, Element] = {}
    for pairs in page.main.all("dl", "pairs"):
        terms = [element for element in pairs.children if isinstance(element, Element)]
        said |= {term.text(): told for term, told in zip(terms[::2], terms[1::2], strict=True)}
    plan = truth.repository.plan
    assert plan
    yield from same("plan's name", said["Name"].text(), truth.told.scan["plan"]["name"])
    digest = "".join(str(part) for part in said["Digest"].one("code").children)
    yield from same("plan's digest", digest, truth.told.scan["plan"]["digest"])
    newest = truth.counted(
        "SELECT max(o.number) FROM compliance_planversion o JOIN compliance_planversion v"
        " USING (repository_id) WHERE v.id = %s"
    )
    yield from same("version", said["Version"].numbers()[:1], [plan.number])
    yield from same("newest version", plan.number <= newest, True)
    yield from same("target", said["Target"].numbers(), [float(plan.target_percent)])
