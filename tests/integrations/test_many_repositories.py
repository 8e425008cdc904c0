"""A thousand webhooks for ten repositories, a tenth repeated and a tenth out of order."""

import json
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest

from compliance.models import Delivery, Issue, Repository
from tests.integrations.senders import Ticket, gitlab
from tests.processes import Start, answers, free_port, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

REPOSITORIES, EVENTS, THREADS = 10, 90, 16


@dataclass(frozen=True)
class Message:
    slug: str
    delivery: str
    body: bytes
    headers: dict[str, str]


def messages(repository: Repository, chance: random.Random) -> list[Message]:
    """Ninety changes of an issue, of which ten come before the one that they follow, and ten twice."""
    made = []
    for number in range(EVENTS):
        state = "closed" if number % 2 else "open"
        sent = gitlab.issue(Ticket("edited", number, state=state, title=f"title {number}"))
        body, delivery = json.dumps(sent.payload).encode(), f"{repository.slug}-{number}"
        headers = gitlab.headers(sent, delivery, body, repository.webhook_secret)
        made.append(Message(repository.slug, delivery, body, headers))
    repeated = chance.sample(made, EVENTS // 9)
    for place in chance.sample(range(1, EVENTS), EVENTS // 9):
        made[place - 1], made[place] = made[place], made[place - 1]
    for message in repeated:
        made.insert(chance.randrange(made.index(message) + 1, len(made) + 1), message)
    return made


def send(port: int, waiting: deque[Message], statuses: Counter[int], seconds: list[float]) -> None:
    """Post messages until none is left."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    while waiting:
        try:
            message = waiting.popleft()
        except IndexError:
            break
        began = time.monotonic()
        headers = {"Content-Type": "application/json", **message.headers}
        connection.request("POST", f"/webhooks/gitlab/{message.slug}/", message.body, headers)
        answer = connection.getresponse()
        answer.read()
        statuses[answer.status] += 1
        seconds.append(time.monotonic() - began)
    connection.close()


def test_all_are_answered_and_the_newest_state_counts(
    process_environment: dict[str, str], start: Start
) -> None:
    chance = random.Random(16)
    made = []
    for number in range(REPOSITORIES):
        slug = f"shop-{number}"
        repository = Repository.objects.create(slug=slug, name=slug, url=f"/srv/{slug}.git", branch="main")
        Issue.objects.create(repository=repository, key="#12", title="From the plan", order=0)
        made.append(messages(repository, chance))
    waiting = deque(message for group in zip(*made, strict=True) for message in group)
    port = free_port()
    start(process_environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))

    statuses: Counter[int] = Counter()
    seconds: list[float] = []
    threads = [threading.Thread(target=send, args=(port, waiting, statuses, seconds)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == {202: REPOSITORIES * EVENTS, 200: REPOSITORIES * EVENTS // 9}
    assert Delivery.objects.count() == REPOSITORIES * EVENTS
    assert sum(Delivery.objects.values_list("repeats", flat=True)) == REPOSITORIES * EVENTS // 9
    known = set(Issue.objects.values_list("tracker_title", "tracker_state"))
    assert known == {(f"title {EVENTS - 1}", "closed")}
    print(f"99th percentile: {sorted(seconds)[len(seconds) * 99 // 100]:.3f} s")
