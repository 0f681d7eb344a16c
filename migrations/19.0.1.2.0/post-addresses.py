"""One address for a member and its contact: the one that was given last."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give contacts the e-mail addresses of their members, which differ only where they
    were changed later, on the member. Contacts of other companies and those who log in
    keep theirs: it is where a password is asked for."""
    if not version:
        return
    members = api.Environment(cr, SUPERUSER_ID, {})["subscription.member"]
    members = members.with_context(active_test=False, tracking_disable=True)
    for member in members.search([("partner_id", "!=", False)]):
        contact = member.partner_id
        if member.email == contact.email:
            continue
        if (
            member.email
            and contact.commercial_partner_id == member.client_id
            and not contact.user_ids
        ):
            contact.email = member.email
        else:
            members.env.add_to_compute(members._fields["email"], member)
    members.flush_model()
