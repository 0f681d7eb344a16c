from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _render_wanted_langs(self, res_ids, engine="inline_template"):
        """Return ``{record id: language}`` as the template has them, on or off."""
        return super()._render_lang(res_ids, engine=engine)

    def _render_lang(self, res_ids, engine="inline_template"):
        """Write notices and invitations in a language that is switched on: Odoo refuses
        to write in another one."""
        langs = super()._render_lang(res_ids, engine=engine)
        letter = self.env.registry["subscription.letter.mixin"]
        records = self.env[self.render_model].browse(res_ids)
        if not isinstance(records, letter):
            return langs
        return {one.id: one._get_letter_lang(langs[one.id]) for one in records}
