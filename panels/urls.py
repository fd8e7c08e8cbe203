from django.urls import include, path

from panels.views import panels

# Pages of one panel, each below its address
panel_pages = [
    path("", panels.panel, name="panel"),
]

urlpatterns = [
    path("panels/<int:panel_id>/", include(panel_pages)),
]
