"""What tests have in common that do many things at random."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tools import mute_logger

# One of the records that there are then, counted round and round.
POSITION = st.integers(0, 11)


class PropertyMixin:
    """Does steps in any order: a step ``(name, *arguments)`` calls ``_do_<name>``."""

    def _check_sequences(self, steps, sizes, count):
        """Do ``count`` sequences of ``steps``, ``sizes`` long, and undo each; check
        every step by ``_check_step``."""

        @settings(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=count,
            # Looking for the shortest sequence that fails takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(steps, min_size=min(sizes), max_size=max(sizes)))
        def check(sequence):
            self._begin()
            with self.cr.savepoint() as savepoint:
                for step in sequence:
                    self._check_step(*step)
                savepoint.rollback()
                self.env.invalidate_all()

        with mute_logger("odoo.models.unlink", "odoo.addons.base.partner.merge"):
            check()

    def _begin(self):
        """Prepare for a sequence."""

    def _is_done(self, name, *arguments):
        """Do a step and tell whether it was done; a refusal leaves nothing behind."""
        try:
            with self.cr.savepoint():
                getattr(self, f"_do_{name}")(*arguments)
                self.env.flush_all()
        except UserError:
            return False
        finally:
            self.env.invalidate_all()
        return True
