"""The simulator with a learner that is done at once.

What a training costs a machine is not what many jobs at once are about: two hundred detectors, each of them a
minute of two cores, would be all that was measured. The colours of the labels are learned from the boxes as
truthfully, in milliseconds; everything around the learning is the simulator's own.
"""

import sys

from simulator.__main__ import main
from tests.simulator.fakes import ColourLearner

if __name__ == "__main__":
    sys.exit(main(learner=ColourLearner()))
