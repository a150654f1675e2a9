"""The face for podcast apps: a key in the address opens one feed and what it lists, and nothing else."""
