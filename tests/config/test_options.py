"""Options are read from the environment, and a wrong one is named in one plain sentence."""

from pathlib import Path

import pytest

from viddlws.config import databases
from viddlws.config.environment import OptionError, load, unknown
from viddlws.config.options import Options, is_secret, names_of


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("VIDDLWS_DOWNLOAD_CONCURRENCY", "many", "must be a whole number, but it is 'many'."),
        ("VIDDLWS_DOWNLOAD_CONCURRENCY", "0", "must be 1 or more, but it is '0'."),
        ("VIDDLWS_PORT", "70000", "must be 65535 or less, but it is '70000'."),
        ("DJANGO_DEBUG", "perhaps", "must be yes or no, but it is 'perhaps'."),
        ("VIDDLWS_AUDIO_CODEC", "flac", "must be 'm4a' or 'mp3', but it is 'flac'."),
        ("VIDDLWS_MAX_SIZE", "big", "must be a size, like 500 MB or 20 GB, but it is 'big'."),
        ("VIDDLWS_MAX_SIZE", "-1", "must be 0 or more, but it is '-1'."),
        ("VIDDLWS_URL_PREFIX", "videos", "must begin with a slash, like /videos, but it is 'videos'."),
        ("PUBLIC_URLS", "videos.example.org", "must be addresses with commas between them, like "
         "https://videos.example.org, but it is 'videos.example.org'."),
        ("VIDDLWS_ALLOWED_NETWORKS", "home", "must be networks with commas between them, like 192.168.7.0/24, "
         "fd00::/8, but it is 'home'."),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "must name a PostgreSQL or SQLite database, like "
         "postgres://user:password@host:5432/name."),
        ("DATABASE_URL", "hunter2", "must be an address like postgres://user:password@host:5432/name."),
        ("REDIS_URL", "amqp://:hunter2@rabbit", "must be an address like redis://redis:6379/0."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_sentence_that_names_it_and_shows_no_secret(name: str, text: str, complaint: str) -> None:
    with pytest.raises(OptionError) as refused:
        load({name: text})

    assert str(refused.value) == f"{name} {complaint}"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("DJANGO_SECRET_KEY", "k", "secret_key", "k"),
        ("DJANGO_ADMIN_URL", "door/", "admin_url", "door/"),
        ("DJANGO_ALLOWED_HOSTS", "a.example, b.example", "allowed_hosts", ("a.example", "b.example")),
        ("DJANGO_ACCOUNT_ALLOW_REGISTRATION", "True", "allow_registration", True),
        ("DJANGO_DEBUG", "off", "debug", False),
        ("DATABASE_URL", "postgres://u:p@h/n", "database_url", "postgres://u:p@h/n"),
        ("POSTGRES_HOST", "h", "postgres_host", "h"),
        ("POSTGRES_PORT", "5433", "postgres_port", 5433),
        ("POSTGRES_DB", "n", "postgres_db", "n"),
        ("POSTGRES_USER", "u", "postgres_user", "u"),
        ("POSTGRES_PASSWORD", "p", "postgres_password", "p"),
        ("REDIS_URL", "redis://r:6379/0", "redis_url", "redis://r:6379/0"),
        ("CELERY_BROKER_URL", "valkey://v:6379/1", "redis_url", "redis://v:6379/1"),
        ("CELERY_TASK_TIME_LIMIT", "300", "task_time_limit", 300),
        ("CELERY_FLOWER_USER", "f", "flower_user", "f"),
        ("CELERY_FLOWER_PASSWORD", "p", "flower_password", "p"),
        ("WEB_CONCURRENCY", "3", "web_concurrency", 3),
        ("EMAIL_HOST", "m", "email_host", "m"),
        ("EMAIL_PORT", "25", "email_port", 25),
        ("EMAIL_HOST_USER", "u", "email_host_user", "u"),
        ("EMAIL_HOST_PASSWORD", "p", "email_host_password", "p"),
        ("EMAIL_USE_TLS", "no", "email_use_tls", False),
        ("EMAIL_USE_SSL", "yes", "email_use_ssl", True),
        ("DJANGO_DEFAULT_FROM_EMAIL", "v@example.org", "default_from_email", "v@example.org"),
        ("VIDDLWS_MAX_SIZE", "1.5 GB", "max_size", 1_500_000_000),
        ("VIDDLWS_DISK_RESERVE", "2GiB", "disk_reserve", 2_000_000_000),
    ],
)
def test_the_names_operators_know_are_understood(name: str, text: str, field: str, value: object) -> None:
    assert getattr(load({name: text}), field) == value


def test_every_secret_can_be_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-file\n")
    plain = [field for field in Options.model_fields if is_secret(field) and not field.endswith("_url")]
    assert len(plain) >= 5

    for field in plain:
        assert getattr(load({f"{names_of(field)[0]}_FILE": str(secret)}), field) == "from-file"


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        load({"DJANGO_SECRET_KEY_FILE": str(tmp_path / "nowhere")})

    text = str(refused.value)
    assert text.startswith("DJANGO_SECRET_KEY_FILE names ")
    assert text.endswith("which cannot be read: No such file or directory.")


def test_a_variable_that_means_nothing_is_noticed_with_what_was_meant() -> None:
    assert unknown({"VIDDLWS_MAX_SIZES": "1", "VIDDLWS_ZEBRA": "1", "VIDDLWS_MAX_SIZE": "1", "HOME": "/"}) == {
        "VIDDLWS_MAX_SIZES": "VIDDLWS_MAX_SIZE",
        "VIDDLWS_ZEBRA": "",
    }


def test_the_database_is_the_one_that_is_named_else_a_file_in_the_data_folder(tmp_path: Path) -> None:
    named = databases.from_options(load({"DATABASE_URL": "postgres://u:p@h:5433/n"}))["default"]
    kin = databases.from_options(load({"POSTGRES_HOST": "h2", "POSTGRES_PASSWORD": "p"}))["default"]
    own = databases.from_options(load({"VIDDLWS_DATA_DIR": str(tmp_path)}))["default"]

    assert (named["ENGINE"], named["HOST"], named["PORT"]) == ("django.db.backends.postgresql", "h", 5433)
    assert (kin["HOST"], kin["NAME"], kin["USER"]) == ("h2", "viddlws", "viddlws")
    assert own["NAME"] == tmp_path / "viddlws.sqlite3"
