"""What can go wrong with the library, in words for people."""


class LibraryError(Exception):
    """Something a person asked of the library cannot be done."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class StorageError(LibraryError):
    """The media folder does not do as it is told."""


class DiskFull(StorageError):  # noqa: N818 - the words people use
    """There is no room left for a file."""
