"""The Celery app and the beat schedule: the one list of timers.

No duty lives in the broker: a timer is a sweep over rows that are due, so a lost message costs a minute.
"""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("resolve")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A message that waits until the next of its kind is there is worth nothing
SECONDS = settings.SWEEP_SECONDS
app.conf.beat_schedule = {
    "sweep": {"task": "escalation.sweep", "schedule": SECONDS, "options": {"expires": SECONDS}},
    "send notices": {"task": "agencies.send_notices", "schedule": SECONDS, "options": {"expires": SECONDS}},
    "nothing waits unsent": {"task": "agencies.check_notices", "schedule": crontab(hour=2, minute=30)},
}
