"""Links with which people stop e-mails without signing in: about a topic in a repository, or all of them."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core import signing
from django.db.models import QuerySet

from compliance.models import NotificationSettings, Repository, TopicPreference, Way
from compliance.notifications.digest_content import address
from compliance.notifications.message import Link
from compliance.notifications.topics import TOPICS
from compliance.notifications.wishes import SILENCED

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

    @property
    def recipient(self) -> str:
        """Return the name of the account, or the address."""
        person = self._person()
        return person.get_username() if person else self.email

    @property
    def rest(self) -> str:
        """Return a sentence about what an account gets nevertheless."""
        return "Notifications still reach the inbox in this dashboard." if self.person else ""

    @property
    def choices(self) -> Link | None:
        """Return the link to the preferences of an account."""
        return Link("Change your preferences instead", address("notifications")) if self.person else None

    def describe(self) -> str:
        """Return the e-mails that are stopped as a noun phrase."""
        if not self.topic:
            return "all e-mails about notifications"
        title = TOPICS[self.topic].title if self.topic in TOPICS else self.topic
        row = Repository.objects.filter(pk=self.repository or 0).first()
        return f"e-mails about “{title}”" + (f" in {row.name}" if row else "")

    def is_over(self) -> bool:
        """Return true if these e-mails are not sent any more."""
        if not self.topic:
            rows = NotificationSettings.objects.filter(person=self.person, is_mailed=False)
            return rows.exists()
        return self._preferences().filter(way__in=SILENCED).exists()

    def apply(self) -> None:
        """Stop the e-mails. Accounts still find the news in their inbox, unless they have turned it off."""
        if not self.topic:
            NotificationSettings.objects.update_or_create(
                person=self._person(), defaults={"is_mailed": False}
            )
        elif not self.is_over():
            TopicPreference.objects.update_or_create(
                person=self._person(),
                email=self.email,
                topic=self.topic,
                repository=Repository.objects.filter(pk=self.repository or 0).first(),
                defaults={"way": Way.INBOX if self.person else Way.OFF},
            )

    def _person(self) -> User | None:
        return User.objects.filter(pk=self.person or 0).first()

    def _preferences(self) -> QuerySet[TopicPreference]:
        """Return the preference that applies, if any: that for the repository, or the general one."""
        rows = TopicPreference.objects.filter(person=self.person, email=self.email, topic=self.topic)
        own = rows.filter(repository=self.repository)
        return own if own.exists() else rows.filter(repository=None)


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
