"""Three-way merge of files: pure functions, but for `git merge-file` where git is there.

Base is what fastgen wrote before, theirs is what it writes now, ours is what people made of base.
"""

from fastgen.merge.renames import find_renames
from fastgen.merge.tree import MergedFile, merge_trees

__all__ = ["MergedFile", "find_renames", "merge_trees"]
