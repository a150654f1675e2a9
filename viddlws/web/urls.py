"""Addresses of the pages."""

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, path

from viddlws.web.access import while_open
from viddlws.web.views import account, downloads, feeds, library, media, system, tags, watch

urlpatterns: list[URLPattern | URLResolver] = [
    path("", library.library, name="library"),
    path("changes/", library.changes, name="changes"),
    path("watch/<uuid:id>/", watch.watch, name="watch"),
    path("watch/<uuid:id>/edit/", watch.edit, name="edit"),
    path("watch/<uuid:id>/delete/", watch.delete, name="delete"),
    path("watch/<uuid:id>/chapters.vtt", watch.chapters, name="chapters"),
    path("downloads/", downloads.downloads, name="downloads"),
    path("downloads/add/", downloads.add, name="add"),
    path("downloads/retry-failed/", downloads.retry_failed, name="retry-failed"),
    path("downloads/<uuid:id>/cancel/", downloads.cancel, name="cancel"),
    path("downloads/<uuid:id>/retry/", downloads.retry, name="retry"),
    path("downloads/<uuid:id>/link/", downloads.change_link, name="change-link"),
    path("downloads/<uuid:id>/remove/", downloads.remove, name="remove"),
    path("downloads/<uuid:id>/thumbnail.jpg", media.early_thumbnail, name="early-thumbnail"),
    path("media/<int:id>/<str:name>", media.media, name="media"),
    path("tags/", tags.tags, name="tags"),
    path("tags/<int:id>/rename/", tags.rename, name="rename-tag"),
    path("tags/<int:id>/hide/", tags.hide, name="hide-tag"),
    path("tags/<int:id>/delete/", tags.delete, name="delete-tag"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/new/", feeds.subscribe, name="subscribe"),
    path("feeds/feeds.opml", feeds.feeds_opml, name="feeds-opml"),
    path("feeds/<uuid:id>/", feeds.feed, name="feed"),
    path("feeds/<uuid:id>/cover.jpg", feeds.cover, name="feed-cover"),
    path("feeds/<uuid:id>/rename/", feeds.rename, name="rename-feed"),
    path("feeds/<uuid:id>/rotate/", feeds.rotate, name="rotate-feed"),
    path("feeds/<uuid:id>/revoke/", feeds.revoke, name="revoke-feed"),
    path("feeds/<uuid:id>/remove/", feeds.remove, name="remove-feed"),
    path("feeds/<uuid:id>/test/", feeds.test, name="test-feed"),
    path("account/", account.account, name="account"),
    path("account/theme/", account.theme, name="theme"),
    path("account/sign-in/", allauth.login, name="account_login"),
    path("account/sign-out/", allauth.logout, name="account_logout"),
    path("account/sign-up/", while_open(allauth.signup), name="account_signup"),
    path("account/password/", allauth.password_change, name="account_change_password"),
    path("first-run/<str:code>/", system.first_run, name="first-run"),
]
