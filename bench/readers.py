"""`python -m bench.readers`: 16 readers at once, alone and while a second repository's history is read.

The web server, worker and Postgres are those of `manage.py up`. A reader asks for one page after the other
without a pause, so a time is what a page takes when sixteen want one. BENCH_REPO and BENCH_PLAN name the
repository that is read meanwhile (BENCH_LINE its branch), by default a generated one; BENCH_SECONDS (20) is
how long each part lasts.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from bench import generated
from bench.product import ROOT, folder, running

READERS = 16
SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
PATIENCE = 600
"""Seconds that the newest commit of the other repository may take."""
PAGES = (
    *("", "files/", "files/?violating=yes&sort=risk", "violations/", "phases/", "issues/", "commits/"),
    *("marks/", "scans/", "live/", "charts/trend.json", "charts/trend.json?by=phase", "charts/trend.svg"),
)


_HEAD = (
    f"{'part':<26}{'answers':>8}{'errors':>8}{'median':>9}{'95th':>9}{'longest':>9}{'commits':>10}{'load':>7}"
)


@dataclass
class Answers:
    """What came back: seconds of each answer, and how many of each status or error."""

    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def read(port: int, cookie: str, addresses: list[str]) -> Answers:
    """Let the readers ask for these pages in turn, each from its own place on, for so many seconds."""
    answers = Answers()
    until = time.monotonic() + SECONDS

    def reader(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until:
            address = addresses[number % len(addresses)]
            number += READERS + 1  # so that all of them do not walk side by side
            began = time.monotonic()
            try:
                connection.request("GET", address, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
                answer = connection.getresponse()
                answer.read()
                outcome = str(answer.status)
            except (OSError, HTTPException) as error:
                connection.close()
                outcome = f"{type(error).__name__} at {address}"
            answers.seconds.append(time.monotonic() - began)
            answers.outcomes[outcome] += 1
        connection.close()

    threads = [threading.Thread(target=reader, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def tell(part: str, answers: Answers, recorded: int) -> None:
    """Print one line, and one more for each kind of failure."""
    ms = [1000 * seconds for seconds in answers.seconds]
    failed = len(ms) - answers.outcomes["200"]
    most = statistics.quantiles(ms, n=20)[18]
    print(
        f"{part:<26}{len(ms):>8}{failed:>8}{statistics.median(ms):>9.0f}{most:>9.0f}{max(ms):>9.0f}"
        f"{recorded:>10}{os.getloadavg()[0]:>7.1f}",
        flush=True,
    )
    for outcome, number in answers.outcomes.items():
        if outcome != "200":
            print(f"    {number} times {outcome}")


def main() -> None:
    """Start the product with the demonstration, read, begin the other history, read again."""
    told: list[str] = []
    with folder() as data:
        plan = os.environ.get("BENCH_PLAN") or str(Path(__file__).with_name("generated-plan.yaml"))
        repository = os.environ.get("BENCH_REPO") or str(
            generated.write(data / "other.git", files=1500, commits=4000, functions=8)
        )
        branch = ("--branch", os.environ["BENCH_LINE"]) if "BENCH_LINE" in os.environ else ()
        track = ("manage.py", "track", repository, "--slug", "other", "--plan", plan, *branch)
        with running(data / "var", (), told.append) as port:
            cookie = sign_in(port, re.findall(r"with the password (\S+)", "".join(told))[0])
            here = [f"/repositories/demonstration/{page}" for page in PAGES]
            print(_HEAD, flush=True)
            read(port, cookie, here)  # what is made once and then kept
            tell("alone", read(port, cookie, here), 0)
            environment = {**os.environ, "DATA_DIR": str(data / "var")}
            environment.pop("DATABASE_URL", None)
            subprocess.run([sys.executable, *track], cwd=ROOT, env=environment, check=True)
            before = _begun(port, cookie)
            both = [*here, *(f"/repositories/other/{page}" for page in PAGES)]
            answers = read(port, cookie, both)
            tell("while a history is read", answers, recorded(port, cookie, "other") - before)


def _begun(port: int, cookie: str) -> int:
    """How many commits are recorded once history behind the newest is. Raises TimeoutError after a while."""
    until = time.monotonic() + PATIENCE
    while (number := recorded(port, cookie, "other")) < 2:
        if time.monotonic() > until:
            raise TimeoutError(f"No history was recorded within {PATIENCE} seconds")
        time.sleep(0.5)
    return number


def sign_in(port: int, password: str) -> str:
    """The cookie of the administrator, who signs in as a person does."""
    jar = CookieJar()
    web = build_opener(HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/sign-in/"
    form = web.open(address, timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    given = {"csrfmiddlewaretoken": token[1], "username": "admin", "password": password, "next": "/"}
    web.open(Request(address, urlencode(given).encode(), {"Referer": address}), timeout=60).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def recorded(port: int, cookie: str, slug: str) -> int:
    """How many commits of a repository's line are judged, as its trend says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/repositories/{slug}/charts/trend.json", headers={"Cookie": cookie})
    return int(json.loads(connection.getresponse().read())["commits"])


if __name__ == "__main__":
    main()
