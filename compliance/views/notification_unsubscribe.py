"""The page behind the links with which people stop e-mails about a topic without signing in."""

from django.urls import path

from compliance.notifications.unsubscribing import unsubscription_of
from compliance.views.unsubscribing import unsubscribe_page

URLS = [
    path("unsubscribe-topic/<str:token>/", unsubscribe_page(unsubscription_of), name="unsubscribe-topic"),
]
