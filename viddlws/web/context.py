"""What every page's frame shows."""

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from viddlws.accounts.models import User
from viddlws.downloads import services as downloads
from viddlws.downloads.models import State
from viddlws.library.models import Tag
from viddlws.web.access import person
from viddlws.web.forms import FORMATS

THEMES = [("", "System", "sun-moon"), ("day", "Light", "sun"), ("night", "Dark", "moon")]
THEME_COOKIE = "viddlws_theme"
PASTE = "paste"  # in the session: format and tags as chosen last, and the text that was not taken
PAGE_OF = {
    "watch": "library", "edit": "library", "delete": "library", "account_change_password": "account",
    "subscribe": "feeds", "feed": "feeds", "test-feed": "feeds",
}  # fmt: skip


class Frame:
    """Asks only for what a page really shows."""

    formats = FORMATS
    themes = THEMES

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def here(self) -> str:
        """Where to come back to after a form: this page, or the one that asked for a fragment."""
        htmx = getattr(self._request, "htmx", None)
        return (htmx and htmx.current_url_abs_path) or self._request.get_full_path()

    @cached_property
    def page(self) -> str:
        name = self._request.resolver_match.url_name if self._request.resolver_match else ""
        return PAGE_OF.get(name or "", name or "")

    @cached_property
    def theme(self) -> str:
        chosen = self._request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in {name for name, _, _ in THEMES} else ""

    @cached_property
    def open_for_sign_up(self) -> bool:
        return bool(settings.OPTIONS.allow_registration)

    @cached_property
    def active(self) -> int:
        """How many of this person's downloads run or wait."""
        return downloads.current(self._person).filter(state__in=(State.RUNNING, State.QUEUED)).count()

    @cached_property
    def tags(self) -> list[Tag]:
        return list(Tag.objects.visible_to(self._person))

    @property
    def has_hidden_tags(self) -> bool:
        return any(tag.hidden for tag in self.tags)

    @cached_property
    def _paste(self) -> dict[str, str]:
        return dict(self._request.session.get(PASTE, {}))

    @cached_property
    def kept_text(self) -> str:
        """What was refused at the last paste, once."""
        text = self._paste.get("kept", "")
        if text:
            self._request.session[PASTE] = {**self._paste, "kept": ""}
        return text

    @property
    def paste_rows(self) -> int:
        return min(10, self.kept_text.count("\n") + 1)

    @property
    def paste_format(self) -> str:
        return self._paste.get("format", "")

    @property
    def paste_tags(self) -> str:
        return self._paste.get("tags", "")

    @property
    def _person(self) -> User:
        return person(self._request)


def page(request: HttpRequest) -> dict[str, object]:
    """Context of the frame around every page."""
    return {"frame": Frame(request)}
