"""Three-way merge of files: pure functions, but for `git merge-file` where git is there.

Base is what fastgen wrote before, theirs is what it writes now, ours is what people made of base.
"""

from fastgen.merge.markers import line_of_conflict
from fastgen.merge.merged_files import MergedFile, is_unedited, merge_trees
from fastgen.merge.renames import find_renames, moved_folder

__all__ = [
    "MergedFile",
    "find_renames",
    "is_unedited",
    "line_of_conflict",
    "merge_trees",
    "moved_folder",
]
