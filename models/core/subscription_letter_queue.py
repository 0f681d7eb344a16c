import logging

from psycopg2 import OperationalError
from psycopg2.errors import ForeignKeyViolation, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL

from .jobs import BUSY_ERRORS

_logger = logging.getLogger(__name__)

# Another transaction is in the way, or was: it has sent the same, or deleted what it
# is about.
OVERTAKEN_ERRORS = (*BUSY_ERRORS, ForeignKeyViolation, UniqueViolation)


class SubscriptionLetterMixin(models.AbstractModel):
    """How a job works through records that are sent: by chunks that are committed one
    by one, so that a run that is killed loses nothing and the next repeats nothing."""

    _inherit = "subscription.letter.mixin"

    # ------------------------------------------------------------------ chunks

    @api.model
    def _do_chunks(self, method, chunks):
        """Call ``method`` with each of ``chunks``, and commit, until the time is up.

        :return: whether all were done
        """
        cron = self.env["ir.cron"]
        return all(
            self._do_chunk(method, chunk) and cron._commit_progress(len(chunk))
            for chunk in chunks
        )

    @api.model
    def _do_chunk(self, method, chunk):
        """Call ``method``, unless another transaction is in its way: has done the same
        meanwhile, or deleted what it is about. The next run does what is left.

        :return: whether to go on
        """
        try:
            method(chunk)
            self.env.cr.flush()
        except OVERTAKEN_ERRORS as error:
            self.env.cr.rollback()
            _logger.info("%s: left to the next run: %s", self._description, error)
            return False
        return True

    @api.model
    def _insert_rows(self, model, names, rows):
        """Insert into ``model`` ``rows`` of the values of its fields ``names``, except
        what its unique index has already.

        By SQL: the ORM knows no ON CONFLICT, and takes too long for the thousands of
        letters of a day. What another transaction inserted unseen raises
        SerializationFailure.
        """
        types = [SQL(model._fields[name].column_type[0]) for name in names]
        columns = zip(*rows, strict=True)
        arrays = [
            SQL("%s::%s[]", list(column), type_)
            for column, type_ in zip(columns, types, strict=True)
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %s (create_uid, create_date, write_uid, write_date, %s)
                SELECT %s, %s, %s, %s, new.* FROM unnest(%s) AS new
                    ON CONFLICT DO NOTHING
                """,
                SQL.identifier(model._table),
                SQL(", ").join(map(SQL.identifier, names)),
                *[self.env.uid, fields.Datetime.now()] * 2,
                SQL(", ").join(arrays),
            )
        )
        model.invalidate_model()

    # ------------------------------------------------------------------ queueing

    def _queue_each(self):
        """Queue the e-mails of these records together, or one by one if that fails."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._queue()
        except OperationalError:
            raise
        except Exception as error:
            if len(self) > 1:
                for letter in self:
                    letter._queue_each()
                return
            _logger.exception("%s %s cannot be written", self._description, self.id)
            self._cannot_queue(error)

    def _queue(self):
        """Queue the e-mails of these records, and mark them as sent. A hook."""

    def _cannot_queue(self, error):
        """Note that the e-mail of this record could not be written. A hook."""
