from datetime import date, datetime

from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import Form, TransactionCase, freeze_time, tagged
from odoo.tools import SQL

from ..common.subscription import ADDON

ZONES = {
    "fr": "Europe/Paris",
    "be": "Europe/Brussels",
    "ch": "Europe/Zurich",
    "ca": "America/Toronto",
    "us": "America/New_York",
    "au": "Australia/Sydney",
    "br": "America/Sao_Paulo",
    "ru": "Europe/Moscow",
    "nz": "Pacific/Auckland",
    "es": "Europe/Madrid",
    "pt": "Europe/Lisbon",
}
NOON = datetime(2026, 3, 15, 12)


@tagged("post_install", "-at_install")
class TestCompanyZone(TransactionCase):
    """A company has a time zone from its country on."""

    def make(self, name="Vendor", **vals):
        return self.env["res.company"].create({"name": name, **vals})

    def get_country(self, code):
        return self.env.ref(f"base.{code}").id

    def test_each_country_has_the_zone_of_most_people(self):
        for code, zone in ZONES.items():
            with self.subTest(code=code):
                company = self.make(code, country_id=self.get_country(code))
                self.assertEqual(company.term_tz, zone)

    def test_every_country_presets_a_zone_that_can_be_chosen(self):
        company = self.make()
        zones = dict(company._fields["term_tz"]._description_selection(self.env))
        without = []
        for country in self.env["res.country"].search([]):
            company.write({"term_tz": False, "country_id": False})
            company.country_id = country
            self.assertIn(company.term_tz, [*zones, False])
            without += [] if company.term_tz else [country.code]
        # Nobody lives there, or the tz database has no zone of their own.
        self.assertLessEqual(set(without), {"AN", "BV", "HM", "XI", "XK"})

    def test_a_country_that_is_set_later_sets_the_zone(self):
        company = self.make()
        self.assertFalse(company.term_tz)
        with freeze_time(NOON):
            self.assertEqual(company._get_today(), date(2026, 3, 15))
            company.country_id = self.get_country("nz")
            self.env.flush_all()
            self.assertEqual(company._get_today(), date(2026, 3, 16))

    def test_a_country_that_changes_keeps_the_zone(self):
        company = self.make(country_id=self.get_country("fr"))
        company.country_id = self.get_country("us")
        self.assertEqual(company.term_tz, "Europe/Paris")

    def test_a_zone_that_is_given_wins(self):
        company = self.make(country_id=self.get_country("fr"), term_tz="Indian/Reunion")
        self.assertEqual(company.term_tz, "Indian/Reunion")

    def test_the_form_of_a_company_shows_what_is_preset(self):
        with Form(self.env["res.company"]) as form:
            form.name = "Vendor"
            form.country_id = self.env.ref("base.be")
        self.assertEqual(form.record.term_tz, "Europe/Brussels")

    def test_an_upgrade_presets_what_is_empty_alone(self):
        france = self.get_country("fr")
        empty, nowhere = self.make("Empty", country_id=france), self.make("Nowhere")
        chosen = self.make("Chosen", country_id=france, term_tz="Asia/Tokyo")
        archived = self.make("Archived", country_id=france)
        (empty | archived).term_tz = False
        archived.active = False
        path = f"{get_module_path(ADDON)}/migrations/19.0.1.2.0/post-00-zones.py"
        migrate = load_script(path, "pms_post_zones").migrate
        migrate(self.cr, None)
        self.assertFalse(empty.term_tz)
        migrate(self.cr, "19.0.1.1.0")
        self.assertEqual(
            [one.term_tz for one in (empty, nowhere, chosen, archived)],
            ["Europe/Paris", False, "Asia/Tokyo", "Europe/Paris"],
        )


@tagged("post_install", "-at_install")
class TestCompanyDay(TransactionCase):
    """One day for a company, whoever asks and however it is asked for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.env["res.company"]
        cls.east, cls.west, cls.none = cls.companies.create(
            [
                {"name": "East", "term_tz": "Pacific/Auckland"},
                {"name": "West", "term_tz": "America/Los_Angeles"},
                {"name": "Nowhere"},
            ]
        )

    def test_the_day_is_the_same_for_everybody(self):
        days = {self.east: 16, self.west: 15, self.none: 15}
        for tz in ("Pacific/Kiritimati", "America/Los_Angeles", "Nowhere/At_All", None):
            self.env.user.tz = tz if tz != "Nowhere/At_All" else False
            for company, day in days.items():
                asked = company.with_context(tz=tz)
                with self.subTest(tz=tz, company=company.name), freeze_time(NOON):
                    day_there = date(2026, 3, day)
                    self.assertEqual(asked._get_today(), day_there)
                    self.assertEqual(asked._get_day_of(NOON), day_there)
                    days_of_terms = asked._get_term_days()[company.id]
                    self.assertEqual(days_of_terms.today, day_there)

    def ask(self, sql):
        """Return what ``sql``, of the column ``id``, says of each company."""
        query = SQL(
            "SELECT id, %s FROM res_company WHERE id = ANY(%s)",
            sql,
            (self.east | self.west | self.none).ids,
        )
        return dict(self.env.execute_query(query))

    def test_the_database_says_the_same(self):
        with freeze_time(NOON):
            (today,) = self.companies._get_term_days_sql(SQL("id"), "today")
            ends = self.companies._get_day_end_sql(SQL("id"), date(2026, 3, 15))
            todays, moments = self.ask(today), self.ask(ends)
            for company in (self.east, self.west, self.none):
                with self.subTest(company=company.name):
                    self.assertEqual(todays[company.id], company._get_today())
                    end = company._get_day_end(date(2026, 3, 15))
                    self.assertEqual(moments[company.id], end)
        self.assertEqual(moments[self.east.id], datetime(2026, 3, 15, 11))
        self.assertEqual(moments[self.west.id], datetime(2026, 3, 16, 7))
        zones = self.ask(self.companies._get_zone_sql(SQL("term_tz")))
        self.assertEqual(zones[self.none.id], "UTC")
