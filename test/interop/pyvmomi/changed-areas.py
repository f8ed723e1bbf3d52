"""Runs a backup with pyVmomi against the server on the given port: inventory, two snapshots, the areas, renaming,
reverting and cleaning up. Prints one JSON object. Arguments: port, name of the virtual machine, optionally the path of a CA file for TLS."""

import json
import ssl
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl


def every_area(vm, snapshot, disk, change_id):
    """Returns all areas of a disk. Requests windows until the capacity is reached, including empty ones. Merges areas
    that a window boundary splits, and clips areas at the end of the disk."""
    areas, windows, offset = [], [], 0
    while offset < disk.capacityInBytes:
        reply = vm.QueryChangedDiskAreas(
            snapshot=snapshot, deviceKey=disk.key, startOffset=offset, changeId=change_id
        )
        assert reply.startOffset == offset and reply.length > 0
        windows.append(len(reply.changedArea))
        for area in reply.changedArea:
            end = min(area.start + area.length, disk.capacityInBytes)
            if areas and areas[-1]["start"] + areas[-1]["length"] >= area.start:
                areas[-1]["length"] = max(end - areas[-1]["start"], areas[-1]["length"])
            else:
                areas.append({"start": area.start, "length": end - area.start})
        offset = reply.startOffset + reply.length
    return {"areas": areas, "windows": windows}


def disks_of(holder):
    return [device for device in holder.config.hardware.device if isinstance(device, vim.vm.device.VirtualDisk)]


def take_snapshot(vm, name):
    task = vm.CreateSnapshot_Task(name=name, description="by pyVmomi", memory=False, quiesce=False)
    WaitForTask(task)
    assert task.info.state == vim.TaskInfo.State.success, task.info.error
    return task.info.result


def every_tree(trees):
    return [each for tree in trees for each in [tree, *every_tree(tree.childSnapshotList)]]


def names_of(trees):
    return [[tree.name, names_of(tree.childSnapshotList)] for tree in trees]


def main(port, name, ca_file=None):
    security = {"sslContext": ssl.create_default_context(cafile=ca_file)} if ca_file else {"protocol": "http"}
    service = SmartConnect(host="127.0.0.1", port=int(port), user="user", pwd="pass", **security)
    content = service.RetrieveContent()

    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    machines = [
        {
            "moid": machine._moId,
            "name": machine.name,
            "powerState": machine.runtime.powerState,
            "uuid": machine.config.uuid if machine.config else None,
            "memoryMB": machine.config.hardware.memoryMB if machine.config else None,
            "host": machine.runtime.host.name,
            "datastores": [datastore.name for datastore in machine.datastore],
            "folder": machine.parent.name,
        }
        for machine in view.view
    ]
    vm = next(machine for machine in view.view if machine.name == name)
    view.DestroyView()

    first = take_snapshot(vm, "first")
    base = {disk.key: disk.backing.changeId for disk in disks_of(first)}
    print(json.dumps({"took": first._moId}), flush=True)
    # The caller lets the guest write in between.
    sys.stdin.readline()
    second = take_snapshot(vm, "second")

    report = {
        "about": {"fullName": content.about.fullName, "instanceUuid": content.about.instanceUuid},
        "session": {
            "userName": content.sessionManager.currentSession.userName,
            "sessions": len(content.sessionManager.sessionList),
        },
        "machines": machines,
        "first": first._moId,
        "second": second._moId,
        "tree": names_of(vm.snapshot.rootSnapshotList),
        "isCurrent": vm.snapshot.currentSnapshot == second,
        "disks": [
            {
                "key": disk.key,
                "label": disk.deviceInfo.label,
                "capacity": disk.capacityInBytes,
                "changeId": disk.backing.changeId,
                "baseChangeId": base[disk.key],
                "allocated": every_area(vm, second, disk, "*"),
                "changed": every_area(vm, second, disk, base[disk.key]),
            }
            for disk in disks_of(second)
        ],
    }
    print(json.dumps(report), flush=True)
    # The caller reads the same areas through the gateway before the snapshots are removed.
    sys.stdin.readline()

    faults = {}
    for parameter, arguments in {
        "beyond": {"startOffset": disks_of(second)[0].capacityInBytes, "changeId": "*"},
        "nonsense": {"startOffset": 0, "changeId": "nonsense"},
    }.items():
        try:
            vm.QueryChangedDiskAreas(snapshot=second, deviceKey=2000, **arguments)
        except vmodl.fault.InvalidArgument as fault:
            faults[parameter] = fault.invalidProperty
    second.RenameSnapshot(name="second, renamed", description="as it was")
    renamed = [(tree.name, tree.description) for tree in every_tree(vm.snapshot.rootSnapshotList) if tree.snapshot == second]
    WaitForTask(first.RevertToSnapshot_Task(suppressPowerOn=True))
    reverted = {"isCurrent": vm.snapshot.currentSnapshot == first, "powerState": vm.runtime.powerState}
    try:
        second.RenameSnapshot(name="")
    except vim.fault.InvalidName as fault:
        faults["noName"] = fault.name
    WaitForTask(second.RemoveSnapshot_Task(removeChildren=False))
    WaitForTask(first.RemoveSnapshot_Task(removeChildren=True))
    try:
        second.config
    except vmodl.fault.ManagedObjectNotFound as fault:
        faults["removed"] = fault.obj._moId
    left = names_of(vm.snapshot.rootSnapshotList) if vm.snapshot else []
    Disconnect(service)
    print(json.dumps({"faults": faults, "left": left, "renamed": renamed, "reverted": reverted}), flush=True)


main(*sys.argv[1:])
