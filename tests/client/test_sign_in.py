from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import Form, tagged

from ..common.rpc import RpcCase
from ..common.subscription import ADDON
from .test_team import TeamCase

NOW = "2026-06-15 12:00:00"


class SignInCase(TeamCase):
    """It is noon on 15 June 2026."""

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)
        self.model = self.env["subscription.member"]

    def _report(self, *lines):
        results = self.model.report_sign_ins(list(lines))
        self.env.invalidate_all()
        return [line["result"] for line in results]

    def _sign_in(self, member, days):
        at = fields.Datetime.now() - timedelta(days=days)
        self.assertEqual(
            self._report({"member_id": member.id, "at": at.isoformat()}), ["ok"]
        )


class TestReport(SignInCase):
    def test_by_member_or_address(self):
        self.ann.email = "ann@acme.test"
        results = self.model.report_sign_ins(
            [
                {"member_id": self.bob.id, "at": "2026-06-01T08:00:00"},
                {"email": " Ann@ACME.test", "at": "2026-06-02 10:00:00+02:00"},
                {
                    "member_id": self.cleo.id,
                    "client_id": self.acme.id,
                    "at": "2026-06-03",
                },
            ]
        )
        self.assertEqual(
            results,
            [
                {"result": "ok", "member_id": member.id}
                for member in (self.bob, self.ann, self.cleo)
            ],
        )
        self.env.invalidate_all()
        self.assertEqual(
            (self.ann | self.bob | self.cleo | self.dan).mapped(
                lambda member: str(member.last_sign_in_at or "")
            ),
            [
                *("2026-06-02 08:00:00", "2026-06-01 08:00:00", "2026-06-03 00:00:00"),
                "",
            ],
        )

    def test_never_back_in_time(self):
        one, two = "2026-06-01 08:00:00", "2026-06-02 08:00:00"
        ann = {"member_id": self.ann.id}
        self.assertEqual(
            self._report({**ann, "at": two}, {**ann, "at": one}), ["ok"] * 2
        )
        self.assertEqual(self._report({**ann, "at": one}), ["ok"])
        self.assertEqual(str(self.ann.last_sign_in_at), two)

    def test_one_address_at_two_clients(self):
        address = {"email": "both@acme.test", "at": "2026-06-01"}
        self.ann.email = "both@acme.test"
        other = self._create_member("Twin", self.bolt, email="both@acme.test")
        self.assertEqual(
            self._report(
                address,
                {**address, "client_id": self.bolt.id},
                {**address, "client_id": self.dune.id},
            ),
            ["ambiguous", "ok", "unknown"],
        )
        self.assertTrue(other.last_sign_in_at)
        self.assertFalse(self.ann.last_sign_in_at)

    def test_what_is_wrong_with_a_line_is_told_and_the_others_are_stored(self):
        ann, day = {"member_id": self.ann.id}, "2026-06-01"
        self.dan.active = False
        lines = {
            "bad_line": [
                None,
                7,
                [],
                {},
                {"at": day},
                {"member_id": True, "at": day},
                {"member_id": "x", "at": day},
                {"member_id": 10**30, "at": day},
                {"member_id": -1, "at": day},
                {"email": "nonsense", "at": day},
                {"email": "a\0@b.test", "at": day},
                {"email": ["a@b.test"], "at": day},
                {**ann, "email": "a@b.test", "at": day},
                {**ann, "client_id": float("nan"), "at": day},
            ],
            "bad_date": [
                ann,
                *(
                    {**ann, "at": value}
                    for value in (None, True, 7, "", "yesterday", "2026-13-01", [])
                ),
                {**ann, "at": "9999-12-31T23:59:59-23:00"},
                {**ann, "at": "0001-01-01T00:00:00+23:00"},
            ],
            "future": [{**ann, "at": "2026-06-15 12:06:00"}],
            "unknown": [
                {"member_id": 2**31 - 1, "at": day},
                {"email": "nobody@acme.test", "at": day},
                {"member_id": self.dan.id, "at": day},
                {**ann, "client_id": self.bolt.id, "at": day},
            ],
        }
        for expected, wrong in lines.items():
            for line in wrong:
                with self.subTest(line=line):
                    good = {"member_id": self.bob.id, "at": "2026-06-14"}
                    self.assertEqual(self._report(line, good), [expected, "ok"])
        self.assertFalse(self.ann.last_sign_in_at)
        self.assertTrue(self.bob.last_sign_in_at)
        self.assertEqual(
            self._report({**ann, "at": "2026-06-15 12:04:00"}), ["ok"], "a clock ahead"
        )

    def test_no_list(self):
        for lines in (None, True, 7, "x", {"a": 1}, [{}] * 10001):
            with self.subTest(lines=str(lines)[:9]), self.assertRaises(UserError):
                self.model.report_sign_ins(lines)

    def test_thousands_take_as_many_queries_as_one(self):
        members = self._create_members(self.acme, 300)
        at = "2026-06-01"

        def report(some):
            lines = [{"member_id": one.id, "at": at} for one in some]
            return lambda: self.model.report_sign_ins(lines)

        self._count_queries(report(members[:1]))
        one = self._count_queries(report(members[1:2]))
        self.assertLessEqual(self._count_queries(report(members[2:])), one)
        self.assertLessEqual(one, 4)

    def test_only_the_vendor_reports_and_nobody_writes_it(self):
        boss = self._create_user("boss", "admin", self.vendor)
        staff = self._create_user("tim", "standard", self.north)
        line = {"member_id": self.ann.id, "at": "2026-06-01"}
        with self.assertRaises(AccessError):
            self.model.with_user(staff).report_sign_ins([line])
        with self.assertRaises(UserError):
            self.ann.with_user(boss).last_sign_in_at = "2026-06-01"
        self.model.with_user(boss).report_sign_ins([line])
        self.env.invalidate_all()
        self.assertTrue(self.ann.last_sign_in_at)


class TestUnseen(SignInCase):
    def test_logging_in_is_signing_in(self):
        user = self._create_user(
            "ann", "base.group_portal", self.acme, partner_id=self.ann.partner_id.id
        )
        self._sign_in(self.ann, 40)
        user.with_user(user)._update_last_login()
        self.env.invalidate_all()
        self.assertEqual(str(self.ann.last_sign_in_at), NOW)

    def test_a_contact_who_logs_in_already(self):
        user = self._create_user("ada", "base.group_portal", self.acme)
        self.env["res.users.log"].with_user(user).sudo().create({})
        self.env.flush_all()
        member = self._create_member("Ada", partner_id=user.partner_id.id)
        self.env.invalidate_all()
        self.assertEqual(member.last_sign_in_at, user.login_date)

    def test_an_upgrade_begins_with_the_log_ins_that_there_were(self):
        path = f"{get_module_path(ADDON)}/migrations/19.0.1.2.0/post-sign-ins.py"
        migrate = load_script(path, "pms_post_sign_ins").migrate
        user = self._create_user(
            "ann", "base.group_portal", self.acme, partner_id=self.ann.partner_id.id
        )
        self.env["res.users.log"].with_user(user).sudo().create({})
        self.env.flush_all()
        for version, expected in ((None, False), ("19.0.1.1.0", user.login_date)):
            migrate(self.cr, version)
            self.env.invalidate_all()
            self.assertEqual(self.ann.last_sign_in_at, expected)
        self.assertFalse(self.bob.last_sign_in_at)

    def test_days(self):
        self._sign_in(self.ann, 30)
        self._sign_in(self.bob, 29)
        self._sign_in(self.cleo, 91)
        for days, expected in {
            30: self.ann | self.cleo,
            29: self.ann | self.bob | self.cleo,
            90: self.cleo,
            100: self.model,
        }.items():
            with self.subTest(days=days):
                of_acme = [("client_id", "=", self.acme.id)]
                found = self.model.search([*of_acme, ("unseen_days", ">=", days)])
                self.assertEqual(found, expected)
        self.assertEqual(self.cleo.unseen_days, 91)

    def test_odd_days(self):
        for days in (None, True, 0, -1, 10**30, "30", 1.5, float("nan")):
            with self.subTest(days=days), self.assertRaises(UserError):
                self.model._get_unseen_domain(days)

    def test_who_is_unknown_or_only_invited_is_not_unseen(self):
        self._sign_in(self.ann, 100)
        found = self.model.search(self.model._get_inactive_domain(self.acme, 90))
        self.assertEqual(found, self.ann)
        self.ann.role_id = self.role_administrator
        self.assertFalse(
            self.model.search(self.model._get_inactive_domain(self.acme, 90))
        )

    def test_remove_inactive_by_days(self):
        """Also of a client without teams; who is in a team may go as well."""
        (self.sales | self.support).unlink()
        self._sign_in(self.ann, 100)
        self._sign_in(self.bob, 60)
        wizard = self.env["subscription.member.remove"]
        form = Form(wizard.with_context(default_client_id=self.acme.id))
        form.criterion = "unseen"
        self.assertEqual(form.days, 90)
        self.assertEqual(form.member_ids.ids, self.ann.ids)
        form.days = 60
        self.assertEqual(form.member_ids.ids, (self.ann | self.bob).ids)
        form.save().action_remove()
        self.assertFalse(self.ann.active or self.bob.active)
        self.assertEqual(self.ann.departure, "unseen")
        removal = self.env["subscription.removal"].search([], limit=1)
        self.assertEqual(removal.kind, "unseen")

    def test_merged_members_keep_the_later(self):
        self._sign_in(self.ann, 30)
        self._sign_in(self.cleo, 3)
        self._merge(self.ann.partner_id, self.cleo.partner_id)
        self.assertEqual(self.ann.unseen_days, 3)


@tagged("post_install", "-at_install")
class TestReportHttp(TeamCase, RpcCase):
    """The example of the documentation."""

    def test_example(self):
        self.ann.email = "ann@acme.test"
        boss = self._create_user("boss", "admin", self.vendor)
        self._create_keys({"boss": boss})
        answer = self._call_json(
            "boss",
            "subscription.member",
            "report_sign_ins",
            lines=[
                {"member_id": self.bob.id, "at": "2026-01-31T08:15:00Z"},
                {"email": "ann@acme.test", "at": "2026-01-31T09:00:00Z"},
                {"email": "nobody@acme.test", "at": "2026-01-31T09:00:00Z"},
            ],
        )
        self.assertEqual(
            answer.json(),
            [
                {"result": "ok", "member_id": self.bob.id},
                {"result": "ok", "member_id": self.ann.id},
                {"result": "unknown", "member_id": False},
            ],
        )
