"""What the stories of pull requests share: an origin, and a forge that sends webhooks and has an API."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db.models.functions import Now
from pytest_django.live_server_helper import LiveServer

from compliance.integrations import delivery
from compliance.models import Attachment, Connection, OutboxItem, Repository
from compliance.pull_requests.policy import set_policy
from tests.integrations.line import Line
from tests.integrations.outbound import CASES, Case, app_keys
from tests.integrations.peers.client import Peer
from tests.integrations.senders import Forge, Pull, Sent
from tests.processes import wait
from tests.scans.upstream import git

NUMBER = "41"
FORK = "https://forge.example.org/ada/shop.git"
FORK_ID = "9"
SOON = 90.0
"""Seconds within which a story's step ends on a busy machine."""


@dataclass(frozen=True)
class Setting:
    """A forge of which a story is told. `head` is where it has the head of the pull request."""

    forge: Forge
    case: Case
    head: str
    web: str
    line: str
    is_app: bool = False
    text: Callable[[Mapping[str, Any]], str] = field(default=lambda row: str(row["body"]))
    states: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.forge.NAME}{' app' if self.is_app else ''}"


class Origin:
    """A bare repository, in which any ref is set to a commit with any files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def commit(self, ref: str, parent: str, **files: str) -> str:
        """Set a ref to a new commit on top of another one. Names have `__` for slashes."""
        stream = f"commit {ref}\ncommitter A <a@example.org> 1800000000 +0000\ndata 4\nWork\nfrom {parent}\n"
        for name, text in files.items():
            path = name.replace("__", "/") + ".py"
            stream += f"M 644 inline {path}\ndata {len(text.encode())}\n{text}\n"
        subprocess.run(
            ["git", "fast-import", "--quiet", "--force"], cwd=self.folder, input=stream.encode(), check=True
        )
        return git(self.folder, "rev-parse", ref)


class Story:
    """One pull request, as its forge reports and shows it."""

    def __init__(self, setting: Setting, origin: Origin, repository: Repository, peer: Peer) -> None:
        self.setting, self.origin, self.repository, self.peer = setting, origin, repository, peer
        self.line: Line | None = None
        self.minutes = 0

    def connect(self, server: LiveServer) -> None:
        """Connect the repository to the peer's API, and to the server of webhooks."""
        case, keys = self.setting.case, {}
        if self.setting.is_app:
            private, public = app_keys()
            self.peer.put(public_key=public)
            keys = {"token": "", "app_id": "4711", "private_key": private}
        found = Connection.objects.create(
            slug="forge",
            name="Forge",
            provider=case.provider,
            api_url=f"{self.peer.url}{case.path}",
            **{"token": case.token, **keys},
        )
        Attachment.objects.create(
            repository=self.repository, connection=found, kind="forge", project=case.project
        )
        Repository.objects.filter(pk=self.repository.pk).update(web_url=self.setting.web)
        self.repository.refresh_from_db()
        self.peer.put(threads=[NUMBER])
        self.line = Line(server, self.setting.forge, self.repository)

    def head(self, parent: str, **files: str) -> str:
        """Make a commit the pull request's head at the forge."""
        sha = self.origin.commit(self.setting.head, parent, **files)
        self.know(sha)
        return sha

    def know(self, sha: str) -> None:
        """Let the API know a commit."""
        self.peer.put(commits=[*self.peer.store["commits"], sha])

    def tell(self, action: str, head: str, *, fork: bool = False, **values: Any) -> str:
        """Send a webhook about the pull request, twice. Return what the first answer says."""
        self.minutes += 1
        self.peer.put(sources={NUMBER: FORK_ID} if fork else {}, members_of=[FORK_ID])
        sent = self.setting.forge.pull(Pull(action, self.minutes, head, **values))
        return self.send(from_fork(sent, self.setting.forge.NAME) if fork else sent)

    def send(self, sent: Sent) -> str:
        """Send a delivery twice. Return what the first answer says."""
        assert self.line
        self.minutes += 1
        told = [self.line.send(sent, f"delivery-{self.minutes}") for _ in range(2)]
        assert [status for status, _ in told] == [202, 200], told
        return told[0][1]

    def policy(self, **values: Any) -> None:
        """Set the policy, as a manager does."""
        set_policy(self.repository, User.objects.get_or_create(username="mia")[0], values)

    def status(self, sha: str) -> tuple[str, str]:
        """Return the newest state that the forge shows for a commit, and the description."""
        store = self.peer.store
        rows = [row for row in store["statuses"] if row.get("sha") == sha]
        if rows:
            state = str(rows[-1].get("state") or rows[-1].get("status"))
            return self.setting.states.get(state, state), str(rows[-1].get("description"))
        runs = [run for run in store.get("check_runs", []) if run["head_sha"] == sha]
        if runs:
            return runs[-1]["conclusion"] or "pending", runs[-1]["output"]["title"]
        return "", ""

    def until(self, sha: str, state: str, words: str = "") -> None:
        """Wait until the forge shows this state of a commit, and nothing is left to be sent."""

        def is_there() -> bool:
            hurry()
            found, description = self.status(sha)
            return found == state and words in description and not pending()

        try:
            wait(is_there, SOON)
        except AssertionError as error:
            told = list(OutboxItem.objects.values_list("kind", "state", "outcome"))
            raise AssertionError(f"{self.status(sha)} instead of {state}, {words}: {told}") from error

    def comment(self) -> str:
        """Return the text of the only comment, without what isn't shown."""
        (row,) = self.peer.store["comments"]
        assert str(row["number"]) == NUMBER
        return re.sub("\u200b|<!--.*-->|\\[//\\].*", "", self.setting.text(row)).strip()

    def until_comment(self, words: str) -> None:
        """Wait until the comment says this."""

        def is_there() -> bool:
            hurry()
            return bool(self.peer.store["comments"]) and words in self.comment()

        wait(is_there, SOON)


def hurry() -> None:
    """Let no time pass until the next attempt of what failed."""
    OutboxItem.objects.filter(state="waiting", attempts__gt=0).update(next_at=Now())
    delivery.resume()


def pending() -> bool:
    """Return true if something waits to be sent."""
    return OutboxItem.objects.filter(state__in=delivery.PENDING).exists()


def from_fork(sent: Sent, name: str) -> Sent:
    """Return a delivery about a pull request from a fork."""
    payload = sent.payload
    if name in ("github", "gitea"):
        payload["pull_request"]["head"]["repo"] = {"id": 9, "full_name": "ada/shop", "clone_url": FORK}
    elif name == "gitlab":
        payload["object_attributes"] |= {
            "source_project_id": 9,
            "target_project_id": 7,
            "source": {"git_http_url": FORK},
        }
    elif name == "bitbucket":
        links = {"html": {"href": FORK.removesuffix(".git")}}
        payload["pullrequest"]["source"]["repository"] = {"full_name": "ada/shop", "links": links}
    return sent


@contextmanager
def telling(setting: Setting, origin: Origin, repository: Repository, server: LiveServer) -> Iterator[Story]:
    """Run a forge's peer and connect the repository to it."""
    with setting.case.peer() as peer:
        story = Story(setting, origin, repository, peer)
        story.connect(server)
        yield story


def case_of(provider: str) -> Case:
    """Return how a provider is connected."""
    return next(case for case in CASES if case.provider == provider)
