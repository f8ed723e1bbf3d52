"""Reads "Type path" lines and prints the paths that are not declared in pyVmomi's type tables."""

import re
import sys

from pyVmomi.VmomiSupport import GuessWsdlType


def is_declared(type_name, path):
    at = GuessWsdlType(type_name)
    for name in re.sub(r'"[^"]*"', "key", path).split("."):
        # An array has no fields; a path must select an element by key.
        if not hasattr(at, "_GetPropertyInfo"):
            return False
        base, _, key = name.partition("[")
        try:
            at = at._GetPropertyInfo(base).type
        except AttributeError:
            return False
        if key:
            at = at.Item
    return True


for line in sys.stdin.read().splitlines():
    type_name, path = line.split(" ", 1)
    if not is_declared(type_name, path):
        print(line)
