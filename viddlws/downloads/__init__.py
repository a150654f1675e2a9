"""Fetch it: the queue from link to finished video."""
