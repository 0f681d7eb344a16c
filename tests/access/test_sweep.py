"""Each model, field, form and way in, for each role: see ``tests/common/sweep.py``."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.guard import MUTED
from ..common.sweep import OWN, SweepCase, switched_off
from ..common.ways import WAYS

PLAIN_FORMS = ("number", "ids", "text")


class SweepOrmCase(SweepCase):
    roles_swept = ()
    # The ways in by which something of its own is let through.
    ways_counted = WAYS
    # How many cases of each role are tried unless all are.
    OPEN, CLOSED = 160, 40

    @mute_logger(*MUTED)
    def _sweep(self):
        left = []
        for role in self.roles_swept:
            opened, closed = self._get_cases(role)
            for case in self._sample(opened, self.OPEN):
                self._try_case(case, self._call_orm)
            for case in self._sample(closed, self.CLOSED):
                self._try_case(case, self._call_orm)
            left += opened
        self._try_own(left)
        self._check_findings()
        self._check_counts(self.ways_counted)

    def _try_own(self, cases):
        """Refer to the role's own by the ways of which the sample let nothing through,
        until one of them does: few do by some, as by an import."""
        for case in self.random.sample(cases, len(cases)):
            if case.form == OWN and not self.tried[case.way, "let through"]:
                self._try_case(case, self._call_orm)


@tagged("post_install", "-at_install")
class TestSweepStaff(SweepOrmCase):
    roles_swept = ("north", "reef")

    def test_sweep(self):
        self._sweep()

    @mute_logger(*MUTED)
    def test_without_the_guard(self):
        """The sweep finds what the guard keeps closed."""
        opened, _closed = self._get_cases("north")
        with switched_off():
            for case in self.random.sample(opened, len(opened)):
                if case.form in PLAIN_FORMS and not self.findings:
                    self._try_case(case, self._call_orm)
        self.assertTrue(self.findings)


@tagged("post_install", "-at_install")
class TestSweepOthers(SweepOrmCase):
    roles_swept = ("accountant", "client", "public")

    def test_sweep(self):
        self._sweep()
