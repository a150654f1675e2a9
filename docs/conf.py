"""Sphinx: the documentation for people who install and use ViddlWS."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "ViddlWS"
author = "The ViddlWS founders"
copyright = "2026, The ViddlWS founders"  # noqa: A001 - Sphinx's name
extensions = ["options_table"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "ViddlWS"
nitpicky = True
