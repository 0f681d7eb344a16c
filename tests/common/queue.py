"""What tests need of OCA's queue_job, where it is installed: `dev/tests/test_queue.py`
runs them in such a database."""

from ...models.billing.subscription_billing_queue import CHANNEL


def has_queue(env):
    return "queue.job" in env


def find_jobs(env, *states):
    """Return the jobs that bill and have one of ``states``, in the order in which they
    were added."""
    return env["queue.job"].search(
        [("channel", "=", CHANNEL), ("state", "in", states)], order="id"
    )


def work_off(env, commit=lambda: None):
    """Perform the jobs that wait, where there is a queue: as its runner does, but in
    this transaction, with ``commit`` after each."""
    if not has_queue(env):
        return
    for uuid in find_jobs(env, "pending").mapped("uuid"):
        job = load(env, uuid)
        job.set_started()
        job.store()
        get_controller()._try_perform_job(env, job)
        commit()


def perform(env, uuid, before=lambda env: None):
    """Perform a job as the runner does: once it is marked and the mark committed; where
    another one has it, nothing happens. ``before`` is done in between."""
    job = load(env, uuid)
    job.set_enqueued()
    job.store()
    env.cr.commit()
    job = get_controller()._acquire_job(env, uuid)
    if job:
        before(env)
        get_controller()._runjob(env, job)
        env.cr.commit()


def load(env, uuid):
    """Return the job."""
    from odoo.addons.queue_job.job import Job

    return Job.load(env, uuid)


def get_controller():
    """Return what performs jobs for the runner."""
    from odoo.addons.queue_job.controllers.main import RunJobController

    return RunJobController
