"""The Celery app and the beat schedule: the one list of timers.

No duty lives in the broker: a timer is a sweep over rows that are due, so a lost message costs a minute.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("resolve")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "sweep": {"task": "escalation.sweep", "schedule": 60, "options": {"expires": 50}},
    "send notices": {"task": "agencies.send_notices", "schedule": 60, "options": {"expires": 50}},
}
