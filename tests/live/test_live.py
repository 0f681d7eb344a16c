from odoo.tests import tagged

from ..common.live import CHANNEL, POOL, USAGE, LiveCase


@tagged("post_install", "-at_install")
class TestLive(LiveCase):
    """Who may read a pool hears its figures change, over a real connection."""

    def test_who_may_read_the_pool_hears_of_it(self):
        for role in ("admin", "north", "accountant", "sales"):
            with self.subTest(role):
                connection = self._listen(role, *self._ask(role))
                used = self.pool.used
                self._grant()
                self.assertEqual(self._hear_used(connection, role), [used + 1])

    def test_nothing_but_numbers_is_said(self):
        connection = self._listen("north", *self._ask("north"))
        self._grant(3)
        [(kind, payload)] = self._hear(connection, "north")
        self.assertEqual(kind, USAGE)
        [figures] = [one for one in payload["pools"] if one["pool_id"] == self.pool.id]
        self.assertEqual(
            figures,
            {
                "pool_id": self.pool.id,
                "seat_limit": 40,
                "is_unlimited": False,
                "used": 3,
                "available": 37,
                "usage_rate": 7.5,
                "is_running": True,
                "state": "ok",
            },
        )

    def test_one_message_a_transaction_and_pool(self):
        """However many seats it gives, takes and gives again."""
        connection = self._listen("north", *self._ask("north"))
        members = self._create_members(self.acme, 5)
        for member in members:
            self.pool._grant({self.pool: member})
        self.pool.seat_ids._release("access")
        self.pool._grant({self.pool: members[:4]})
        self.pool.seat_limit = 20
        self.assertEqual(self._hear_used(connection, "north"), [4])

    def test_every_change_is_told(self):
        connection = self._listen("north", *self._ask("north"))
        subscription = self.pool.subscription_id
        self._grant(2)
        self._hear(connection, "north")
        for change, name, value in (
            (lambda: self.pool.write({"seat_limit": 2}), "state", "full"),
            (lambda: self.pool.write({"is_unlimited": True}), "is_unlimited", True),
            (lambda: self.pool.write({"is_unlimited": False}), "state", "full"),
            (lambda: self.pool.seat_ids[:1]._release("access"), "used", 1),
            (lambda: self._grant(), "used", 2),
            (lambda: self.pool.seat_ids[:1].member_id._leave("member"), "used", 1),
            (
                lambda: subscription.write({"in_progress": False}),
                "state",
                "unavailable",
            ),
            (lambda: subscription.write({"in_progress": True}), "is_running", True),
            (
                lambda: subscription._set(
                    {"date_start": "2020-01-01", "date": "2020-12-31"}
                ),
                "state",
                "unavailable",
            ),
        ):
            change()
            heard = [
                figures[name]
                for _kind, payload in self._hear(connection, "north")
                for figures in payload["pools"]
                if figures["pool_id"] == self.pool.id
            ]
            self.assertEqual(heard, [value], name)

    def test_nothing_is_sent_where_nobody_ever_asked(self):
        last = self._mark()
        self._grant()
        self._commit()
        sent = self.env["bus.bus"].search([("id", ">", last)])
        self.assertFalse(sent.filtered(lambda one: USAGE in one.message))

    def test_figures_are_those_of_the_delivery(self):
        """Of two transactions that give seats at once, neither sees the other's."""
        connection = self._listen("north", *self._ask("north"))
        self._grant()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self._grant()
        self.env.cr.precommit.data.pop("subscription_live.pool_ids")
        self.assertEqual(self._hear_used(connection, "north"), [2])

    def test_others_hear_nothing(self):
        """Whatever name they ask for, the very one included."""
        names = self._ask("north")
        channel = self._get_channel()
        guesses = [
            *names,
            *("subscription_live_", "subscription_live_x", "subscription_live/usage"),
            *(POOL, CHANNEL, f"{POOL}_{self.pool.id}", f"{CHANNEL}_{channel.id}"),
            *(f"subscription_live_{self.pool.id}", str(self.pool.id)),
            *(f"{CHANNEL},{channel.id}", f"subscription_live_{self.acme.id}", "%"),
            str((self.env.cr.dbname, names[0])),
            names[0].upper(),
            f"{names[0]} ",
        ]
        for role in ("south", "reef", "intern", "member"):
            with self.subTest(role):
                connection = self._listen(role, *guesses)
                self._grant()
                self.assertEqual(self._hear(connection, role), [])

    def test_nobody_logged_in_hears_nothing(self):
        """Who is told the name by somebody else."""
        names = self._ask("north")
        last = self._mark()
        self._grant()
        self._commit()
        public = self.env.ref("base.public_user")
        bus = self.env["bus.bus"].with_user(public)
        self.assertEqual(bus._poll(names, last), [])
        bus = bus.with_user(self.roles["north"])
        self.assertEqual(len(bus._poll(names, last)), 1)

    def test_names_are_told_to_who_may_read(self):
        self.assertEqual(self._ask("south"), [])
        self.assertEqual(len(self._ask("north")), 1)
        self.assertEqual(self._ask("north"), self._ask("admin"))
        other = self._create_pool(self.bolt)
        self.assertEqual(self._ask("north", other), [])
        both = self._ask("admin", self.pool | other)
        self.assertEqual(len(both), 2)

    def test_portal(self):
        """A client's administrator is told by its page, and by no other."""
        self._log_in("client")
        page = f"/my/subscription/{self.acme.id}/live"
        answer = self.url_open(page).json()
        used = {one["pool_id"]: one["used"] for one in answer["pools"]}
        self.assertEqual(used[self.pool.id], self.pool.used)
        connection = self._listen("client", *answer["channels"])
        self._grant()
        heard = self._hear_used(connection, "client")
        self.assertEqual(heard, [used[self.pool.id] + 1])
        other = f"/my/subscription/{self.bolt.id}/live"
        self.assertEqual(self.url_open(other).status_code, 404)
        self._log_in("member")
        self.assertEqual(self.url_open(page).status_code, 404)

    def test_polling(self):
        """The same for who asks instead of listening."""
        names = self._ask("north")
        last = self._mark()
        self._grant()
        self._commit()
        params = {"channels": names, "last": last, "is_first_poll": True}
        for role, heard in (("north", 1), ("south", 0)):
            self._log_in(role)
            answer = self.url_open(
                "/websocket/peek_notifications", json={"params": params}
            )
            rows = answer.json()["result"]["notifications"]
            usage = [row for row in rows if row["message"]["type"] == USAGE]
            self.assertEqual(len(usage), heard, role)

    def test_ended_channels_are_forgotten(self):
        names = self._ask("north")
        channels = self.env[CHANNEL]
        current = self._get_channel()
        self.env.cr.execute(
            "UPDATE subscription_live_channel SET create_date = '2020-01-01'"
        )
        self.env.invalidate_all()
        channels._gc_channels()
        self.assertTrue(current.ended_at)
        self.assertNotEqual(self._ask("north"), names)
        current.ended_at = "2020-01-01"
        channels._gc_channels()
        self.assertFalse(current.exists())
