"""Tags: words of one person. Case does not tell two apart; the spelling used first stays."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from viddlws.accounts.models import User
from viddlws.library.errors import LibraryError
from viddlws.library.models import HIDDEN_AT_FIRST, Tag, Tagging

LONGEST = 100  # characters


@transaction.atomic
def tags_named(user: User, names: Iterable[str]) -> list[Tag]:
    """The person's tags of these names, in this order, each once; missing ones are made. Empty names are left out."""
    wanted = {_key(name): name for name in reversed([cleaned(name) for name in names]) if name}
    known = _known(user)
    missing = [
        Tag(owner=user, name=name, hidden=key in HIDDEN_AT_FIRST) for key, name in wanted.items() if key not in known
    ]
    if missing:
        Tag.objects.bulk_create(missing, ignore_conflicts=True)
        known = _known(user)
    return [known[key] for key in reversed(wanted) if key in known]


def tags_known(user: User, names: Iterable[str]) -> list[Tag]:
    """As `tags_named`, but nothing is made."""
    known = _known(user)
    keys = dict.fromkeys(_key(cleaned(name)) for name in names)
    return [known[key] for key in keys if key in known]


def cleaned(name: str) -> str:
    """A tag's name without invisible characters and needless space, cut to what fits."""
    visible = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(visible.split())[:LONGEST].rstrip()


@transaction.atomic
def rename_tag(user: User, tag_id: int, name: str) -> Tag:
    """Give a tag another name. Where that is another tag's name the two become one, shown or hidden as that one was."""
    tag = Tag.objects.visible_to(user).get(id=tag_id)
    name = cleaned(name)
    if not name:
        raise LibraryError("A tag needs a name.", "Write at least one character.")
    other = _known(user).get(_key(name))
    if other and other.pk != tag.pk:
        _merge(tag, other)
        return other
    tag.name = name
    tag.save(update_fields=["name"])
    return tag


def hide_tag(user: User, tag_id: int, hidden: bool) -> None:
    """Leave the tag's videos out of the overview and of feeds, or show them again."""
    if not Tag.objects.visible_to(user).filter(id=tag_id).update(hidden=hidden):
        raise Tag.DoesNotExist


def delete_tag(user: User, tag_id: int) -> None:
    """Take the tag off everything; the videos stay."""
    Tag.objects.visible_to(user).get(id=tag_id).delete()


def tags_with_counts(user: User) -> QuerySet[Tag]:
    """The person's tags by name, each with `count`, the number of its videos."""
    return Tag.objects.visible_to(user).annotate(count=Count("taggings")).order_by(Lower("name"))


def _merge(tag: Tag, into: Tag) -> None:
    """Everything that has `tag` has `into` instead, whatever it is."""
    for relation in Tag._meta.related_objects:
        if relation.many_to_many:
            name = str(relation.get_accessor_name())
            holders = list(getattr(tag, name).values_list("pk", flat=True))
            for start in range(0, len(holders), 500):
                getattr(into, name).add(*holders[start : start + 500])
        elif relation.one_to_many and relation.related_model is not Tagging:
            relation.related_model._base_manager.filter(**{relation.field.name: tag}).update(
                **{relation.field.name: into}
            )
    tag.delete()


def _known(user: User) -> dict[str, Tag]:
    return {_key(tag.name): tag for tag in Tag.objects.visible_to(user)}


def _key(name: str) -> str:
    return name.casefold()
