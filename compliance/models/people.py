"""Invitations, and the audit trail for accounts, which records roles, sign-ins and activation."""

import pghistory
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

ROLES = ("viewer", "engineer", "manager", "administrator")


@pghistory.track(exclude=["digest", "email"])
class Invitation(models.Model):
    """An invitation to create an account with this role. Its key is stored only as a digest."""

    email = models.EmailField()
    role = models.CharField(max_length=13, choices=[(role, role) for role in ROLES])
    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(role__in=ROLES), name="invitations_give_a_known_role"),
        )

    def __str__(self) -> str:
        return f"invitation {self.pk} as {self.role}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("is_active", "is_staff", "is_superuser")),
    pghistory.UpdateEvent("signed in", condition=pghistory.AnyChange("last_login")),
    pghistory.UpdateEvent("password", condition=pghistory.AnyChange("password")),
    pghistory.ManualEvent("reset link"),  # type: ignore[no-untyped-call]
    pghistory.ManualEvent("e-mail"),  # type: ignore[no-untyped-call]
    pghistory.ManualEvent("name"),  # type: ignore[no-untyped-call]
    fields=["username", "is_active", "is_staff", "is_superuser"],
    model_name="AccountEvent",
)
class Account(User):
    """A person's account, for the audit trail."""

    class Meta:
        proxy = True


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.DeleteEvent(),
    fields=["user", "provider"],
    model_name="ExternalLoginEvent",
)
class ExternalLogin(SocialAccount):  # type: ignore[misc]  # the library has no types
    """A person's sign-in provider, for the audit trail."""

    class Meta:
        proxy = True


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), model_name="MembershipEvent")
class Membership(User.groups.through):  # type: ignore[name-defined, misc]  # Django makes it at run time
    """A person's membership in a role's group, for the audit trail."""

    class Meta:
        proxy = True
