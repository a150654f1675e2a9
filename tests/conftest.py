"""What every test may use. The site is `tests/site`."""

from tests.site.fixtures import fresh_site, site

__all__ = ["fresh_site", "site"]
