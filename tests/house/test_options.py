"""Every option is documented, and has a name and help."""

from viddlws.config.options import Options, names_of


def test_every_option_has_help_and_a_name_of_its_own() -> None:
    names = [name for field in Options.model_fields for name in names_of(field)]

    assert all(field.description for field in Options.model_fields.values())
    assert len(names) == len(set(names))
