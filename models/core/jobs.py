"""What scheduled actions have in common that work through many records."""

from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

# Another transaction is in the way: the next run of a job does what is left.
BUSY_ERRORS = (ConcurrencyError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)


def work_in_chunks(model, domain, size, work):
    """Call ``work`` with the records of ``domain``, in the order of their ids, so many
    at once, and commit after each call: a run that is killed loses nothing, and the
    next one goes on where it was.

    :return: whether all were done before the time was up
    """
    cron = model.env["ir.cron"]
    cron._commit_progress(remaining=model.search_count(domain))
    last_id = 0
    while chunk := model.search(
        domain & Domain("id", ">", last_id), limit=size, order="id"
    ):
        last_id = chunk[-1].id
        work(chunk)
        if not cron._commit_progress(len(chunk)):
            return False
    return True


def do_together(records, work, give_up):
    """Call ``work`` with ``records`` or, where that fails, with each of them.

    :param give_up: called with the one record that failed alone, and the error; what
        it had done until then is taken back
    """
    try:
        with records.env.cr.savepoint():
            work(records)
    except Exception as error:  # noqa: BLE001 whatever stops one stops no other
        if len(records) > 1:
            for record in records:
                do_together(record, work, give_up)
        else:
            give_up(records, error)
