"""Every setting, read from the environment; docs/operating.md lists the names.

Two modes. In demo mode (DEMO=1: `bin/run` and the tests) everything has a default and lives under DATA_DIR.
Otherwise a missing setting stops the start: a default secret or database would be found too late.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

TESTING = "PYTEST_VERSION" in os.environ
DEMO = env.bool("DEMO", default=TESTING)
DEBUG = False
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

missing = [
    name
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    if not DEMO and not env.str(name, default="").strip()
]
# Files that nobody has checked for viruses are let in on purpose, or not at all.
CLAMD_URL = env.str("CLAMD_URL", default="").strip()
EVIDENCE_UNSCANNED_ALLOWED = env.bool("EVIDENCE_UNSCANNED_ALLOWED", default=DEMO)
if not CLAMD_URL and not EVIDENCE_UNSCANNED_ALLOWED:
    missing.append("CLAMD_URL (or EVIDENCE_UNSCANNED_ALLOWED=1)")
if missing:
    sys.exit(f"Resolve cannot start: {', '.join(missing)} not set (docs/operating.md says what each one is).")


def demo_secret_key():
    """The key of this demo, made at its first start: a key in the code would be everybody's."""
    path = DATA_DIR / "secret_key"
    try:
        with path.open("x") as file:
            os.chmod(path, 0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text() or secrets.token_urlsafe(50)


if DEMO:
    DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- The Board ---------------------------------------------------------------------------------------
BOARD_NAME = env.str("BOARD_NAME", default="Rotherham Safeguarding Adults Board")
# Notices for the Board Manager are copied to this address, if there is one
BOARD_MAILBOX = env.str("BOARD_MAILBOX", default="")
TARGET_DAYS = env.int("TARGET_DAYS", default=7)
# The day and month on which the year of the Board begins, for which it is given its annual submission
YEAR_BEGINS = env.str("YEAR_BEGINS", default="04-01")
SAFEGUARDING_TEAM_PHONE = env.str("SAFEGUARDING_TEAM_PHONE", default="01632 960 115")
EMERGENCY_DUTY_TEAM_PHONE = env.str("EMERGENCY_DUTY_TEAM_PHONE", default="01632 960 116")
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

# --- The application ---------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="") or demo_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "config",
    "panels",
    "escalation",
    "agencies",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "simple_history",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "escalation.middleware.KeepTypedMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "config.middleware.NoStoreMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "escalation.middleware.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "escalation.context.frame",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("govuk",)
CRISPY_TEMPLATE_PACK = "govuk"

# --- Data --------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'resolve.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads and then writes waits its turn instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A page is read by few rows of many indexes, which lie in memory: no helpers are started for it, nothing compiled
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c jit=off"
    )
# What is said again and again is kept prepared on each connection (agencies/prepared.py)
PREPARE_STATEMENTS = env.bool("PREPARE_STATEMENTS", default=True)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # The default of 300 let other keys push out the count of failed sign-ins.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# SQLite does not keep further columns in an index, and needs none
SILENCED_SYSTEM_CHECKS = ["models.W040"]
# Long texts are refused by their forms, which keep what was typed; a request cut short keeps nothing.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 100
# Only pages that take files receive any; each on disk, and no more of them than would be kept.
FILE_UPLOAD_HANDLERS = ["escalation.files.receiving.Receiver"]
EVIDENCE_FILE_MAX_MB = env.int("EVIDENCE_FILE_MAX_MB", default=25)
EVIDENCE_FILES_AT_ONCE = env.int("EVIDENCE_FILES_AT_ONCE", default=10)
EVIDENCE_TOTAL_MAX_MB = env.int("EVIDENCE_TOTAL_MAX_MB", default=250)  # of one dispute
SCANNER_TIMEOUT = env.int("SCANNER_TIMEOUT", default=120)  # seconds for each answer of the virus scanner
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# --- Queue -------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=60)
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker, however long that is away
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Europe/London"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
if REDIS_URL:
    # Whoever sends a message to a broker that is away is told so soon.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
else:
    messages, control = DATA_DIR / "queue" / "messages", DATA_DIR / "queue" / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
    }

# --- Email -------------------------------------------------------------------------------------------
# Three slashes: with two, the folder would be one below wherever the program was started
vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
# How long a worker holds what it sends (longer than a mail takes, each answer within EMAIL_TIMEOUT), and the first
# wait after a failure, which doubles up to an hour
NOTICE_LEASE_SECONDS = env.int("NOTICE_LEASE_SECONDS", default=600)
NOTICE_RETRY_SECONDS = env.int("NOTICE_RETRY_SECONDS", default=60)
# A function: when a reminder that is due at an instant may leave
REMINDERS_LEAVE_AT = "escalation.deadlines.next_sending_time"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="resolve@demo.example")

# --- People ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "agencies.User"
AUTHENTICATION_BACKENDS = ["agencies.sessions.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ACCOUNT_ADAPTER = "agencies.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "agencies.sign_in.SignIn",
    "reset_password": "agencies.sign_in.ForgottenPassword",
    "reset_password_from_key": "agencies.sign_in.NewPassword",
    "change_password": "agencies.sign_in.ChangedPassword",
    "reauthenticate": "agencies.sign_in.ConfirmIdentity",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
# A whole agency may sit behind one address: only failures are counted closely (the library's defaults).
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip"}

# --- Security ----------------------------------------------------------------------------------------
# How many proxies of ours stand in front; 0 means that no forwarded header is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if not DEMO:
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SESSION_ENGINE = "agencies.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
# They name people and agencies: they go with the session, and are not left to whoever signs in next.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.pages.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- Language and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "Europe/London"
USE_TZ = True

# --- Static files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = (DATA_DIR if DEMO else BASE_DIR) / "staticfiles"
if DEMO:
    STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": {
        "BACKEND": "escalation.storing.folder.PrivateFolder",
        "OPTIONS": {"location": DATA_DIR / "evidence"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if bucket := env.str("EVIDENCE_S3_BUCKET", default=""):
    STORAGES["evidence"] = {
        "BACKEND": "escalation.storing.bucket.PrivateBucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("EVIDENCE_S3_ENDPOINT", default="") or None,
            "region_name": env.str("EVIDENCE_S3_REGION", default="") or None,
            # Without keys: those that the machine itself is given
            "access_key": env.str("EVIDENCE_S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("EVIDENCE_S3_SECRET_KEY", default="") or None,
        },
    }
if TESTING:
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_USE_FINDERS = TESTING

# --- Logging: ids, never names or texts ---------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.LineFormatter", "say_messages": DEMO}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # It warns that files have no host name.
        "kombu.connection": {"level": "ERROR"},
        # They tell each step of drawing a PDF.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
