"""Every setting, in one file. Each environment variable is described in docs/settings.md."""

from pathlib import Path

import structlog
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from console import env
from core import clock

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where things are ---------------------------------------------------------------------------------------------
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data"))).resolve()
STATE_DIR = Path(env.text("EXECUTOR_STATE_DIR", f"{DATA_DIR}.executor")).resolve()
PUBLIC_URL = env.address("PUBLIC_URL", "http://localhost:8000", DATA_DIR / "console.json").rstrip("/")
SIGN_URL = env.text("SIGN_URL").rstrip("/")
SERVE = env.text("SERVE", "console")
if SERVE not in {"console", "sign"} or (SERVE == "sign" and not SIGN_URL):
    detail = f"SERVE is {SERVE!r}; write console, or sign together with SIGN_URL."
    raise ImproperlyConfigured(detail)
HERE_URL = SIGN_URL if SERVE == "sign" else PUBLIC_URL

# --- which mode ---------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "countersign.sqlite3")}
REDIS_URL = env.text("REDIS_URL")
EMBEDDED = not REDIS_URL
DEBUG = env.flag("DEBUG", default=False)
if not EMBEDDED and clock.shift():
    detail = f"{clock.SHIFT_VARIABLE} is set. It moves the clock for tests; production does not start with it."
    raise ImproperlyConfigured(detail)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not EMBEDDED:
        detail = "SECRET_KEY is not set. Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'."
        raise ImproperlyConfigured(detail)
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    _secret = DATA_DIR / "secret_key"
    if not _secret.exists():
        import secrets

        _secret.touch(mode=0o600)
        _secret.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    SECRET_KEY = _secret.read_text(encoding="utf-8").strip()
OIDC_ISSUER = env.text("OIDC_ISSUER")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUP_ROLES = env.words("OIDC_GROUP_ROLES")
OIDC_ALLOWED_GROUPS = env.words("OIDC_ALLOWED_GROUPS")
OIDC_RECHECK_S = env.number("OIDC_RECHECK_S", 7 * 24 * 3600)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_FAILURE_VIEW = "console.pages.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [HERE_URL]
HTTPS = HERE_URL.startswith("https://")

# --- packages -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "audit",
    "people",
    "incidents",
    "approvals",
    "connectors",
    "agents",
    "console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.middleware.content_security_policy",
    "console.middleware.request_id",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.sessions.session_limits",
    "console.sign_origin.signing_elsewhere",
    "django.contrib.messages.middleware.MessageMiddleware",
    "console.middleware.expected_errors",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "console.urls_sign" if SERVE == "sign" else "console.urls"
ASGI_APPLICATION = "console.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.context.shell",
            ],
            "libraries": {"console": "console.templatetags.console"},
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
LOGIN_URL = "/sign-in/"

# --- time and language --------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

# --- browser security ---------------------------------------------------------------------------------------------
# The signing origin has sessions of its own: browsers keep cookies by host, and the names differ on a shared one.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("sign_sessionid", "sign_csrftoken") if SERVE == "sign" else ("sessionid", "csrftoken")
)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_IDLE_S = env.number("SESSION_IDLE_S", 2 * 3600)
SESSION_MAX_S = env.number("SESSION_MAX_S", 12 * 3600)
STEP_UP_S = env.number("STEP_UP_S", 300)
SESSION_COOKIE_AGE = int(SESSION_MAX_S)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_TLS_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- static files -------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = EMBEDDED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage" if EMBEDDED else "console.storage.ManifestStorage"
        )
    },
}

# --- doorbells ----------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://localhost//"
# A broker that is down must not hold up whoever rings: without `max_retries` each ring would try for six seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 60, "max_retries": 1, "interval_start": 0, "socket_connect_timeout": 2}
    if REDIS_URL
    else {"polling_interval": 0.01}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_QUEUES = [Queue(name) for name in ("interactive", "intake", "diagnosis", "background")]
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # the schedule below is all there is; nothing to keep on disk
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # A doorbell that nobody answered in time is thrown away: the next one rings soon.
    name: {"task": task, "schedule": every_s, "options": {"queue": queue, "expires": 5 * every_s}}
    for name, task, every_s, queue in (
        ("sequence-ledger", "audit.sequence", 1.0, "interactive"),
        ("examine-ledger", "audit.examine", 10.0, "background"),
        ("tell-refusals", "audit.roll_up", 60.0, "background"),
        ("drain-inbox", "connectors.drain", 1.0, "intake"),
        ("reconcile", "agents.reconcile", 1.0, "diagnosis"),
        ("tell-outside", "connectors.tickets", 2.0, "background"),
        ("tell-webhooks", "connectors.webhooks", 1.0, "background"),
        ("go-on-importing", "connectors.imports", 5.0, "background"),
        ("settle-windows", "incidents.reconcile", 5.0, "background"),
        ("cosign", "audit.cosign", 30.0, "background"),
        ("heartbeat", "console.heartbeat", 5.0, "background"),
        ("expire-requests", "approvals.expire", 5.0, "background"),
        ("tell-people", "approvals.tell", 2.0, "background"),
        ("keep-registry", "approvals.keep", 5.0, "background"),
    )
}
CHANNEL_LAYERS = {
    "default": (
        {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
        if REDIS_URL
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    )
}

# --- the product --------------------------------------------------------------------------------------------------
LEASE_S = env.number("LEASE_S", 20)
INTAKE_MAX_BYTES = int(env.number("INTAKE_MAX_BYTES", 1_000_000))
INTAKE_MAX_WAITING = int(env.number("INTAKE_MAX_WAITING", 50_000))
INTAKE_MAX_WAITING_EACH = int(env.number("INTAKE_MAX_WAITING_EACH", 20_000))
DATA_UPLOAD_MAX_MEMORY_SIZE = INTAKE_MAX_BYTES + 1
TLS_PROXIES = env.networks("TLS_PROXIES")
WITNESSES = env.text("WITNESSES")
WEBHOOK_NETWORKS = env.networks("WEBHOOK_NETWORKS")
LAB_MONITOR = env.text("LAB_MONITOR", "auto")
LAB_DIR = Path(env.text("LAB_DIR", str(DATA_DIR / "lab"))).resolve()
AUDIENCE = env.text("EXECUTOR_AUDIENCE", "executor:default")
KEY_FOLDERS = {"executor": env.text("EXECUTOR_KEY_DIR"), "policy": env.text("POLICY_KEY_DIR")}
POLICY_SIGNER_SOCKET = env.text("POLICY_SIGNER_SOCKET")
CHANGE_GUARD = "agents.execution.clearance.guard"  # what approvals ask before policy signs alone

# --- mail ---------------------------------------------------------------------------------------------------------
MAIL = env.mail("EMAIL_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL.host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.host, MAIL.port, MAIL.starttls, MAIL.tls
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_TIMEOUT = MAIL.user, MAIL.password, 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "countersign@localhost")

# --- API ----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "people.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "console.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {"TITLE": "Countersign", "VERSION": "1", "OAS_VERSION": "3.1.0", "SERVE_INCLUDE_SCHEMA": False}

# --- logging: one JSON line a fact, to standard error or a file ---------------------------------------------------
LOG_FILE = env.text("LOG_FILE")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "filters": {"mask_tokens": {"()": "console.logs.MaskTokens"}},
    "handlers": {
        "log": {
            **(
                {"class": "logging.handlers.WatchedFileHandler", "filename": LOG_FILE, "delay": True}
                if LOG_FILE
                else {}
            ),
            **({} if LOG_FILE else {"class": "logging.StreamHandler"}),
            "formatter": "json",
            "filters": ["mask_tokens"],
        }
    },
    "root": {"handlers": ["log"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},
        "uvicorn.access": {"level": "WARNING"},
        "mail": {"level": "CRITICAL"},  # aiosmtpd's; it would log each line of a client, addresses with secrets in them
    },
}
