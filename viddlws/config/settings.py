"""Django's settings: each value comes from the option table or is a constant. Nothing else happens here."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from viddlws.config import databases, environment, hosts, logs
from viddlws.lib import secrets
from viddlws.ops import valkey

OPTIONS = environment.load()
_DATA = OPTIONS.data_dir
_HERE = Path(__file__).resolve().parent.parent
_CANONICAL = OPTIONS.public_urls[0] if OPTIONS.public_urls else ""

DEBUG = OPTIONS.debug
SECRET_KEY = OPTIONS.secret_key or secrets.kept(_DATA / "secret_key")
ROOT_URLCONF = "viddlws.config.urls"
WSGI_APPLICATION = "viddlws.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "viddlws.web",  # first: its templates stand before allauth's and the administration's of the same name
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_structlog",
    "django_vite",
    "template_partials",
    "viddlws.accounts",
    "viddlws.library",
    "viddlws.downloads",
    "viddlws.feeds",
    "viddlws.ops",
    "viddlws.config",
]

MIDDLEWARE = [
    "viddlws.ops.health.HealthFirst",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "viddlws.web.access.PrivateByDefault",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "viddlws.web.context.page",
            ],
        },
    }
]

# Data
DATABASES = databases.from_options(OPTIONS)
MEDIA_ROOT = OPTIONS.media
BROKER_URL = OPTIONS.redis_url or valkey.address(_DATA)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
    }
}
DATABASE_ROUTERS: list[str] = []

# Sign-in
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "viddlws.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ALLAUTH_TRUSTED_PROXY_COUNT = OPTIONS.trusted_proxies
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "library"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# Addresses, cookies, headers
FORCE_SCRIPT_NAME = OPTIONS.url_prefix or None
_PREFIX = OPTIONS.url_prefix + "/"
STATIC_URL = _PREFIX + "static/"
PUBLIC_URL = hosts.with_prefix(_CANONICAL, OPTIONS.url_prefix)  # ours in absolute addresses; empty: as we are asked
_HOSTS = [urlsplit(url).hostname or "" for url in OPTIONS.public_urls] + list(OPTIONS.allowed_hosts)
ALLOWED_HOSTS = _HOSTS or hosts.own(OPTIONS.host)
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in OPTIONS.public_urls]
_SECURE = OPTIONS.secure_cookies if OPTIONS.secure_cookies is not None else _CANONICAL.startswith("https:")
SESSION_COOKIE_NAME = "viddlws_session"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = _PREFIX
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CSRF_COOKIE_NAME = "viddlws_csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1000 * 1000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "worker-src": [SELF],
    }
}

# Pages
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+/dist/assets/.+$"  # Vite puts a hash into these names
DJANGO_VITE = {
    "default": {
        "manifest_path": _HERE / "web" / "static" / "dist" / "manifest.json",
        "static_url_prefix": "dist",
    }
}
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Mail
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if OPTIONS.email_host else 'console'}.EmailBackend"
EMAIL_HOST = OPTIONS.email_host
EMAIL_PORT = OPTIONS.email_port
EMAIL_HOST_USER = OPTIONS.email_host_user
EMAIL_HOST_PASSWORD = OPTIONS.email_host_password
EMAIL_USE_TLS = OPTIONS.email_use_tls and not OPTIONS.email_use_ssl
EMAIL_USE_SSL = OPTIONS.email_use_ssl
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = OPTIONS.default_from_email

# Logs
LOGGING_CONFIG = None  # set up below, before anything logs
logs.set_up(OPTIONS)
logs.warn_of_unknown(environment.unknown())
