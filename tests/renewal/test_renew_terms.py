"""*Renew* for several shows a line for each client."""

from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import format_date

from ..common.renew import RenewCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRenewTerms(RenewCase):
    def _get_rows(self, form):
        return {row["client"]: row for row in form.terms}

    def _format(self, day):
        return format_date(self.env, fields.Date.to_date(day))

    def test_each_client_has_its_line(self):
        ended = self._create_term(
            self._create_client("Elm", self.north), start="2025-03-01"
        )
        draft = self._create_term(self._create_client("Fir", self.north), running=False)
        form = self._open(self.term | ended | draft)
        form.allow_partial = True
        rows = self._get_rows(form)
        self.assertEqual(list(rows), ["Fir", "Elm", "Acme"])
        acme, elm, fir = rows["Acme"], rows["Elm"], rows["Fir"]
        self.assertEqual(acme["until"], self._format("2026-12-31"))
        self.assertEqual(acme["end"], self._format("2027-12-31"))
        self.assertEqual((acme["licences"], acme["is_final"]), ("5", False))
        self.assertEqual(acme["price"], "No price")
        self.assertEqual(elm["end"], self._format("2027-02-28"))
        self.assertTrue(elm["is_final"])
        self.assertNotIn("end", fir)
        self.assertIn("not in progress", fir["note"])
        form.years = 2
        self.assertEqual(self._get_rows(form)["Acme"]["licences"], "10")
        results = form.save()
        results.action_renew()
        self.assertEqual(str(self.term.renewal_id.date_end), "2028-12-31")
        self.assertEqual(len(results.result_ids), 3)

    def test_one_alone_has_none(self):
        self.assertFalse(self._open().terms)

    def test_what_it_asks_does_not_grow_with_the_clients(self):
        self._give(self.north, 999, from_vendor=True)
        few, many = self._create_terms(3), self._create_terms(30)
        counts = [
            self._count_queries(lambda terms=terms: self._open(terms))
            for terms in (few, many)
        ]
        self.assertLessEqual(counts[1], counts[0] + 3)
