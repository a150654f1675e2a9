"""The face for operators: command line and health."""
