"""What tests have in common that do many things at random."""

import random
from collections import Counter

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .seed import draw_seed

# Seeds of the sequences that are the same in each run.
SEEDS = range(1, 13)
# How many sequences of each run follow from `draw_seed`.
NEW_SEQUENCES = 2


def position(rng):
    """Draw one of the records that there are then, counted round and round."""
    return rng.randrange(12)


def positions(rng):
    """Draw one to four records."""
    return [position(rng) for _ in range(rng.randint(1, 4))]


def boolean(rng):
    return rng.random() < 0.5


def one_of(*values):
    """Return what draws one of ``values``."""
    return lambda rng: rng.choice(values)


class PropertyMixin:
    """Does steps in any order, and checks after each what must always hold.

    A step named ``grant`` is done by ``_do_grant``, which raises if it is refused. If
    there is nothing to do it to, it returns a false value, but not None.
    """

    # The kinds of steps: {name: (weight, what draws each argument)}.
    STEPS = {}
    # Kinds of steps that no rule refuses.
    NEVER_REFUSED = ()
    # How many steps a sequence has.
    LENGTH = 40

    def _check_fixed_sequences(self):
        """Play the sequences that are always the same.

        Whether steps were both done and refused is checked here alone: a new sequence
        need not meet every limit.
        """
        self.counts = Counter()
        for seed in SEEDS:
            self._check_sequence(seed)
        for name in self.STEPS:
            done, refused = self.counts[name, True], self.counts[name, False]
            with self.subTest(step=name, done=done, refused=refused):
                self.assertTrue(done, f"{name} was never done")
                if name in self.NEVER_REFUSED:
                    self.assertFalse(refused, f"{name} was refused")
                else:
                    self.assertTrue(refused, f"{name} was never refused")

    def _check_new_sequences(self):
        """Play sequences that ``make test-all`` draws anew."""
        self.counts = Counter()
        rng = random.Random(draw_seed())
        for _ in range(NEW_SEQUENCES):
            self._check_sequence(rng.randrange(2**32))

    def _check_sequence(self, seed):
        """Play the sequence of ``seed``, and undo it."""
        rng, played = random.Random(seed), []
        weights = [weight for weight, *_draws in self.STEPS.values()]
        with (
            mute_logger("odoo.models.unlink", "odoo.addons.base.partner.merge"),
            self._undone(),
        ):
            self._begin()
            for _ in range(self.LENGTH):
                (name,) = rng.choices([*self.STEPS], weights)
                arguments = [draw(rng) for draw in self.STEPS[name][1:]]
                played.append((name, *arguments))
                try:
                    self._check_step(name, *arguments)
                except Exception as error:
                    raise AssertionError(
                        f"Seed {seed} fails; add it to SEEDS to play it again. The"
                        f" steps were {played}. {error}"
                    ) from error

    def _begin(self):
        """Prepare for a sequence."""

    def _is_done(self, name, *arguments):
        """Do a step and tell whether it was done; a refusal leaves nothing behind."""
        try:
            with self.cr.savepoint():
                outcome = getattr(self, f"_do_{name}")(*arguments)
                self.env.flush_all()
        except UserError:
            self.counts[name, False] += 1
            return False
        finally:
            self.env.invalidate_all()
        if outcome is None or outcome:
            self.counts[name, True] += 1
        return True
