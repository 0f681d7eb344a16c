"""The past of the demo: what happened on which day, done by the methods of the product
while the clock stands at that day. Nothing is written behind its back, so ledgers,
statements and audit trail are what they would be.

`cast.py` says who and what, `clock.py` turns back the clock, `stage.py` tells what was
planned day by day and runs the scheduled actions in between; the other files plan.
"""

from .accounts import AccountsScene
from .contracts import ContractsScene
from .people import PeopleScene
from .requests import RequestsScene
from .stage import Stage
from .today import TodayScene

SCENES = (AccountsScene, ContractsScene, PeopleScene, RequestsScene, TodayScene)


def tell(env):
    """Tell the story in the main company of ``env``, up to its today."""
    stage = Stage(env)
    for scene in SCENES:
        scene(stage).plan()
    stage.play()
