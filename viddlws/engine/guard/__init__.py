"""Keeps a job away from our own network and our own files."""
