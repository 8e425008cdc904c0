"""Every address of the application; those of the pages are listed in the modules of `compliance/views`."""

from django.contrib import admin
from django.urls import include, path

from compliance import api
from compliance.views import addresses

urlpatterns = [
    *addresses("URLS"),
    path("repositories/<slug:slug>/", include(list(addresses("REPOSITORY_URLS")))),
    path("admin/", admin.site.urls),
    path("api/v1/", include((api.addresses(), "api"))),
]
