"""What must stand in the lists of violations and files, on a file's page, and among the scans."""

from collections import Counter
from collections.abc import Iterator

from tests.every_figure.truth import Truth, cells, same
from tests.every_figure.walker import Page


def inventory(truth: Truth, page: Page) -> Iterator[str]:
    """The whole list of violations, place by place."""
    if "?" in page.address:
        return
    shown = Counter((r["file"], int(r["line"]), r["rule"], r["risk"]) for r in page.rows())
    wanted = Counter((f["path"], f["line"], f["rule"], f["risk"]) for f in truth.told.findings())
    yield from same("inventory", shown - wanted, Counter())
    yield from same("inventory, left out", wanted - shown, Counter())


def files(truth: Truth, page: Page) -> Iterator[str]:
    """The whole list of files with their violations."""
    if "?" in page.address:
        return
    wanted = Counter(f["path"] for f in truth.told.findings())
    for row in page.rows():
        yield from same(row["path"], int(row["violations"]), wanted.pop(row["path"], 0))
    yield from same("files left out", dict(wanted), {})


def file(truth: Truth, page: Page) -> Iterator[str]:
    """Check one file: its open violations with their locations, and its fixed ones."""
    path = "".join(page.main.one("h1").text().split())
    here = [f for f in truth.told.findings() if f["path"] == path]
    if "gone" in page.main.one("p", "facts").text():
        return
    yield from same("violations", page.main.one("p", "facts").one("strong").numbers(), [len(here)])
    cards = {
        card.one("h2").text().split(maxsplit=2)[0]: card
        for card in page.main.all("section")
        if card.all("h2")
    }
    yield from same("standing", cards["Open"].one("span", "badge-count").numbers(), [len(here)])
    listed = len(cards["Open"].all("li", "place"))
    yield from same("standing, listed", listed, len(here))
    right = truth.sql(
        "SELECT count(*) FROM compliance_violation v JOIN compliance_file f ON f.id = v.file_id"
        " WHERE v.plan_id = %s AND v.last IS NOT NULL AND NOT v.suppressed AND f.path = %s"
        " AND NOT v.silenced",
        path,
    )[0]
    shown = cards["Fixed"].one("span", "badge-count").numbers() if "Fixed" in cards else [0]
    yield from same("put right", shown, list(right))


def scans(truth: Truth, page: Page) -> Iterator[str]:
    """What could not be read, and what ran."""
    unread = len(truth.told.scan["skipped"]) + len(truth.told.scan["unparsed"])
    if unread <= 200:
        shown = page.main.by_id("unread").one("span", "badge-count").numbers()
        yield from same("unread", shown, [unread])
    of = "FROM compliance_job j JOIN compliance_planversion v USING (repository_id) WHERE v.id = %s"
    buried = truth.counted(f"SELECT count(*) {of} AND j.state = 'buried'")
    yield from same("given up", page.main.by_id("buried").one("span", "badge-count").numbers(), [buried])
    done = truth.sql(
        f"SELECT j.done_steps, j.attempts {of} AND j.state = 'done' ORDER BY j.finished_at DESC, j.id DESC"
    )
    rows = page.main.by_id("done").all("tr")[1:]
    shown_rows = [(sum(cells(row)["Steps"].numbers()), *cells(row)["Runs"].numbers()) for row in rows]
    if "?" not in page.address:
        yield from same("jobs done", Counter(shown_rows) - Counter(done), Counter())
