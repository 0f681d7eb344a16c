from datetime import timedelta

from odoo.tests import freeze_time

from ..common.notice import END, NoticeCase


class TestNoticeMerge(NoticeCase):
    """Contacts who were told the same become one, and nothing told is lost."""

    def _tell_both(self):
        self.term.company_id.renewal_notice_clients = True
        both = [self._create_admin(name, self.acme) for name in ("Ann", "Abe")]
        self._run(self._get_day(30))
        contacts = both[0].partner_id | both[1].partner_id
        return contacts, self.lines.search([("partner_id", "in", contacts.ids)])

    def test_both_were_told(self):
        contacts, told = self._tell_both()
        self.assertEqual(len(told), 2)
        self._merge(*contacts)
        self.assertEqual(told.exists(), told)
        self.assertEqual(told.partner_id, contacts[0])
        self.assertEqual(told.filtered("is_merged").notice_id.state, "sent")
        self.assertEqual(len(told.filtered("is_merged")), 1)
        self.assertFalse(self._run(self._get_day(29)).filtered(self._is_for_ann))

    def _is_for_ann(self, mail):
        return "ann@" in (mail.email_to or "")

    def test_legal_notices_stay(self):
        self.company.legal_notice = True
        both = [self._create_admin(name, self.acme) for name in ("Ann", "Abe")]
        self._run(END - timedelta(days=100))
        contacts = both[0].partner_id | both[1].partner_id
        told = self.lines.search(
            [("partner_id", "in", contacts.ids), ("kind", "=", "legal")]
        )
        self.assertEqual(told.partner_id, contacts)
        self._merge(*contacts)
        self.assertEqual(told.exists(), told)

    def test_both_had_snoozed(self):
        with freeze_time(self._get_day(61)):
            snoozes = self.env["subscription.snooze"].create(
                [
                    {
                        "subscription_id": self.term.id,
                        "addressee_id": partner.id,
                        "until": self._get_day(left),
                    }
                    for partner, left in ((self.north, 20), (self.south, 10))
                ]
            )
        self._merge(self.north, self.south)
        self.assertEqual(snoozes.exists().addressee_id, self.north)
        self.assertEqual(snoozes.exists().until, self._get_day(10))

    def test_every_unique_index_with_a_contact_is_known(self):
        """A new one needs a merge of its own: Odoo's update in SQL breaks on it."""
        self.env.cr.execute(
            """
            SELECT DISTINCT relation.relname, attribute.attname
              FROM pg_index
              JOIN pg_class relation ON relation.oid = indrelid
              JOIN pg_constraint con ON con.conrelid = indrelid AND con.contype = 'f'
               AND con.confrelid = 'res_partner'::regclass
              JOIN pg_attribute attribute ON attribute.attrelid = indrelid
               AND attribute.attnum = con.conkey[1]
             WHERE indisunique AND relation.relname LIKE 'subscription_%%'
               AND NOT indisprimary
               AND pg_get_indexdef(indexrelid) ~ ('\\m' || attribute.attname || '\\M')
            """
        )
        self.assertEqual(
            set(self.env.cr.fetchall()),
            {
                ("subscription_invitation", "client_id"),
                ("subscription_licence_account", "partner_id"),
                # Channels end before their clients are merged.
                ("subscription_live_channel", "client_id"),
                ("subscription_member", "client_id"),
                ("subscription_member", "partner_id"),
                ("subscription_notice_line", "partner_id"),
                ("subscription_request", "client_id"),
                ("subscription_snooze", "addressee_id"),
                ("subscription_team", "client_id"),
            },
        )
