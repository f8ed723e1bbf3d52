# Defines a custom attribute, sets values, and prints what pyVmomi reads as JSON. Argument: the port of the simulator.

import json
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

connection = SmartConnect(protocol="http", host="127.0.0.1", port=int(sys.argv[1]), user="user", pwd="pass")
content = connection.RetrieveContent()
manager = content.customFieldsManager


def definition(field):
    return {
        "key": field.key,
        "name": field.name,
        "type": field.type and field.type.__name__,
        "moType": field.managedObjectType and field.managedObjectType.__name__,
    }


def values(custom_values):
    return [[each.key, each.value] for each in custom_values]


report = {"fields": [definition(field) for field in manager.field]}
view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
vm = next(each for each in view.view if each.name == "web-01")
added = manager.AddFieldDefinition("Ticket", vim.VirtualMachine)
report["added"] = definition(added)
manager.SetField(vm, added.key, "INC-1")
report["values"] = values(vm.customValue)
report["summaryValues"] = values(vm.summary.customValue)
report["available"] = [field.name for field in vm.availableField]
try:
    manager.SetField(vm, 999, "x")
except vmodl.fault.InvalidArgument:
    report["fault"] = "InvalidArgument"
view.Destroy()
Disconnect(connection)
print(json.dumps(report))
