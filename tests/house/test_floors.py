"""Floors that an import checker cannot see: relations between models, and what may use HTTP."""

from pathlib import Path

from django.apps import apps
from django.db.models import ForeignObject, ManyToManyField

FLOORS = [{"accounts"}, {"library"}, {"downloads", "feeds"}]
OURS = {label: height for height, floor in enumerate(FLOORS) for label in floor}


def test_every_subject_with_models_has_a_floor() -> None:
    with_models = {config.label for config in apps.get_app_configs() if config.name.startswith("viddlws.")}
    with_models = {label for label in with_models if list(apps.get_app_config(label).get_models())}

    assert with_models == set(OURS)


def test_relations_point_down_or_stay_on_their_floor() -> None:
    climbing = []
    for label, height in OURS.items():
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields(include_hidden=False):
                if not isinstance(field, ForeignObject | ManyToManyField):
                    continue
                target = field.related_model
                assert not isinstance(target, str)
                if target._meta.app_label in OURS and OURS[target._meta.app_label] > height:
                    climbing.append(f"{model.__name__}.{field.name} -> {target.__name__}")

    assert climbing == []


def test_no_source_file_is_longer_than_400_lines() -> None:
    root = Path(__file__).parents[2]
    sources = [
        path
        for folder in ("viddlws", "tests", "frontend", "bench")
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".ts", ".css", ".html"}
        and not {"migrations", "dist", "node_modules"} & set(path.parts)
    ]
    assert sources
    too_long = {str(path.relative_to(root)): n for path in sources if (n := len(path.read_text().splitlines())) > 400}

    assert too_long == {}
