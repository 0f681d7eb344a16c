"""The pages of the portal in a real browser."""

from .portal import ClientPageCase
from .tour import TourCase


class PageTourCase(ClientPageCase, TourCase):
    """As Ada, who administers Acme, or somebody else."""

    def _tour(self, name, path="", login="ada"):
        """Play the tour ``name`` from the page of Acme at ``path`` on; an address that
        begins with ``/my`` is one of its own."""
        self.env.flush_all()
        url = path if path.startswith("/my") else self._get_url(path)
        self.start_tour(url, name, login=login)
        self.env.invalidate_all()

    def _in_languages(self, user=None):
        """Yield each language that ``user``, by default Ada, then reads the pages in;
        undo what is done."""
        user = user or self.ada
        self.env["res.lang"]._activate_lang("fr_FR")
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang=lang), self._undone():
                user.lang = lang
                yield lang
