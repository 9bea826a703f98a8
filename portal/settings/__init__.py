"""All settings. The environment is read here and nowhere else (docs: README, "Einstellungen")."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from bootstrap_wrapper import get_bootstrap_dir
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.common import logs
from portal.common.environment import with_files

env = environ.Env()
env.ENVIRON = with_files(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent.parent

# LOCAL: services of the local supervisor, plain http. DEMO: invented people, role buttons.
LOCAL = env.bool("PORTAL_LOCAL", default=False)
DEMO = env.bool("PORTAL_DEMO", default=False)
TESTING = env.bool("PORTAL_TESTING", default=False)
DEBUG = False


def required(name: str) -> str:
    """Return a variable the portal cannot start without."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"Die Umgebungsvariable {name} fehlt. Siehe README, „Einstellungen“."
        )
    return value


SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if LOCAL else [])
# Links in mails are made by the worker, which has no request.
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000" if LOCAL else "").rstrip("/")
if not BASE_URL:
    required("BASE_URL")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "heroicons",
    "portal.common",
    "members",
    "events",
    "campaigns",
    "portal.dashboards",
]

MIDDLEWARE = [
    "portal.common.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.common.middleware.HeadersMiddleware",
    "portal.common.middleware.HealthMiddleware",
    "portal.common.middleware.RefuseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "members.middleware.SessionNoteMiddleware",
    "members.middleware.LimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "members.middleware.SecondFactorMiddleware",
    # Around the transaction: who was seen stays written down, whatever becomes of the request.
    "members.middleware.LookMiddleware",
    # Innermost: one transaction and one scope around view and rendering.
    "portal.common.middleware.RequestTransactionMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
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
                "portal.dashboards.context.house",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database -------------------------------------------------------------------------------
# The app connects as an unprivileged role; `migrate` is run with the owner's DATABASE_URL.
required("DATABASE_URL")
DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
DATABASES["default"].update(
    CONN_MAX_AGE=0 if TESTING else 600, CONN_HEALTH_CHECKS=True, ATOMIC_REQUESTS=False
)
# A server that does not answer must not hold a page for minutes.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
APP_DATABASE_ROLE = env.str("APP_DATABASE_ROLE", default="portal_app")
# Without login; the app becomes it for a transaction that may see every row.
SEES_ALL_DATABASE_ROLE = f"{APP_DATABASE_ROLE}_all"
# „off“ exists to compare and to find a fault; `migrate` makes or removes the policies.
ROW_SECURITY = env.bool("ROW_SECURITY", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Whom we erased: a file outside the database and its backups (portal.common.ledger).
ERASURE_LEDGER = required("ERASURE_LEDGER")
# Where the daily head of the audit log is noted: a file that lies outside the database.
AUDIT_HEADS = Path(required("AUDIT_HEADS"))

# --- Redis: broker, and a cache for rate limits only ----------------------------------------
REDIS_URL = required("REDIS_URL")
REDIS_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": REDIS_TIMEOUTS,
    }
}


def broker_url(redis_url: str) -> str:
    """Translate redis-py's unix://PATH?db=N to kombu's spelling; other URLs pass unchanged."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return "redis+socket://" + redis_url.removeprefix("unix://").replace("db=", "virtual_host=")


CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task: a shorter one would hand a running task out twice.
    "visibility_timeout": 1800,
    "unacked_restore_interval": 5,
    # The worker's blocking read needs its own patience; publishing limits itself (jobs.py).
    "socket_timeout": 10,
    "socket_connect_timeout": 1,
    "max_retries": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker may be away for a night; the default gives up after 100 tries.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_TIME_LIMIT = 1500
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Berlin"
CELERY_TASK_ROUTES = {
    "portal.common.drain_outbox": {"queue": "mail"},
    "portal.common.fetch_bounces": {"queue": "mail"},
    "members.run_matching": {"queue": "heavy"},
    "members.match_regions": {"queue": "heavy"},
    "members.check_import": {"queue": "heavy"},
    "members.apply_import": {"queue": "heavy"},
    "members.undo_import": {"queue": "heavy"},
}
CELERY_BEAT_SCHEDULE = {
    **{
        f"sign-of-life-{queue}": {
            "task": "portal.common.sign_of_life",
            "schedule": 15,
            "args": [queue],
            # What piled up while nobody worked says nothing about now.
            "options": {"queue": queue, "expires": 60},
        }
        for queue in ("default", "mail")
    },
    "drain-outbox": {"task": "portal.common.drain_outbox", "schedule": 30},
    "fetch-bounces": {"task": "portal.common.fetch_bounces", "schedule": 600},
    "start-queued-matching": {"task": "members.start_queued_matching", "schedule": 60},
    "restart-imports": {"task": "members.restart_imports", "schedule": 60},
    "nightly-matching": {
        "task": "members.nightly_matching",
        "schedule": crontab(hour=4, minute=15),
    },
    "welcome-undecided": {"task": "members.welcome_undecided", "schedule": crontab(hour=7)},
    "ask-pulse": {"task": "members.ask_pulse", "schedule": crontab(hour=9, minute=10)},
    "seal-audit": {"task": "portal.common.seal_audit", "schedule": 60},
    "check-audit": {"task": "members.check_audit", "schedule": crontab(hour=3, minute=20)},
    "new-day": {"task": "members.new_day", "schedule": crontab(hour=0, minute=10)},
    # The first of a day does the work; the others are there in case it could not.
    "send-digests": {
        "task": "members.send_digests",
        "schedule": crontab(hour="7-20", minute="*/30"),
    },
    # After the new day, before matching and figures; the first of a night does the work.
    "retention": {
        "task": "portal.common.retention",
        "schedule": crontab(hour="1-5", minute="10,40"),
    },
    "retention-hourly": {
        "task": "portal.common.retention_hourly",
        "schedule": crontab(minute=20),
    },
    "pass-on-offers": {"task": "events.pass_on_offers", "schedule": 300},
    "remind-of-events": {"task": "events.remind", "schedule": crontab(minute=25)},
    "start-uploaded-checks": {"task": "members.start_uploaded_checks", "schedule": 60},
    "write-figures": {"task": "dashboards.write_figures", "schedule": crontab(hour=4, minute=30)},
}

# --- Mail -----------------------------------------------------------------------------------
required("EMAIL_URL")
vars().update(env.email_url("EMAIL_URL", backend="django.core.mail.backends.smtp.EmailBackend"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ankommen@localhost")
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
MAIL_PROBE = env.str("MAIL_PROBE", default="")
MAIL_SINK_DIR = env.str("MAIL_SINK_DIR", default="")
# Where undeliverable mail comes back to (envelope sender), and the mailbox it is read from.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
BOUNCE_IMAP_URL = env.str("BOUNCE_IMAP_URL", default="")
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=60)
# Held so that an import can be undone before anybody has read its welcome.
WELCOME_HOLD_MINUTES = env.int("WELCOME_HOLD_MINUTES", default=0 if LOCAL else 30)

# Whoever looks at the demo at night wants to see what it sends.
QUIET_HOURS = not DEMO
# „Ich will mitmachen“: so many confirmations leave in an hour, whoever asks for them (T18).
INTEREST_MAILS_PER_HOUR = env.int("INTEREST_MAILS_PER_HOUR", default=60)
# Nobody fills in the form in less; whoever does is looked at by a human (T19).
INTEREST_MIN_SECONDS = env.int("INTEREST_MIN_SECONDS", default=3)

# --- Looks: so many different people an office may see in a day; a release adds as many (T2) ---
LOOKS_PER_DAY = env.int("LOOKS_PER_DAY", default=200)

# --- Health: details of /healthz only for who sends this as X-Health-Token ------------------
HEALTH_TOKEN = env.str("HEALTH_TOKEN", default="")

# --- Backup ---------------------------------------------------------------------------------
# Only to see that the ledger does not lie there.
BACKUP_DIR = env.str("BACKUP_DIR", default="")

# --- Accounts (invitation only) -------------------------------------------------------------
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["members.backend.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboards:home"
ACCOUNT_ADAPTER = "members.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGOUT_REDIRECT_URL = "dashboards:home"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Tries are counted by members.limits, which fails closed and keeps no address.
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "members.forms.signing_in.LoginForm",
    "request_login_code": "members.forms.signing_in.CodeRequestForm",
    "confirm_login_code": "members.forms.signing_in.CodeForm",
    "reset_password": "members.forms.signing_in.ResetForm",
    "reset_password_from_key": "members.forms.signing_in.NewPasswordForm",
    "change_password": "members.forms.signing_in.ChangePasswordForm",
    "set_password": "members.forms.signing_in.SetPasswordForm",
    "reauthenticate": "members.forms.signing_in.AgainForm",
}
MFA_ADAPTER = "members.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "members.forms.factors.FactorForm",
    "reauthenticate": "members.forms.factors.FactorAgainForm",
    "activate_totp": "members.forms.factors.AppForm",
    "add_webauthn": "members.forms.factors.AddPasskeyForm",
    "edit_webauthn": "members.forms.factors.RenamePasskeyForm",
    "authenticate_webauthn": "members.forms.factors.PasskeyForm",
    "reauthenticate_webauthn": "members.forms.factors.PasskeyAgainForm",
    "login_webauthn": "members.forms.factors.PasskeyLoginForm",
}
MFA_TOTP_ISSUER = "Ankommen"
# A passkey belongs to one host name for ever; an IP address is none, so the demo uses localhost.
_HOST = urlsplit(BASE_URL).hostname or ""
PASSKEY_HOST = env.str("PASSKEY_HOST", default="localhost" if _HOST == "127.0.0.1" else _HOST)

# --- Security headers -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_ENGINE = "members.session_engine"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if not LOCAL:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# Nothing larger is read at all, and nothing that is uploaded touches the disk.
MAX_REQUEST_BYTES = 6 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_REQUEST_BYTES
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# A file may have 200 columns, and each is a field of the form that says what it means.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 220

# --- Language, time, static files -----------------------------------------------------------
LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
# Locally WhiteNoise asks the finders; nothing is collected.
STATIC_ROOT = None if LOCAL else env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", get_bootstrap_dir() / "css")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL

LOGGING = logs.config(
    level=env.str("LOG_LEVEL", default="WARNING" if LOCAL else "INFO"), readable=LOCAL
)
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the mail address is unique through a constraint on Lower
