"""yt-dlp in a process of its own. Knows nothing of Django; Django knows only `messages` and `supervisor`."""
