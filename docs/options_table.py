"""The directive ``options-table``: the settings page, made from the one option table."""

from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from viddlws.config import reference


class OptionsTable(SphinxDirective):
    """Puts in the reStructuredText that `viddlws.config.reference.render` writes."""

    def run(self) -> list[nodes.Node]:
        self.content = StringList(reference.render().splitlines(), source="viddlws/config/options.py")
        return self.parse_content_to_nodes(allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("options-table", OptionsTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
