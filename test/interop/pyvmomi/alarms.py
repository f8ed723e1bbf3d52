# Acknowledges and clears alarms of the simulator, or with a second argument posts the event that triggers an alarm of vcsim on this virtual
# machine. Prints what pyVmomi reads as JSON. Arguments: the port of the server, the name of the virtual machine of vcsim.

import datetime
import json
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

connection = SmartConnect(protocol="http", host="127.0.0.1", port=int(sys.argv[1]), user="user", pwd="pass")
content = connection.RetrieveContent()
manager = content.alarmManager


def described(state):
    return {
        "key": state.key,
        "alarm": state.alarm.info.name,
        "entity": state.entity.name,
        "status": state.overallStatus,
        "acknowledged": bool(state.acknowledged),
        "user": state.acknowledgedByUser,
    }


def triggered(entity):
    return [described(state) for state in entity.triggeredAlarmState]


def post(name):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    vm = next(each for each in view.view if each.name == name)
    event = vim.event.EventEx(
        eventTypeId="vcsim.vm.failure",
        objectType=vim.VirtualMachine,
        objectId=vm._moId,
        key=0,
        chainId=0,
        createdTime=datetime.datetime.now(datetime.timezone.utc),
        userName="",
    )
    content.eventManager.PostEvent(event)
    return {"triggered": triggered(content.rootFolder)}


def acknowledge():
    report = {"triggered": triggered(content.rootFolder)}
    states = content.rootFolder.triggeredAlarmState
    state = next(each for each in states if not each.acknowledged)
    manager.AcknowledgeAlarm(state.alarm, state.entity)
    report["acknowledged"] = next(each for each in triggered(state.entity) if each["key"] == state.key)
    report["declared"] = len(manager.GetAlarmState(state.entity))
    report["alarms"] = [alarm.info.systemName for alarm in manager.GetAlarm()]
    try:
        manager.AcknowledgeAlarm(state.alarm, content.rootFolder)
    except vmodl.fault.InvalidArgument:
        report["fault"] = "InvalidArgument"
    manager.ClearTriggeredAlarms(vim.alarm.AlarmFilterSpec(status=["yellow"]))
    report["left"] = triggered(content.rootFolder)
    return report


report = post(sys.argv[2]) if len(sys.argv) > 2 else acknowledge()
Disconnect(connection)
print(json.dumps(report, default=str))
