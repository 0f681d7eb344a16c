from collections import defaultdict

from odoo import api, models

# Models that refer to a document, but are shown to who may not read it, and why.
EXEMPT_ROWS = {
    "ir.actions.act_window": "screens, the same for everybody",
    "ir.attachment": "Odoo asks for the document, unless everybody may see the file",
    "res.users.settings.embedded.action": "the user's own settings",
}


class Base(models.AbstractModel):
    """What refers to a document by an id and a model is hidden with the document.

    A follower, an activity or a letter tells by its row alone that there is something,
    and whom it concerns. Odoo asks for the document of some of them, of others not, and
    of messages and activities not where the user wrote or got them: a client may have
    gone to another partner since. So for restricted users, on every model.
    """

    _inherit = "base"

    @api.model
    def _is_row_of_document(self):
        """Return whether records of this model are hidden with their documents."""
        return (
            not self.env.su
            and self._name not in EXEMPT_ROWS
            and bool(self._get_reference_pairs())
            and self._is_user_restricted()
        )

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Find nothing that refers to a document out of reach."""
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if bypass_access or query.is_empty() or not self._is_row_of_document():
            return query
        records = self.browse(query)
        return (records - records._get_of_hidden_documents())._as_query()

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not (any(self._ids) and self._is_row_of_document()):
            return result
        allowed = self - result[0] if result else self
        hidden = allowed._get_of_hidden_documents()
        if not hidden:
            return result
        refused = result[0] + hidden if result else hidden
        rules = self.env["ir.rule"]
        return refused, lambda: rules._make_access_error(operation, refused)

    def _get_of_hidden_documents(self):
        """Return those of these records that refer to a document out of reach."""
        # sudo: what they refer to is the question.
        links = {
            record: row._get_document_links()
            for record, row in zip(self, self.sudo(), strict=True)
        }
        hidden = self._get_hidden_documents(set().union(*links.values()))
        return self.filtered(lambda record: links[record] & hidden)

    def _get_document_links(self):
        """Return ``{(model, id)}`` of the documents that this record refers to. A file
        may be the document itself; lists of documents are those of wizards, which are
        their user's own."""
        links = {
            (self[model], self[name])
            for name, model in self._get_reference_pairs()
            if self[name] and self[model] in self.env and isinstance(self[name], int)
        }
        return links - {(self._name, self.id)}

    @api.model
    def _get_hidden_documents(self, links):
        """Return those of ``links``, which are ``{(model, id)}``, whose record the user
        may not read in any of its companies, or that is gone."""
        ids = defaultdict(set)
        for model, id_ in links:
            ids[model].add(id_)
        hidden = set()
        companies = self.env.user._get_company_ids()
        for model, found in ids.items():
            documents = self.env[model].with_context(allowed_company_ids=companies)
            readable = documents.browse(found).exists()._filtered_access("read")
            hidden |= {(model, id_) for id_ in found.difference(readable._ids)}
        return hidden
