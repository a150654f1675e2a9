"""What a person asked for and cannot have, in plain words."""

from viddlws.downloads.models import Download


class Refused(Exception):  # noqa: N818 (a refusal, not a fault)
    """`message` says why, `advice` what to do instead."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class TooManyLinks(Refused):
    """More links in one paste than are taken at once; none was taken."""


class NotNow(Refused):
    """The download is in a state in which this cannot be done."""


def not_now(download: Download) -> NotNow:
    return NotNow(
        f"This download is {download.state}.",
        "Remove it if you no longer want it." if download.state == "done" else "Wait a moment, or cancel it first.",
    )
