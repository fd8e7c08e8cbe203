from django.urls import path

from agencies import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.mark_all_read, name="mark_all_read"),
    path("notifications/settings/", views.notification_settings, name="notification_settings"),
    path("notifications/<int:notice_id>/", views.open_notice, name="open_notice"),
    path("people/", views.people, name="people"),
    path("people/new/", views.new_person, name="new_person"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/change/", views.change_person, name="change_person"),
    path("people/<int:person_id>/roles/new/", views.new_role, name="new_role"),
    path("people/<int:person_id>/close/", views.close_account, name="close_account"),
    path("people/<int:person_id>/reopen/", views.reopen_account, name="reopen_account"),
    path("people/roles/<int:membership_id>/end/", views.end_role, name="end_role"),
    path("people/agencies/new/", views.new_agency, name="new_agency"),
    path("people/agencies/<int:agency_id>/", views.agency, name="agency"),
    path("people/agencies/<int:agency_id>/change/", views.change_agency, name="change_agency"),
    path("people/agencies/<int:agency_id>/teams/new/", views.new_team, name="new_team"),
]
