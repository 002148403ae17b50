"""What our benchmark calls its tasks: kind, family of scores, enterprises a side, pairs of each at most."""

import re

TASK = re.compile(r"(total-value|fair|stable)-(\w+)-(\d+)(?:-(\d+))?")
