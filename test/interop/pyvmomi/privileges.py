"""Reads "method NAME" and "property TYPE NAME" lines, and prints the privileges that pyVmomi's tables have for them as JSON."""

import json
import sys

from pyVmomi.VmomiSupport import GuessWsdlMethod, GuessWsdlType


def of_method(name):
    info = GuessWsdlMethod(name).info
    needed = {param.name: param.privId for param in info.params if param.privId}
    return {"self": info.privId, "arguments": needed}


def of_property(type_name, name):
    return GuessWsdlType(type_name)._GetPropertyInfo(name).privId


for line in sys.stdin.read().splitlines():
    kind, *names = line.split(" ")
    print(json.dumps(of_method(*names) if kind == "method" else of_property(*names)))
