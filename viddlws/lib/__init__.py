"""Small named tools, one thing a file. They know nothing of us."""
