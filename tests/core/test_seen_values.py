from xmlrpc.client import Fault

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import get_db_name, tagged
from odoo.tools import format_datetime, mute_logger

from ..common.rpc import RpcCase
from ..common.subscription import create_yearly_plan
from ..common.term import TermCase

MEMBER = "subscription.member"
POOL = "subscription.seat.pool"
SUBSCRIPTION = "sale.subscription"


class SeenCase(TermCase):
    """Sam and Sue of North, and Vera of the vendor, open the same records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sue = cls._create_user("sue", "standard", cls.north)
        cls.ann = cls._create_member("Ann")
        cls.contact = cls._create_contact("Carl", cls.acme, type="other", city="Lyon")
        cls.waiting = cls._create_subscription(cls.acme, cls.yearly, running=False)
        cls.larger = create_yearly_plan(cls.env, "Larger", {cls.base: 20})
        cls.env.flush_all()

    def _get_edits(self):
        """Return what two people change at once: ``{name: (record, field, value that
        both see, that the first enters, that the second enters)}``."""
        pool, roles = self._get_pool(self.waiting, self.base), self.env.ref
        administrator = roles("partner_managed_subscription.role_administrator").id
        reports = roles("partner_managed_subscription.role_reports").id
        return {
            "limit": (pool, "seat_limit", 10, 11, 12),
            "unlimited": (pool, "is_unlimited", False, True, True),
            "plan": (
                *(self.waiting, "template_id", self.yearly.id),
                *(self.larger.id, self.plan.id),
            ),
            "end": (
                *(self.waiting, "date", str(self.waiting.date)),
                *("2099-01-01", "2098-01-01"),
            ),
            "start": (
                *(self.waiting, "date_start", str(self.waiting.date_start)),
                *("2020-01-01", "2020-02-02"),
            ),
            "role": (
                *(self.ann, "role_id", self.role_standard.id),
                *(reports, administrator),
            ),
            "address of a client": (self.acme, "street", False, "High St", "Low St"),
            "address of a contact": (self.contact, "city", "Lyon", "Nice", "Paris"),
            "e-mail": (self.contact, "email", False, "a@acme.test", "b@acme.test"),
        }


class TestSeenValues(SeenCase):
    """Who saves what was changed meanwhile is told so, and nothing is stored."""

    def _save(self, record, name, value, seen, user=None):
        """Save one value on the screen of ``user``."""
        vals = {name: value, "seen_values": {str(record.id): {name: seen}}}
        record = record.with_user(user or self.sue)
        result = record.web_save(vals, {name: {}})
        self.env.flush_all()
        return result

    def test_the_second_is_told_what_the_first_has_done(self):
        for edit, (record, name, seen, first, second) in self._get_edits().items():
            with self.subTest(edit=edit), self._undone():
                # Over the vendor's: it may do all that the partner may.
                self._save(record, name, first, seen, self.sam)
                before = record.read([name])
                with self._refused("was changed by sam") as refusal:
                    self._save(record, name, second, seen)
                self.assertIn("Reload the page", str(refusal.exception))
                record.invalidate_recordset()
                self.assertEqual(record.read([name]), before)

    def test_both_values_and_when_are_told_in_words(self):
        pool = self._get_pool(self.waiting, self.base)
        self._save(pool, "seat_limit", 11, 10, self.sam)
        with self._refused("Seats: you saw 10, now it is 11.") as refusal:
            self._save(pool, "seat_limit", 12, 10)
        when = format_datetime(self.env(user=self.sue), pool.write_date)
        self.assertIn(f"(last saved on {when})", str(refusal.exception))
        self._save(self.waiting, "template_id", self.larger.id, self.yearly.id)
        with self._refused("you saw Yearly, now it is Larger."):
            self._save(self.waiting, "template_id", self.plan.id, self.yearly.id)
        self._save(self.acme, "street", "High St", False)
        with self._refused("you saw empty, now it is High St."):
            self._save(self.acme, "street", "Low St", False)

    def test_who_saves_what_it_saw_is_not_disturbed(self):
        for edit, (record, name, seen, first, second) in self._get_edits().items():
            with self.subTest(edit=edit), self._undone():
                self._save(record, name, first, seen, self.sam)
                self._save(record, name, second, first)
                value = record[name]
                value = getattr(value, "id", value)
                self.assertEqual(str(value), str(second))

    def test_other_fields_are_saved_by_both(self):
        self._save(self.acme, "street", "High St", False, self.sam)
        self.acme.with_user(self.sue).web_save({"phone": "555"}, {})
        self.assertEqual((self.acme.street, self.acme.phone), ("High St", "555"))

    def test_the_vendor_is_told_and_named_to_those_who_may_know(self):
        pool = self._get_pool(self.waiting, self.base)
        self._save(pool, "seat_limit", 11, 10, self.vera)
        with self._refused("was changed by"):
            self._save(pool, "seat_limit", 12, 10)
        with self._refused("was changed by vera"):
            self._save(pool, "seat_limit", 12, 10, self.vera)

    def test_what_is_out_of_reach_is_not_named(self):
        secret = self._create_member("Secret", self.bolt)
        self.env.flush_all()
        self._save(self.acme, "street", "High St", False, self.sam)
        vals = {"seen_values": {self.ann.id: {"client_id": self.bolt.id}}}
        with self._refused("you saw another record") as refusal:
            self.ann.with_user(self.sue).write(vals)
        self.assertNotIn("Bolt", str(refusal.exception))
        vals = {"seen_values": {secret.id: {"role_id": 0}}}
        with self.assertRaises(AccessError):
            secret.with_user(self.sue).write(vals)

    def test_lines_of_a_form_are_compared_as_well(self):
        pool = self._get_pool(self.waiting, self.base)
        self._save(pool, "seat_limit", 11, 10, self.sam)
        line = {"seat_limit": 12, "seen_values": {str(pool.id): {"seat_limit": 10}}}
        vals = {"description": "x", "seat_pool_ids": [Command.update(pool.id, line)]}
        with self._refused("you saw 10, now it is 11"), self._undone():
            self.waiting.with_user(self.sue).web_save(vals, {})
        self.assertFalse(self.waiting.description)

    def test_a_cascade_of_the_same_call_is_no_change_by_others(self):
        """Another plan and other seats, saved together, both count."""
        pool = self._get_pool(self.waiting, self.base)
        line = {"seat_limit": 12, "seen_values": {str(pool.id): {"seat_limit": 10}}}
        vals = {
            "template_id": self.larger.id,
            "seat_pool_ids": [Command.update(pool.id, line)],
            "seen_values": {str(self.waiting.id): {"template_id": self.yearly.id}},
        }
        self.waiting.with_user(self.sue).web_save(vals, {})
        self.assertEqual(pool.seat_limit, 12)

    def test_many_records_at_once(self):
        """A list sends what it showed of each; all are saved, or none."""
        members = self.ann | self._create_member("Bob") | self._create_member("Cid")
        seen = {str(one.id): {"role_id": self.role_standard.id} for one in members}
        vals = {"role_id": self.role_reports.id, "seen_values": seen}
        members[1].with_user(self.sam).role_id = self.role_administrator
        self.env.flush_all()
        with self._refused("Bob was changed by sam") as refusal, self._undone():
            members.with_user(self.sue).web_save(vals, {})
        self.assertNotIn("Ann", str(refusal.exception))
        self.assertEqual(members[0].role_id, self.role_standard)
        seen[str(members[1].id)]["role_id"] = self.role_administrator.id
        self._create_member("Dan", role=self.role_administrator)
        members.with_user(self.sue).web_save_multi([vals] * 3, {})
        self.assertEqual(members.role_id, self.role_reports)

    def test_what_cannot_be_compared_is_said(self):
        pool = self._get_pool(self.waiting, self.base)
        for seen in (
            *("x", ["seat_limit"], {pool.id: "seat_limit"}, {pool.id: {"nothing": 1}}),
            *({pool.id: {"seat_ids": []}}, {pool.id: ["seat_limit"]}, {pool.id: 5}),
            *("seat_limit", {pool.id: {"used": 0}}),
        ):
            with self.subTest(seen=seen), self._undone():
                with self._refused("cannot be compared"):
                    pool.with_user(self.sue).write(
                        {"seat_limit": 12, "seen_values": seen}
                    )
        pool.with_user(self.sue).write({"seat_limit": 12, "seen_values": {}})
        self.assertEqual(pool.seat_limit, 12)

    def test_programs_may_say_anything(self):
        """Whatever is no such value differs, and is said as it came."""
        pool = self._get_pool(self.waiting, self.base)
        for record, name, values in (
            (pool, "seat_limit", ("x", [1], {"a": 1}, 10**30)),
            (pool, "is_unlimited", ("x",)),
            (self.waiting, "date", ("x", 5, [1], "2026-13-45")),
            (self.waiting, "template_id", ("x", -1, 10**30, [1, "x"], {"id": "x"})),
            (self.acme, "city", (5, [1])),
        ):
            for value in values:
                seen = {record.id: {name: value}}
                with self.subTest(field=name, value=value), self._refused("you saw"):
                    record.with_user(self.sue).write({"seen_values": seen})

    def test_new_records_take_no_notice(self):
        vals = {"name": "New", "parent_id": self.acme.id, "seen_values": {"1": {}}}
        contact = self.env["res.partner"].with_user(self.sue).create(vals)
        self.assertFalse(contact.seen_values)

    def test_the_web_client_is_told_what_it_watches(self):
        watched = self.env["subscription.seen.values.mixin"]._get_watched_fields()
        self.assertEqual(watched[POOL], ["seat_limit", "is_unlimited"])
        self.assertEqual(watched[SUBSCRIPTION], ["template_id", "date_start", "date"])
        self.assertEqual(watched[MEMBER], ["role_id"])
        self.assertIn("street", watched["res.partner"])
        self.assertEqual(len(watched), 4)


@tagged("post_install", "-at_install")
class TestSeenValuesOverRpc(SeenCase, RpcCase):
    """Programs say what they saw as well, by either protocol."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_keys({"sam": cls.sam, "sue": cls.sue})

    def test_json(self):
        for edit, (record, name, seen, first, second) in self._get_edits().items():
            with self.subTest(edit=edit):
                vals = {"seen_values": {str(record.id): {name: seen}}}
                model, ids = record._name, record.ids
                for user, value, status in (("sam", first, 200), ("sue", second, 422)):
                    response = self._call_json(
                        user, model, "write", ids, vals={**vals, name: value}
                    )
                    self.assertEqual(response.status_code, status, response.text)
                self.assertIn("was changed by sam", response.text)
                self.env.invalidate_all()
                value = getattr(record[name], "id", record[name])
                self.assertEqual(str(value), str(first))

    def test_xml(self):
        pool = self._get_pool(self.waiting, self.base)
        vals = {"seen_values": {str(pool.id): {"seat_limit": 10}}}
        arguments = (get_db_name(), self.sue.id, self.keys["sue"], POOL, "write")
        execute = self.xmlrpc_object.execute_kw
        self.assertTrue(execute(*arguments, [pool.ids, {**vals, "seat_limit": 11}]))
        with self.assertRaises(Fault) as fault, mute_logger("odoo.http"):
            execute(*arguments, [pool.ids, {**vals, "seat_limit": 12}])
        self.assertIn("you saw 10, now it is 11", fault.exception.faultString)
        self.assertTrue(execute(*arguments, [pool.ids, {"seat_limit": 13}]))
