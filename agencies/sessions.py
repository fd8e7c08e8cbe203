"""Who is signed in: every page asks for the session and for the person, here in queries that are worded once."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from agencies.models import User
from agencies.worded import Worded


@Worded
def _sessions(key, at):
    return Session.objects.filter(session_key=key, expire_date__gt=at)


@Worded
def _people(pk):
    return User.objects.filter(pk=pk).order_by()


class SessionStore(db.SessionStore):
    """Django's own sessions in the database."""

    def _get_session_from_db(self):
        found = next(iter(_sessions(key=self.session_key, at=timezone.now())), None)
        if found is None:
            self._session_key = None
        return found


class Backend(AuthenticationBackend):
    """The library's sign-in."""

    def get_user(self, user_id):
        person = next(iter(_people(pk=user_id)), None)
        return person if person and self.user_can_authenticate(person) else None
