"""What is written from the option table is current and whole."""

from pathlib import Path

from docutils.core import publish_doctree  # type: ignore[import-untyped]

from viddlws.config import example, reference
from viddlws.config.options import Options, names_of


def test_the_example_of_settings_is_current() -> None:
    written = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")

    assert written == example.render(), "write it again: make fix"


def test_the_reference_names_every_option_under_each_of_its_names() -> None:
    text = publish_doctree(reference.render(), settings_overrides={"report_level": 2, "halt_level": 2}).astext()

    assert [name for field in Options.model_fields for name in names_of(field) if name not in text] == []
