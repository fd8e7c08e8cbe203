"""What gunicorn serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# What is loaded stays for as long as the process: the collector need not go through it time and again
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
