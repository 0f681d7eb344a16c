import json
from collections import Counter
from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import (
    ACCOUNT,
    MEMBER,
    MOVE,
    MUTED,
    POOL,
    RENEWAL,
    SUBSCRIPTION,
    TRANSFER,
    AccessCase,
)
from ..common.subscription import renew

AUDIT = "subscription.audit"
PARTNER = "res.partner"
SEAT = "subscription.seat"
MASK = "Another partner"
# What messages say: words of people, which nobody translates.
TEXT = "News of the client"
# What a client that moves brings along to its new partner.
HISTORY = (
    *(AUDIT, SEAT, POOL, MEMBER, RENEWAL, SUBSCRIPTION, PARTNER),
    *("subscription.team", "subscription.invitation", "ir.attachment"),
    *("mail.message", "mail.activity", "mail.followers"),
)
MANY = ("one2many", "many2many")
# How the web client asks for what a field refers to.
NAMED = {"fields": {"display_name": {}}}


class SweepCase(AccessCase):
    """Reads everything that somebody may read, and asks everything about it."""

    @contextmanager
    def _sweep(self, role="south", words=("north",)):
        """Collect where ``role`` finds one of ``words``."""
        self.words, self.leaks = words, []
        self.answered, self.refused = Counter(), Counter()
        # Styles of the web client have compass points in them.
        bundles = self.env["ir.attachment"].search([("url", "=like", "/web/assets/%")])
        with self._as(role) as env:
            bundles.sudo().unlink()
            yield env(context={"active_test": False})
        self.assertFalse(self.leaks)
        for model, refused in self.refused.items():
            self.assertGreater(self.answered[model], 4 * refused, model)

    def _check_model(self, records):
        """Check every door to the values of the records that there are; return them."""
        model, found = records._name, records.search([])
        fields_read = {
            name: field
            for name, field in found._fields.items()
            if found._has_field_access(field, "read")
        }
        names = [name for name, field in fields_read.items() if not _is_many(field)]
        many2ones = [name for name in names if fields_read[name].type == "many2one"]
        self._check_values(found.read, model, "read", names)
        self._check_values(
            lambda names: found.web_read(dict.fromkeys(names, NAMED)),
            model,
            "web_read",
            many2ones,
        )
        if found.env.user.has_group("base.group_allow_export"):
            self._check_answer(lambda: found.export_data(many2ones), model, "export")
        self._check_answer(lambda: found[:1].get_metadata(), model, "metadata")
        for name, field in fields_read.items():
            if _is_many(field):
                self._check_answer(
                    lambda name=name: found.web_read({name: NAMED}), model, name
                )
            self._check_questions(records, field)
        return found

    def _check_values(self, read, model, door, names):
        """Check what ``read`` tells of fields: one by one where together they are
        refused, as they are because of a single one."""
        if not self._check_answer(lambda: read(names), model, door):
            for name in names:
                self._check_answer(lambda name=name: read([name]), model, door, name)

    def _check_questions(self, records, field):
        named = records
        if field.relational:
            named = records.env[field.comodel_name]
            if not named.has_access("read"):
                return  # Odoo refuses whatever is asked about it
        if field.type not in (*MANY, "many2one", "char", "text", "html"):
            return
        if not named._rec_name and (field.relational or field.name == "display_name"):
            return  # without names, each of them is found
        for path in self._get_paths(field):
            if field._description_searchable:
                self._check_answer(
                    lambda path=path: self._count(records, path), records._name, path
                )
            # Odoo groups by what a field leads to only where it leads to one.
            is_grouped = path == field.name or field.type == "many2one"
            if is_grouped and field._description_groupable(records.env):
                for ask in (
                    lambda path=path: records.formatted_read_group([], [path], []),
                    lambda path=path: records.web_read_group([], [path])["groups"],
                ):
                    self._check_answer(ask, records._name, path)

    def _get_paths(self, field):
        """Return what can be asked of ``field``."""
        if field.comodel_name not in ("res.users", PARTNER):
            return [field.name]
        names = ("name", "email", "parent_id")
        return [field.name, *(f"{field.name}.{name}" for name in names)]

    def _count(self, records, path):
        return sum(records.search_count([(path, "ilike", word)]) for word in self.words)

    def _check_answer(self, ask, *place):
        """Check that ``ask`` tells, and counts, none of the words.

        :return: whether it was answered
        """
        try:
            answer = ask()
        except AccessError:
            self.refused[place[0]] += 1
            return False
        self.answered[place[0]] += 1
        if isinstance(answer, int) and answer:
            self.leaks.append((*place, answer))
        text = json.dumps(answer, default=str).lower()
        for word in self.words:
            found = text.find(word)
            if found >= 0:
                self.leaks.append((*place, text[max(found - 60, 0) : found + 30]))
        return True


def _is_many(field):
    return field.type in MANY


class NamesCase(SweepCase):
    """North's staff works for Acme and Reef before the vendor hands both to South."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff, cls.rival = cls.roles["north"], cls.roles["south"]
        cls.term = cls.own["acme"][RENEWAL].subscription_id
        cls.module = cls.term.seat_pool_ids.module_id
        cls.env.flush_all()
        transaction = cls.env.transaction
        before = transaction.default_env
        transaction.default_env = cls.env(user=cls.staff)
        cls._work(cls.env(user=cls.staff))
        transaction.default_env = before
        cls.env.flush_all()

    @classmethod
    def _work(cls, env):
        """Leave a trace of North's staff in every model."""
        cls._work_for_client(env)
        term = env[SUBSCRIPTION].browse(cls.term.id)
        term.renewal_ids.action_cancel()
        cls.renewal = renew(term)
        env[TRANSFER].create(
            {
                "partner_id": cls.reef.id,
                "line_ids": [
                    Command.create({"module_id": cls.module.id, "quantity": 2})
                ],
            }
        ).action_transfer()

    @classmethod
    def _work_for_client(cls, env):
        subscription = env[SUBSCRIPTION].browse(cls.own["acme"][SUBSCRIPTION].id)
        pool = subscription.seat_pool_ids.filtered("is_base")
        env["subscription.team"].create({"name": "Crew", "client_id": cls.acme.id})
        env[PARTNER].create({"name": "Desk", "parent_id": cls.acme.id})
        member = env[MEMBER].create({"name": "Mia", "client_id": cls.acme.id})
        member.seat_ids.action_release()
        env[SEAT].create({"pool_id": pool.id, "member_id": member.id})
        pool.seat_limit = 30
        subscription.user_id = cls.staff
        for record in (subscription, env[PARTNER].browse(cls.acme.id)):
            record.message_subscribe(cls.staff.partner_id.ids)
            record.message_post(body=TEXT)
            for user in (cls.staff, cls.roles["admin"]):
                record.activity_schedule(summary="To do", user_id=user.id)
        env["subscription.invitation.send"].create(
            {"client_id": cls.acme.id, "email": "books@firms.test"}
        ).action_invite()
        env["ir.attachment"].create(
            {
                "name": "Paper",
                "raw": b"Paper",
                "res_model": SUBSCRIPTION,
                "res_id": subscription.id,
            }
        )

    def _move(self, *companies):
        for company in companies:
            company.managing_partner_id = self.south
        self.env.flush_all()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestIsolationNames(NamesCase):
    """Who has a client sees its history, not the names of those who had it before."""

    def test_history_has_traces(self):
        """The tests below look where there is something to find."""
        for model in HISTORY:
            paths = [
                name
                for name, field in self.env[model]._fields.items()
                if field.store and field.comodel_name in ("res.users", PARTNER)
            ]
            words = Domain.OR(
                Domain(f"{path}.name", "ilike", "north") for path in paths
            )
            with self.subTest(model=model):
                self.assertTrue(self.env[model].search_count(words))

    @mute_logger(*MUTED)
    def test_a_client_that_moved(self):
        self._move(self.acme)
        with self._sweep() as env:
            for model in HISTORY:
                self.assertTrue(self._check_model(env[model]), model)

    @mute_logger(*MUTED)
    def test_a_reseller_that_moved(self):
        self._move(self.reef)
        with self._sweep() as env:
            for model in (*HISTORY, ACCOUNT, MOVE):
                self.assertTrue(self._check_model(env[model]), model)

    def test_who_may_know(self):
        """The vendor, the client's own people and its accountant know the names."""
        entry, seat = self._get_traces()
        self._move(self.acme)
        for role, name in (
            ("admin", self.staff.name),
            ("accountant", self.staff.name),
            ("client", self.staff.name),
            ("south", MASK),
        ):
            with self.subTest(role=role), self._as(role) as env:
                # The portal's page reads the trail this way.
                mine = env[AUDIT].sudo().browse(entry.id)
                self.assertEqual(mine.author, name)
                seat_su = env[SEAT].sudo().browse(seat.id)
                self.assertEqual(seat_su.granted_by_id.display_name, name)

    def _get_traces(self):
        """Return an entry of the audit trail and a seat that North's staff made."""
        by_staff = [("user_id", "=", self.staff.id), ("client_id", "=", self.acme.id)]
        entry = self.env[AUDIT].search([*by_staff, ("event", "=", "limit")], limit=1)
        seat = self.env[SEAT].search([("granted_by_id", "=", self.staff.id)], limit=1)
        self.assertTrue(entry and seat)
        return entry, seat

    def test_the_partner_above_is_known(self):
        with self._as("north") as env:
            env[POOL].browse(self.own["coral"][POOL].id).seat_limit = 7
            env.flush_all()
            domain = [("client_id", "=", self.coral.id), ("event", "=", "limit")]
            entry = env(user=self.roles["reef"])[AUDIT].search(domain, limit=1)
            self.assertEqual(entry.author, self.staff.name)

    def test_managers_are_named_to_whom_they_were_its_own(self):
        self._move(self.acme)
        domain = [("client_id", "=", self.acme.id), ("event", "=", "managing_partner")]
        for role, details in (
            ("admin", "North → South"),
            ("accountant", "North → South"),
            ("south", f"{MASK} → South"),
        ):
            with self.subTest(role=role), self._as(role) as env:
                entry = env[AUDIT].search(domain, limit=1)
                self.assertEqual(entry.details, details)
                found = env[AUDIT].search([("old_value", "=", "North")])
                self.assertEqual(bool(found), role != "south")

    def test_users_who_are_gone(self):
        """An entry outlives its user; its name goes to no other partner."""
        name = self.staff.name
        entry, _seat = self._get_traces()
        self.env.cr.execute(
            "UPDATE subscription_log SET user_id = NULL WHERE user_id = %s",
            [self.staff.id],
        )
        self.env.invalidate_all()
        with self._as("north") as env:
            self.assertEqual(env[AUDIT].browse(entry.id).author, name)
        self._move(self.acme)
        with self._sweep() as env:
            self._check_model(env[AUDIT])
            self.assertEqual(env[AUDIT].browse(entry.id).author, MASK)

    def test_a_partner_and_its_former_reseller_know_each_other(self):
        self._move(self.reef)
        for role, counterpart in (("north", self.reef), ("reef", self.north)):
            with self.subTest(role=role), self._as(role) as env:
                moves = env[MOVE].search([("partner_id.name", "ilike", role)])
                self.assertIn(
                    counterpart.name, moves.counterpart_id.sudo().mapped("display_name")
                )

    def test_the_ledger_of_a_reseller_begins_when_it_comes(self):
        """What it had from another partner is that partner's business; the stock that
        is left of it is known."""
        stock = self.env[ACCOUNT].search(
            [("partner_id", "=", self.reef.id), ("balance", ">", 0)], limit=1
        )
        before = stock.move_ids
        self._move(self.reef)
        self.env[ACCOUNT]._give(
            self.reef, {stock.module_id: 3}, self.env.company, from_vendor=True
        )
        for role, known in (
            ("admin", stock.move_ids),
            ("reef", stock.move_ids),
            ("south", stock.move_ids - before),
        ):
            with self.subTest(role=role), self._as(role) as env:
                domain = [("account_id", "=", stock.id)]
                self.assertEqual(env[MOVE].search(domain).ids, known.ids)
                self.assertEqual(env[ACCOUNT].browse(stock.id).move_ids.ids, known.ids)
                self.assertEqual(env[ACCOUNT].browse(stock.id).balance, stock.balance)

    def test_the_ledgers_below_a_merged_partner_stay_its_own(self):
        cove = self._create_partner("Cove", managing_partner_id=self.south.id)
        accounts = self.env[ACCOUNT]
        accounts._give(cove, {self.module: 3}, self.env.company, from_vendor=True)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.north | self.south).ids, self.north, extra_checks=False
        )
        self.env.flush_all()
        with self._as("reef") as env:
            self.assertFalse(env[MOVE].search([("partner_id", "=", cove.id)]))
        with self._as("north") as env:
            self.assertTrue(env[MOVE].search([("partner_id", "=", cove.id)]))

    def test_messages_and_files_stay_with_who_wrote_them(self):
        subscription = self.own["acme"][SUBSCRIPTION]
        subscription.with_user(self.roles["admin"]).message_post(body=TEXT)
        self._move(self.acme)
        domain = [("model", "=", SUBSCRIPTION), ("res_id", "=", subscription.id)]
        with self._as("south") as env:
            texts = env["mail.message"].search(domain).mapped("body")
            self.assertIn(f"<p>{TEXT}</p>", texts)
            self.assertNotIn("<p>A note</p>", texts)
            files = env["ir.attachment"].search(
                [("res_model", "=", SUBSCRIPTION), ("res_id", "=", subscription.id)]
            )
            self.assertNotIn("Paper", files.mapped("name"))
            self.assertTrue(files)

    def test_nobody_is_notified_of_what_is_lost(self):
        subscription = self.own["acme"][SUBSCRIPTION]
        rival = self.rival.partner_id
        for is_moved, told in ((False, self.staff.partner_id), (True, rival)):
            if is_moved:
                self._move(self.acme)
                subscription.message_subscribe(rival.ids)
            message = subscription.with_user(self.roles["admin"]).message_post(
                body=TEXT, subtype_xmlid="mail.mt_comment"
            )
            with self.subTest(is_moved=is_moved):
                notified = message.sudo().notified_partner_ids
                self.assertEqual(notified & (self.staff.partner_id | rival), told)

    def test_who_reads_in_one_company_is_notified_by_who_writes_in_two(self):
        """What a reader has lost follows from its own companies."""
        admin = self.roles["admin"]
        admin.company_ids |= self.env["res.company"].create({"name": "Vendor East"})
        subscription = self.own["acme"][SUBSCRIPTION].with_user(admin)
        message = subscription.with_context(
            allowed_company_ids=admin.company_ids.ids
        ).message_post(body=TEXT, subtype_xmlid="mail.mt_comment")
        self.assertIn(self.staff.partner_id, message.sudo().notified_partner_ids)

    def test_sorting_tells_no_names(self):
        """Whoever is called what, the order is that of the ids."""
        self.staff.name = "Aaron"
        self._move(self.acme)
        with self._as("south") as env:
            seats = env[SEAT].search([], order="granted_by_id, id")
            ids = [seat.granted_by_id.id for seat in seats if seat.granted_by_id]
            self.assertEqual(ids, sorted(ids))
            self.assertGreater(len(set(ids)), 1)

    def test_no_order_tells_names(self):
        """Whatever the history is sorted by, the names of those before do not count."""
        self._move(self.acme)
        orders = []
        for name in ("Aaron", "Zoe"):
            self.staff.name = self.north.name = name
            self.env.flush_all()
            orders.append((self._get_orders("south"), self._get_orders("admin")))
        (first, first_known), (last, last_known) = orders
        self.assertEqual(first, last)
        self.assertNotEqual(first_known, last_known)

    def _get_orders(self, role):
        """Return the ids of the history as ``role`` sorts it by users and contacts."""
        with self._as(role) as env:
            return {
                (model, name): env[model].search([], order=f"{name}, id").ids
                for model in HISTORY
                for name, field in env[model]._fields.items()
                if field.store
                and field.type == "many2one"
                and field.comodel_name in ("res.users", PARTNER)
                and env[model]._has_field_access(field, "read")
            }

    def test_names_are_looked_up_together(self):
        self._move(self.acme)
        with self._as("south") as env:
            counts = [
                self._count_queries(
                    lambda limit=limit: self.assertTrue(
                        env[SEAT].search_read([], ["granted_by_id"], limit=limit)
                    )
                )
                for limit in (1, 1, None)
            ]
            self.assertEqual(counts[1], counts[2])
