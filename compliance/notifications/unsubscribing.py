"""Links with which people stop e-mails without signing in: about a topic in a repository, or all of them."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core import signing

from compliance.models import NotificationSettings, Repository, TopicPreference, Way
from compliance.notifications.digest_content import address
from compliance.notifications.topics import TOPICS

_SIGNER = "compliance.notifications.unsubscribe"


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """What a link stops: e-mails to an account or to an address without one, about a topic, or about all
    topics if it is empty, in a repository, or in all of them without one.
    """

    person: int | None
    email: str
    topic: str
    repository: int | None

    def describe(self) -> str:
        """Return the e-mails that are stopped as a noun phrase."""
        if not self.topic:
            return "all e-mails about notifications"
        title = TOPICS[self.topic].title if self.topic in TOPICS else self.topic
        row = Repository.objects.filter(pk=self.repository or 0).first()
        return f"e-mails about “{title}”" + (f" in {row.name}" if row else "")

    def apply(self) -> None:
        """Stop the e-mails. Accounts still find the news in their inbox."""
        if not self.topic:
            NotificationSettings.objects.update_or_create(
                person=User.objects.get(pk=self.person or 0), defaults={"is_mailed": False}
            )
            return
        TopicPreference.objects.update_or_create(
            person=User.objects.filter(pk=self.person or 0).first(),
            email=self.email,
            topic=self.topic,
            repository=Repository.objects.filter(pk=self.repository or 0).first(),
            defaults={"way": Way.INBOX if self.person else Way.OFF},
        )


def link_of_topic(to: User | str, topic: str, repository: int | None) -> str:
    """Return the link that stops e-mails about a topic in a repository."""
    return address("unsubscribe-topic", token_of(to, topic, repository))


def link_of_person(person: User) -> str:
    """Return the link that stops all e-mails about topics."""
    return address("unsubscribe-topic", token_of(person))


def token_of(to: User | str, topic: str = "", repository: int | None = None) -> str:
    """Return the token that stops e-mails to an account or an address: about a topic in a repository, or
    about all topics.
    """
    whose = {"p": to.pk} if isinstance(to, User) else {"e": to.casefold()}
    return signing.dumps({**whose, "t": topic, "r": repository}, salt=_SIGNER)


def unsubscription_of(token: str) -> Unsubscription | None:
    """Return what a token stops, or None if it is invalid, or if its account or repository was deleted."""
    try:
        value = signing.loads(token, salt=_SIGNER)
    except signing.BadSignature:
        return None
    found = Unsubscription(value.get("p"), value.get("e", ""), value.get("t", ""), value.get("r"))
    if found.person is not None and not User.objects.filter(pk=found.person).exists():
        return None
    if found.repository is not None and not Repository.objects.filter(pk=found.repository).exists():
        return None
    return found
