from psycopg2 import IntegrityError

from odoo import Command
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestDocumentMentions(TransactionCase):
    """What the law wants on documents; proposed to French companies alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.france = cls.env.ref("base.fr")
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True

    def _create_company(self, country, currency="EUR", **vals):
        currency = self.env.ref(f"base.{currency}")
        currency.active = True
        count = self.env["res.company"].search_count([])
        return self.env["res.company"].create(
            {
                "name": f"Seller {count}",
                "country_id": self.env.ref(f"base.{country}").id,
                "currency_id": currency.id,
                **vals,
            }
        )

    def _get_defaults(self, company):
        return (
            company.document_penalty,
            company.document_recovery_fee,
            company.document_no_discount,
        )

    def test_defaults(self):
        french, nothing = ("ecb", 40, True), (False, 0, False)
        for country, currency, expected in (
            ("fr", "EUR", french),
            ("re", "EUR", french),
            ("fr", "USD", ("ecb", 0, True)),
            ("be", "EUR", nothing),
            ("us", "USD", nothing),
        ):
            with self.subTest(f"{country} {currency}"):
                company = self._create_company(country, currency)
                self.assertEqual(self._get_defaults(company), expected)

    def test_defaults_change_nothing_that_was_said(self):
        company = self._create_company("be", document_penalty="legal")
        company.document_recovery_fee = 60
        company.account_fiscal_country_id = self.france
        self.assertEqual(self._get_defaults(company), ("legal", 60, False))
        company = self._create_company("be")
        company.account_fiscal_country_id = self.france
        self.assertEqual(self._get_defaults(company), ("ecb", 40, True))

    def test_sentences(self):
        company = self._create_company("fr")
        codes, texts = zip(*company._get_payment_mentions(), strict=True)
        self.assertEqual(codes, ("AAB", "PMD", "PMT"))
        self.assertEqual(texts[0], "No discount for early payment.")
        self.assertIn("European Central Bank plus 10", texts[1])
        self.assertRegex(texts[2], r": 40\N{NO-BREAK SPACE}€\.$")
        company.write({"document_penalty": "rate", "document_penalty_rate": 12.5})
        texts = [mention.text for mention in company._get_payment_mentions()]
        self.assertIn("Late payment penalties: 12.5 % a year.", texts)
        company.write(
            {
                "document_penalty": False,
                "document_recovery_fee": 0,
                "document_no_discount": False,
            }
        )
        self.assertEqual(company._get_payment_mentions(), [])

    def test_discount_of_the_payment_terms(self):
        company = self._create_company("fr")
        terms = self.env["account.payment.term"].create(
            {
                "name": "2 % in a week",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 7,
                "line_ids": [Command.create({"value_amount": 100})],
            }
        )
        (first, *_rest) = company._get_payment_mentions(terms)
        self.assertEqual(first, ("AAB", "Discount of 2 % if paid within 7 days."))

    def test_identity(self):
        company = self._create_company(
            "fr",
            document_legal_form="SAS",
            document_capital=50000,
            document_register="RCS Lyon",
            company_registry="12345678900012",
            vat="FR32123456789",
        )
        self.assertEqual(
            [
                line.replace("\N{NO-BREAK SPACE}", " ")
                for line in company._get_identity()
            ],
            [
                "SAS with a capital of 50,000 €, RCS Lyon",
                "SIREN 123 456 789",
                f"{self.france.vat_label} FR32123456789",
            ],
        )
        company.write(
            {
                "document_legal_form": False,
                "document_capital": 1000.5,
                "document_register": False,
                "company_registry": False,
                "vat": False,
            }
        )
        self.assertEqual(company._get_identity(), [])
        self.assertIn("1,000.50", company._format_whole(1000.5))

    def test_amounts_of_a_currency_without_cents(self):
        company = self._create_company("fr", "JPY")
        self.assertIn("50,000", company._format_whole(50000))

    def test_siren(self):
        """Of French companies, from what is known of them."""
        for country, registry, vat, expected in (
            ("fr", "123456789", False, "123 456 789"),
            ("fr", "123 456 789 00012", False, "123 456 789"),
            ("re", "123456789", False, "123 456 789"),
            ("fr", False, "FR32123456789", "123 456 789"),
            ("fr", "W123", False, ""),
            ("fr", False, False, ""),
            ("be", "0477472701", False, ""),
        ):
            with self.subTest(f"{country} {registry} {vat}"):
                company = self.env["res.partner"].new(
                    {
                        "country_id": self.env.ref(f"base.{country}").id,
                        "company_registry": registry,
                        "vat": vat,
                    }
                )
                self.assertEqual(company._get_siren(), expected)

    def test_numbers_of_a_contact(self):
        """A contact is known by the numbers of its company."""
        company = self.env["res.partner"].create(
            {
                "name": "Paris SA",
                "is_company": True,
                "country_id": self.france.id,
                "company_registry": "123456789",
                "vat": "FR32123456789",
            }
        )
        contact = self.env["res.partner"].create(
            {
                "name": "Billing",
                "parent_id": company.id,
                "type": "invoice",
                "country_id": self.env.ref("base.be").id,
            }
        )
        self.assertEqual(
            contact._get_identity_numbers(),
            [("SIREN", "123 456 789"), (self.france.vat_label, "FR32123456789")],
        )
        company.country_id = contact.country_id
        (label, number), *_rest = contact._get_identity_numbers()
        self.assertEqual((bool(label), number), (True, "123456789"))

    @mute_logger("odoo.sql_db")
    def test_negative_amounts(self):
        company = self._create_company("fr")
        for name in (
            "document_capital",
            "document_penalty_rate",
            "document_recovery_fee",
        ):
            with self.subTest(name), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    company[name] = -1
                    company.flush_recordset()
            company.invalidate_recordset()

    def test_settings(self):
        """Both screens show and set them."""
        for model in ("subscription.settings", "res.config.settings"):
            with self.subTest(model), Form(self.env[model]) as form:
                form.document_legal_form = model
                form.document_capital = 1000
                form.document_register = "RCS Paris"
                form.document_penalty = "rate"
                form.document_penalty_rate = 15
                form.document_recovery_fee = 50
                form.document_no_discount = True
            self.assertEqual(self.env.company.document_legal_form, model)
            self.assertEqual(self.env.company.document_penalty_rate, 15)
            self.env.company.document_penalty_rate = 0
