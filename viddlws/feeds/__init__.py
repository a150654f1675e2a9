"""Announcing what we keep: private feeds for podcast apps. Given addresses, it needs no HTTP."""
