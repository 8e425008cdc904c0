"""Every address of the application."""

from django.contrib import admin
from django.urls import path

from compliance.webhooks.view import receive

urlpatterns = [
    path("admin/", admin.site.urls),
    path("webhooks/<slug:provider>/<slug:slug>/", receive, name="webhook"),
]
