from odoo import api, fields, models
from odoo.tools import SQL

from .subscription_statement_line import COUNTED

# Checked when the transaction ends, since lines come before their rows. Rows that
# follow each other are mostly of one line, which is added up once: what was checked
# last is remembered for the command that the client sent, such as the commit.
ROWS_ADD_UP = """
CREATE OR REPLACE FUNCTION subscription_statement_rows_add_up(checked integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mark text := checked || ' ' || extract(epoch FROM statement_timestamp());
    wanted numeric;
    found numeric;
BEGIN
    IF current_setting('subscription.rows_checked', true) = mark THEN
        RETURN;
    END IF;
    SELECT quantity INTO wanted FROM subscription_statement_line
     WHERE id = checked AND kind IN %s;
    SELECT coalesce(sum(quantity), 0) INTO found FROM subscription_statement_row
     WHERE line_id = checked;
    IF wanted <> found THEN
        RAISE check_violation USING
            CONSTRAINT = 'subscription_statement_rows_add_up',
            MESSAGE = format('Line %%s of a statement has %%s, and its rows %%s.',
                             checked, wanted, found);
    END IF;
    PERFORM set_config('subscription.rows_checked', mark, true);
END $$;

CREATE OR REPLACE FUNCTION subscription_statement_line_add_up()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM subscription_statement_rows_add_up(NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION subscription_statement_row_add_up()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM subscription_statement_rows_add_up(OLD.line_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM subscription_statement_rows_add_up(NEW.line_id);
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS subscription_statement_line_rows
    ON subscription_statement_line;
CREATE CONSTRAINT TRIGGER subscription_statement_line_rows
    AFTER INSERT OR UPDATE OF kind, quantity ON subscription_statement_line
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION subscription_statement_line_add_up();

DROP TRIGGER IF EXISTS subscription_statement_row_rows
    ON subscription_statement_row;
CREATE CONSTRAINT TRIGGER subscription_statement_row_rows
    AFTER INSERT OR DELETE OR UPDATE OF line_id, quantity
    ON subscription_statement_row
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION subscription_statement_row_add_up();
"""


class SubscriptionStatementRow(models.Model):
    """Whom a line of a statement bills: a holder, or a seat that nobody had.

    Names are those of the day on which it was billed: they stay when members and
    contacts are deleted.
    """

    _name = "subscription.statement.row"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Row of a Billing Statement"
    _order = "line_id, quantity desc, holder, id"
    _rec_name = "holder"

    line_id = fields.Many2one(
        "subscription.statement.line", required=True, ondelete="cascade", index=True
    )
    statement_id = fields.Many2one(
        "subscription.statement", required=True, ondelete="cascade", index=True
    )
    client_id = fields.Many2one("res.partner", required=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    member_id = fields.Many2one(
        "subscription.member", ondelete="set null", index="btree_not_null"
    )
    holder = fields.Char(help="Empty: a seat that was contracted and not assigned.")
    email = fields.Char()
    role = fields.Char()
    module = fields.Char()
    team = fields.Char()
    days = fields.Integer()
    quantity = fields.Float(digits=(16, 2), required=True)
    note = fields.Selection(
        [
            ("beyond", "Beyond the contracted seats"),
            ("left", "Left within the period"),
            ("unassigned", "Not assigned"),
            ("team member", "Member of a billed team"),
        ]
    )

    def _get_values(self):
        """Return the values of this row, for another line that bills the same."""
        self.ensure_one()
        names = ("holder", "email", "role", "module", "team", "days", "note")
        return {"member_id": self.member_id.id} | {name: self[name] for name in names}

    @api.private
    def init(self):
        """Let the database check that the rows of counted lines add up to their
        quantity."""
        super().init()
        kinds = SQL(", ").join(SQL("%s", kind) for kind in COUNTED)
        self.env.cr.execute(SQL(ROWS_ADD_UP, SQL("(%s)", kinds)))

    @api.model
    def _check_sums(self):
        """Let the database check now what it would check at the end of the transaction.

        :raise psycopg2.errors.CheckViolation: where rows do not add up to their line
        """
        names = SQL("subscription_statement_line_rows, subscription_statement_row_rows")
        self.env.cr.execute(SQL("SET CONSTRAINTS %s IMMEDIATE", names))
        self.env.cr.execute(SQL("SET CONSTRAINTS %s DEFERRED", names))
