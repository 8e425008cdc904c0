"""The repositories and connections that receive the deliveries, and what became of them, in the database."""

from bench.deliveries.hooks import Receiver
from bench.deliveries.mixture import NUMBERS, Mixture, keys
from compliance.integrations.forges import PROVIDERS
from compliance.models import Attachment, Connection, Delivery, Issue, Repository

FORGES = tuple(name for name in ("github", "gitlab", "gitea") if name in PROVIDERS)
TRACKERS = {"jira": "SHOP", "linear": "ENG"}


def seed(number: int, url: str = "https://git.example.org/team") -> list[Receiver]:
    """So many repositories of different forges, each with issues in its forge, in Jira and in Linear.

    Returns them, followed by the connections.
    """
    connections = [
        Connection.objects.create(
            slug=f"bench-{provider}", name=provider, provider=provider, api_url=url, prefixes=[prefix]
        )
        for provider, prefix in TRACKERS.items()
    ]
    made = [_repository(place, url, connections) for place in range(number)]
    return [*made, *(Receiver(row.provider, row.slug, row.webhook_secret) for row in connections)]


def _repository(place: int, url: str, connections: list[Connection]) -> Receiver:
    slug, provider = f"bench-{place}", FORGES[place % len(FORGES)]
    row = Repository.objects.create(slug=slug, name=slug, url=f"{url}/{slug}.git", branch="main", poll=False)
    for connection in connections:
        Attachment.objects.create(repository=row, connection=connection, kind=Attachment.Kind.TRACKER)
    linked = [f"#{number}" for number in range(1, NUMBERS + 1)]
    linked += [key for connection in connections for key in keys(place, connection.provider)]
    Issue.objects.bulk_create(
        Issue(repository=row, key=key, title="As in the plan", order=order)
        for order, key in enumerate(linked)
    )
    return Receiver(provider, slug, row.webhook_secret, f"team/{slug}")


def wrong(mixture: Mixture) -> list[str]:
    """What differs from what the deliveries say; nothing if everything was kept."""
    found = {
        (slug, key): (state, title)
        for slug, key, state, title in Issue.objects.filter(repository__slug__startswith="bench-")
        .exclude(tracker_state="")
        .values_list("repository__slug", "key", "tracker_state", "tracker_title")
    }
    faults = [
        f"{key} of {slug} is {found.get((slug, key))} instead of {expected}"
        for (slug, key), expected in mixture.states.items()
        if found.get((slug, key)) != expected
    ]
    troubled = Repository.objects.filter(slug__startswith="bench-").exclude(trouble="")
    faults += [f"{slug}: {trouble}" for slug, trouble in troubled.values_list("slug", "trouble")]
    kept, repeats = Delivery.objects.count(), sum(Delivery.objects.values_list("repeats", flat=True))
    sent = len(mixture.deliveries)
    if (kept, repeats) != (sent - mixture.repeated, mixture.repeated):
        faults.append(f"{kept} deliveries and {repeats} repetitions are kept of {sent} that were sent")
    return faults
