"""All URLs of the application. Each module in `compliance/views` lists the URLs of its own pages."""

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

handler500 = "compliance.views.database_errors.show_error"
