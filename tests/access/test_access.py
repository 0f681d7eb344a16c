from datetime import date, timedelta
from xmlrpc.client import Fault

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import get_db_name, tagged
from odoo.tools import mute_logger

from ..common.access import (
    MEMBER,
    MUTED,
    NEW_CLIENT,
    RECORDS,
    RENEW,
    SIDES,
    STAFF,
    SUBSCRIPTION,
    TRANSFER,
    AccessCase,
    AccessHttpCase,
)
from ..common.subscription import ADDON

OPERATIONS = {"r": "read", "c": "create", "w": "write", "d": "unlink"}
# What each role may do with its own records / with those of others: read, create,
# write, delete. A wizard is its user's own, opened on one's own / on a foreign client.
TABLE = """
model                          admin     standard accountant client member intern public
res.partner                    rcwd/rcwd rcw/-    r/-        r/-    r/-    r/r    -/-
res.users                      r/r       r/-      r/-        r/-    r/-    r/r    -/-
subscription.member.role       rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
subscription.module            rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
sale.subscription.stage        rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
sale.subscription.tag          rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
sale.subscription.close.reason rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
sale.subscription.template     rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
subscription.plan.line         rcwd/rcwd r/r      r/r        -/-    -/-    -/-    -/-
sale.subscription              rcwd/rcwd rcw/-    r/-        -/-    -/-    -/-    -/-
sale.subscription.line         rcwd/rcwd rcwd/-   r/-        -/-    -/-    -/-    -/-
subscription.team              rcwd/rcwd rcw/-    r/-        -/-    -/-    -/-    -/-
subscription.member            rcwd/rcwd rcw/-    r/-        -/-    -/-    -/-    -/-
subscription.seat.pool         rcwd/rcwd rcw/-    r/-        -/-    -/-    -/-    -/-
subscription.seat              rc/rc     rc/-     r/-        -/-    -/-    -/-    -/-
subscription.removal           r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.seat.usage        r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.licence.account   r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.licence.move      r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.renewal           r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.renewal.line      r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.notice            r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.notice.line       r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.presence          r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.log               r/r       -/-      -/-        -/-    -/-    -/-    -/-
subscription.audit             r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.invitation        r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.invitation.send   rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.seat.grant        rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.seat.release      rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.seat.preview      -/-       -/-      -/-        -/-    -/-    -/-    -/-
subscription.client.move       rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.settings          rcw/rcw   -/-      -/-        -/-    -/-    -/-    -/-
subscription.member.remove     rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.seat.usage.date   rcw/rcw   rcw/rcw  rcw/rcw    -/-    -/-    -/-    -/-
subscription.partner.summary   rcw/rcw rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.new.client        rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.new.client.line   rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.renew             rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.renew.line        rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.renew.result      -/-       -/-      -/-        -/-    -/-    -/-    -/-
subscription.licence.transfer  rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.licence.transfer.line rcw/rcw rcw/-   -/-     -/-    -/-    -/-    -/-
subscription.alert.choice      rcw/rcw   rcw/rcw  -/-        -/-    -/-    -/-    -/-
subscription.notice.snooze     rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.billing.change    rcw/rcw   -/-      -/-        -/-    -/-    -/-    -/-
subscription.coterminate       rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.snooze            r/r       -/-      -/-        -/-    -/-    -/-    -/-
subscription.billing.terms     r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.seat.change       r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.pause             r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.price             r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.statement         r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.statement.line    r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.statement.row     r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.billing.problem   r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.delivery          r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.request           r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.request.letter    r/r       -/-      -/-        -/-    -/-    -/-    -/-
subscription.request.refuse    rcw/rcw   rcw/-    -/-        -/-    -/-    -/-    -/-
subscription.alert             -/-       -/-      -/-        -/-    -/-    -/-    -/-
subscription.live.channel      -/-       -/-      -/-        -/-    -/-    -/-    -/-
subscription.billing.run       r/r       -/-      -/-        -/-    -/-    -/-    -/-
subscription.billing.part      r/r       -/-      -/-        -/-    -/-    -/-    -/-
subscription.reconciliation    r/r       r/-      r/-        -/-    -/-    -/-    -/-
subscription.revenue           r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.revenue.line      r/r       r/-      -/-        -/-    -/-    -/-    -/-
subscription.reconciliation.date rcw/rcw rcw/rcw  rcw/rcw    -/-    -/-    -/-    -/-
subscription.statement.export  rcw/rcw   rcw/-    rcw/-      -/-    -/-    -/-    -/-
close.reason.wizard            rcw/rcw   rcw/rcw  -/-        -/-    -/-    -/-    -/-
sale.subscription.pause.wizard rcw/rcw   rcw/rcw  -/-        -/-    -/-    -/-    -/-
account.move                   r/r       r/-      r/-        -/-    -/-    -/-    -/-
account.move.line              r/r       r/-      r/-        -/-    -/-    -/-    -/-
account.payment                r/r       r/-      r/-        -/-    -/-    -/-    -/-
sale.order                     r/r       r/-      r/-        r/-    -/-    -/-    -/-
sale.order.line                r/r       r/-      r/-        r/-    -/-    -/-    -/-
account.invoice.report         r/r       r/-      r/-        -/-    -/-    -/-    -/-
sale.report                    r/r       r/-      r/-        -/-    -/-    -/-    -/-
account.analytic.account       r/r       r/-      r/-        -/-    -/-    r/r    -/-
account.analytic.line          -/-       -/-      -/-        -/-    -/-    -/-    -/-
res.partner.bank               rcwd/rcwd r/-      r/-        -/-    -/-    r/r    -/-
product.supplierinfo           r/r       r/-      r/-        -/-    -/-    r/r    -/-
payment.token                  -/-       -/-      -/-        -/-    -/-    -/-    -/-
account.journal                r/r       r/r      r/r        -/-    -/-    -/-    -/-
account.tax                    r/r       r/r      r/r        -/-    -/-    r/r    -/-
account.tax.group              r/r       r/r      r/r        -/-    -/-    r/r    -/-
account.payment.term           r/r       r/r      r/r        r/r    r/r    r/r    -/-
product.pricelist              r/r       r/r      r/r        -/-    -/-    r/r    -/-
product.pricelist.item         r/r       r/r      r/r        -/-    -/-    r/r    -/-
ir.attachment                  rcwd/rcwd rcwd/-   r/-        -/-    -/-    -/-    -/-
mail.message                   rcwd/rcwd rcwd/-   r/-        -/-    -/-    -/-    -/-
mail.followers                 r/r       r/-      r/-        -/-    -/-    r/r    -/-
mail.activity                  rcwd/rcwd rcwd/-   -/-        -/-    -/-    -/-    -/-
"""

# Nobody edits or deletes these, by the model itself.
APPEND_ONLY = (
    "subscription.billing.part",
    "subscription.billing.problem",
    "subscription.billing.run",
    "subscription.billing.terms",
    "subscription.licence.account",
    "subscription.licence.move",
    "subscription.log",
    "subscription.pause",
    "subscription.presence",
    "subscription.price",
    "subscription.removal",
    "subscription.renewal",
    "subscription.request",
    "subscription.seat",
    "subscription.seat.change",
    "subscription.statement",
    "subscription.statement.line",
    "subscription.statement.row",
)
# What is written where a record has no name, or one that others depend on.
CHANGES = {
    "account.invoice.report": {"quantity": 1},
    "account.move": {"ref": "Changed"},
    "account.payment": {"memo": "Changed"},
    "close.reason.wizard": {"close_reason_id": False},
    "ir.attachment": {"description": "Changed"},
    "mail.activity": {"summary": "Changed"},
    "mail.followers": {"subtype_ids": []},
    "mail.message": {"body": "Changed"},
    "payment.token": {"payment_details": "5678"},
    "product.pricelist.item": {"min_quantity": 3},
    "product.supplierinfo": {"min_qty": 3},
    "res.partner.bank": {"acc_number": "Changed"},
    "sale.order": {"client_order_ref": "Changed"},
    "sale.report": {"product_uom_qty": 1},
    "sale.subscription": {"description": "Changed"},
    "sale.subscription.line": {"product_uom_qty": 2},
    "sale.subscription.pause.wizard": {"paused_until": False},
    "subscription.audit": {"event": "limit"},
    "subscription.billing.problem": {"detail": "Changed"},
    "subscription.billing.part": {"invoices": 1},
    "subscription.billing.run": {"started": 1},
    "subscription.billing.terms": {"period_count": 2},
    "subscription.billing.change": {"billing_zero": "invoice"},
    "subscription.client.move": {"client_ids": []},
    "subscription.coterminate": {"date_end": "2099-12-31"},
    "subscription.licence.account": {"balance": 100},
    "subscription.licence.move": {"quantity": 100},
    "subscription.licence.transfer": {"direction": "take_back"},
    "subscription.licence.transfer.line": {"quantity": 1},
    "subscription.delivery": {"tries": 3},
    "subscription.alert": {"day": "2026-01-31"},
    "subscription.alert.choice": {"rhythm": "week"},
    "subscription.live.channel": {"ended_at": "2026-01-31"},
    "subscription.log": {"event": "limit"},
    "subscription.member.remove": {"member_ids": []},
    "subscription.settings": {"invitation_days": 10},
    "subscription.new.client": {"years": 2},
    "subscription.new.client.line": {"seats": 3},
    "subscription.notice": {"state": "failed"},
    "subscription.notice.line": {"days": 3},
    "subscription.notice.snooze": {"subscription_ids": []},
    # A month that has begun wherever the company is.
    "subscription.partner.summary": {
        "month": f"{date.today() - timedelta(days=32):%Y-%m}"
    },
    "subscription.plan.line": {"seat_limit": 6},
    "subscription.pause": {"resumed_on": "2026-03-31"},
    "subscription.presence": {"team_name": "Changed"},
    "subscription.price": {"price_unit": 1},
    "subscription.reconciliation": {"billed": 1},
    "subscription.reconciliation.date": {"date": "2026-02-28"},
    "subscription.removal": {"result": "Changed"},
    "subscription.revenue": {"mrr": 1},
    "subscription.revenue.line": {"mrr": 1},
    "subscription.renew": {"years": 2},
    "subscription.renew.line": {"seats_each": 3},
    "subscription.renew.result": {"licences": 1},
    "subscription.renewal": {"state": "cancelled"},
    "subscription.renewal.line": {"seats": 100},
    "subscription.request": {"number": 100},
    "subscription.request.letter": {"email": "changed@contacts.test"},
    "subscription.request.refuse": {"answer": "Changed"},
    "subscription.seat": {"holder_name": "Changed"},
    "subscription.seat.change": {"seats": 1},
    "subscription.seat.grant": {"allow_partial": True},
    "subscription.seat.pool": {"seat_limit": 6},
    "subscription.seat.preview": {"change": 1},
    "subscription.seat.release": {"member_ids": []},
    "subscription.seat.usage": {"used": 1},
    "subscription.seat.usage.date": {"date": "2026-02-28"},
    "subscription.snooze": {"until": "2099-12-30"},
    "subscription.statement": {"state": "void"},
    "subscription.statement.export": {"file_format": "csv"},
    "subscription.statement.line": {"quantity": 2},
    "subscription.statement.row": {"quantity": 2},
}

# What refers to the wizard of a row.
WIZARDS = {"new_client_id": NEW_CLIENT, "renew_id": RENEW, "transfer_id": TRANSFER}


def get_table():
    """Return ``{model: {role: (own letters, foreign letters)}}``."""
    header, *lines = [line.split() for line in TABLE.strip().splitlines()]
    table = {}
    for model, *cells in lines:
        cell_by_role = dict(zip(header[1:], cells, strict=True))
        standard = cell_by_role.pop("standard")
        cell_by_role.update(dict.fromkeys(STAFF, standard))
        table[model] = {
            role: cell.replace("-", "").split("/")
            for role, cell in cell_by_role.items()
        }
    return table


@tagged("post_install", "-at_install")
class TestAccessTable(AccessCase):
    """Each client has other records besides, in ``spare``, that nothing depends on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spare = cls._create_all_records("Spare")
        cls.free_module = cls.env["subscription.module"].create(
            {"name": "Free", "code": "free"}
        )

    def _get_vals(self, role, model, client):
        """Return values of a new record; a row is one of a wizard that ``role`` opened.

        :raise AccessError: when it cannot open one
        """
        get_values = RECORDS[model]
        if not get_values:
            return {}
        vals = get_values(self, self.clients[client], "New", self.spare[client])
        if "module_id" in vals:
            vals["module_id"] = self.free_module.id
        for name, wizard in WIZARDS.items():
            if name in vals:
                vals[name] = self._get_target(role, wizard, "read", client).id
                self.env.flush_all()
        return vals

    def _get_target(self, role, model, operation, client):
        """Return what ``role`` tries the operation on: wizards that it opened.

        :raise AccessError: when it cannot open one
        """
        records = self.spare if operation == "unlink" else self.own
        record = records[client][model]
        wizards = self.env[model].with_user(self.roles[role])
        if not record._transient or not wizards.has_access("create"):
            return record
        return wizards.create(self._get_vals(role, model, client))

    def _get_arguments(self, role, model, operation, client):
        if operation == "read":
            return {"fields": ["display_name"]}
        if operation == "create":
            return {"vals_list": [self._get_vals(role, model, client)]}
        if operation == "write":
            return {"vals": CHANGES.get(model, {"name": "Changed"})}
        return {}

    def _is_allowed(self, role, model, operation, client):
        """Try an operation, undo it, and return whether it was possible."""
        records = self.env[model].with_user(self.roles[role])
        if records._original_module != ADDON and not records.has_access(operation):
            return False  # saves time: Odoo would say no more than that
        with self._undone():
            try:
                ids = (
                    self._get_target(role, model, operation, client).ids
                    if operation != "create"
                    else []
                )
                arguments = self._get_arguments(role, model, operation, client)
            except AccessError:
                return False
            self.env.flush_all()
            self.env.invalidate_all()
            return self._try(role, model, operation, ids, arguments)

    def _try(self, role, model, operation, ids, arguments):
        try:
            with self._as(role) as env:
                getattr(env[model].browse(ids), operation)(**arguments)
        except AccessError:
            return False
        except (UserError, IntegrityError):
            # Something else depends on what would be deleted.
            if operation == "unlink" or model in APPEND_ONLY:
                return model not in APPEND_ONLY
            raise
        return True

    def _get_letters(self, role, model, client):
        """Return what ``role`` may do with the records of ``client``."""
        return "".join(
            letter
            for letter, operation in OPERATIONS.items()
            if self._is_allowed(role, model, operation, client)
        )

    def test_every_model_has_a_line(self):
        """A new model without a line in the table is a hole in the tests."""
        access_data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.model.access")]
        )
        accesses = self.env["ir.model.access"].browse(access_data.mapped("res_id"))
        ours = {
            model._name
            for model in self.env.values()
            if model._original_module == ADDON and not model._abstract
        }
        table = set(get_table())
        self.assertFalse((ours | set(accesses.model_id.mapped("model"))) - table)
        self.assertEqual(table, set(RECORDS))

    def test_every_client_has_a_record_of_every_model(self):
        """Nobody can be kept from what is not there."""
        for records in (*self.own.values(), *self.spare.values()):
            for model, record in records.items():
                with self.subTest(model=model):
                    self.assertTrue(record)
                    found = self.env[model].with_context(active_test=False)
                    domain = [("id", "in", record.ids)]
                    self.assertEqual(found.search(domain), record)

    @mute_logger(*MUTED)
    def test_table(self):
        for model, cells in get_table().items():
            for role, letters in cells.items():
                for client, allowed in zip(SIDES[role], letters, strict=True):
                    with self.subTest(model=model, role=role, client=client):
                        found = self._get_letters(role, model, client)
                        self.assertEqual(found, allowed, (model, role, client))


@tagged("post_install", "-at_install")
class TestAccessTableRpc(AccessHttpCase, TestAccessTable):
    """The same table, as programs meet it."""

    # The others are the same groups, or have no key.
    ROLES = ("north", "accountant", "client", "intern")
    test_every_model_has_a_line = None
    test_every_client_has_a_record_of_every_model = None

    def _try(self, role, model, operation, ids, arguments):
        response = self._call_json(role, model, operation, ids, **arguments)
        if not response.ok and response.status_code != 403:
            self.assertTrue(
                operation == "unlink" or model in APPEND_ONLY, response.text
            )
            return model not in APPEND_ONLY
        return response.ok

    @mute_logger(*MUTED)
    def test_table(self):
        for model, cells in get_table().items():
            for role in self.ROLES:
                own, foreign = SIDES[role]
                with self.subTest(model=model, role=role):
                    readable = self._is_allowed(role, model, "read", own)
                    self.assertEqual(readable, "r" in cells[role][0])
                    found = self._get_letters(role, model, foreign)
                    self.assertEqual(found, cells[role][1])

    @mute_logger(*MUTED)
    def test_no_key(self):
        """Who does not log in has no door to the interface for programs."""
        for model in (SUBSCRIPTION, MEMBER, "res.partner", "account.move"):
            with self.subTest(model=model):
                response = self._call_json("public", model, "search_read", domain=[])
                self.assertIn(response.status_code, (401, 403))

    @mute_logger(*MUTED, "odoo.addons.rpc.controllers.xmlrpc")
    def test_xml_rpc(self):
        """The older interface for programs ends at the same place."""
        north = self.roles["north"]
        for model in (SUBSCRIPTION, MEMBER, "res.partner", "account.move"):
            records = self.own["acme"][model] | self.own["bolt"][model]
            call = (get_db_name(), north.id, self.keys["north"], model)
            found = self.xmlrpc_object.execute_kw(
                *call, "search", [[("id", "in", records.ids)]]
            )
            self.assertEqual(found, self.own["acme"][model].ids)
            with self.subTest(model=model), self.assertRaises(Fault) as caught:
                self.xmlrpc_object.execute_kw(
                    *call, "read", [self.own["bolt"][model].ids, ["display_name"]]
                )
            self.assertEqual(caught.exception.faultCode, 4)
