"""What we keep: videos, their files, tags, search."""
