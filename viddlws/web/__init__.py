"""The face for people with a browser: proves who they are by session cookie."""
