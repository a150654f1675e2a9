"""What people type, checked and cleaned."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.http import QueryDict

from viddlws.engine.messages import Format
from viddlws.feeds.models import Kind, Order
from viddlws.feeds.services import LONGEST_NAME
from viddlws.library.overview import Filter

FORMATS = [(Format.VIDEO, "Video"), (Format.AUDIO, "Audio"), (Format.BOTH, "Both")]
KINDS = [("", "All kinds"), ("video", "Video"), ("audio", "Audio")]
STATES = [("", "Any state"), ("done", "Done"), ("running", "Running"), ("queued", "Waiting"), ("failed", "Failed")]
LENGTHS = [("", "Any length"), ("short", "Under 4 minutes"), ("medium", "4 to 20 minutes"), ("long", "Over 20 minutes")]
SORTS = [
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("title", "By title"),
    ("longest", "Longest first"),
    ("shortest", "Shortest first"),
    ("largest", "Largest first"),
]
_NEW = {"autocomplete": "new-password"}
LONGEST_TITLE = 500  # characters a person may give


class TagsField(forms.CharField):
    """Words with commas between them, as a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=2000, **kwargs)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [word.strip() for word in text.split(",") if word.strip()]


class PasteForm(forms.Form):
    """The paste box. Links are judged one by one by `downloads.services.request`."""

    links = forms.CharField(error_messages={"required": "Paste a link first."})
    format = forms.ChoiceField(choices=FORMATS, required=False)
    title = forms.CharField(required=False, max_length=LONGEST_TITLE)
    tags = TagsField()
    confirmed = forms.BooleanField(required=False)


class EditForm(forms.Form):
    title = forms.CharField(max_length=LONGEST_TITLE)
    tags = TagsField()


class LinkForm(forms.Form):
    url = forms.CharField(error_messages={"required": "Enter the new link."})


class TagForm(forms.Form):
    name = forms.CharField(max_length=100, error_messages={"required": "A tag needs a name."})


class FilterForm(forms.Form):
    """The library's query. A value that is not one of ours counts as not given."""

    q = forms.CharField(required=False, max_length=200)
    tag = forms.CharField(required=False, max_length=100)
    channel = forms.CharField(required=False, max_length=1000)
    kind = forms.ChoiceField(choices=KINDS, required=False)
    state = forms.ChoiceField(choices=STATES, required=False)
    length = forms.ChoiceField(choices=LENGTHS, required=False)
    sort = forms.ChoiceField(choices=SORTS, required=False)
    hidden = forms.BooleanField(required=False)

    def filter(self) -> Filter:
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return Filter(**given)


class FeedForm(forms.Form):
    """What to subscribe to: a tag or a search; neither is everything."""

    tag = forms.CharField(required=False, max_length=100)
    query = forms.CharField(required=False, max_length=200)
    kind = forms.ChoiceField(choices=Kind.choices)
    order = forms.ChoiceField(choices=Order.choices)
    name = forms.CharField(required=False, max_length=LONGEST_NAME)

    @classmethod
    def of(cls, asked: QueryDict) -> "FeedForm":
        """Not sent yet, with what a link asks for; what is not one of ours counts as not given."""
        kind = asked.get("kind", "")
        return cls(
            initial={
                "tag": asked.get("tag", "")[:100],
                "query": asked.get("q", "")[:200],
                "kind": kind if kind in Kind.values else Kind.AUDIO.value,
                "order": Order.ARCHIVED.value,
            }
        )


class FeedNameForm(forms.Form):
    name = forms.CharField(required=False, max_length=LONGEST_NAME)


class FirstRunForm(forms.Form):
    """Name and password of the first administrator."""

    name = forms.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput({"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(validators=[validate_password], widget=forms.PasswordInput(_NEW))
    again = forms.CharField(label="The same password again", widget=forms.PasswordInput(_NEW))

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("password") != self.cleaned_data.get("again"):
            self.add_error("again", "The two passwords are not the same.")
        return self.cleaned_data
