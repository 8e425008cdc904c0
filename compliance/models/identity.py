"""People's identities outside the product: e-mail addresses, names on forges, and teams.

They connect commit authors and CODEOWNERS owners with accounts, and can't be used to sign in. The tables stay
small, because each person has only a few rows.
"""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now


class Forge(models.TextChoices):
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    GITEA = "gitea", "Gitea or Forgejo"


class Person(models.Model):
    """A person. `account` is null for someone who never signs in, such as a former colleague."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="identity"
    )
    name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.account.get_username() if self.account else self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), model_name="AddressEvent")
class Address(models.Model):
    """An e-mail address under which a person commits, in addition to the account's address."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="addresses")
    email = models.EmailField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="one_person_per_address"),)

    def __str__(self) -> str:
        return self.email


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), model_name="TeamEvent"
)
class Team(models.Model):
    """A team with its members.

    A scan creates a team for each team handle in CODEOWNERS, so there are a few for each repository.
    """

    name = models.CharField(max_length=200)
    members = models.ManyToManyField(Person, related_name="teams", blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("name"), name="one_team_per_name"),)

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), model_name="TeamMemberEvent")
class TeamMember(Team.members.through):  # type: ignore[name-defined, misc]  # Django makes it at run time
    """A person's membership in a team, for the audit trail."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), model_name="HandleEvent")
class Handle(models.Model):
    """The name of a person or team on a forge, without the @: `ada`, or `acme/backend` for a team."""

    forge = models.CharField(max_length=6, choices=Forge.choices)
    name = models.CharField(max_length=200)
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="handles")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="handles")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint("forge", Lower("name"), name="one_owner_per_handle"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, team=None) | Q(person=None, team__isnull=False),
                name="handles_are_of_a_person_or_a_team",
            ),
        )

    def __str__(self) -> str:
        return f"@{self.name} ({self.get_forge_display()})"
