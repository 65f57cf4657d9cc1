"""Git 2.32 or newer, as a program: https://git-scm.com/docs . Reads changes, and reverts one with a mark.

A private bare mirror under DATA_DIR/git is fetched before each look; nothing is ever checked out in the original.
"""

from connectors.git.actuator import Revert
from connectors.git.reader import Changes

__all__ = ["Changes", "Revert"]
