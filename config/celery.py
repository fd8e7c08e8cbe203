"""The Celery app and the beat schedule: the one list of timers.

No duty lives in the broker: a timer is a sweep over rows that are due, so a lost message costs a minute.
"""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.file_broker:Transport"
app = Celery("resolve")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A message that waits until the next of its kind is there is worth nothing
SECONDS, EXPIRES = settings.SWEEP_SECONDS, max(settings.SWEEP_SECONDS, 10)
app.conf.beat_schedule = {
    "sweep": {"task": "escalation.sweep", "schedule": SECONDS, "options": {"expires": EXPIRES}},
    "send notices": {"task": "agencies.send_notices", "schedule": SECONDS, "options": {"expires": EXPIRES}},
    "check files": {"task": "escalation.check_files", "schedule": SECONDS, "options": {"expires": EXPIRES}},
    "make exports": {"task": "escalation.make_exports", "schedule": SECONDS, "options": {"expires": EXPIRES}},
    "clear files left over": {"task": "escalation.clear_files", "schedule": crontab(hour=3, minute=30)},
    "every dispute is watched": {"task": "escalation.find_unwatched", "schedule": crontab(hour=3, minute=0)},
    "nothing waits unsent": {"task": "agencies.check_notices", "schedule": crontab(hour=2, minute=30)},
}
