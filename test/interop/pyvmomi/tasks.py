"""Reads the history of tasks with pyVmomi as a reporting script does. Prints the results as JSON."""

import json
import sys
from datetime import timedelta

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim

service = SmartConnect(
    host='127.0.0.1', port=int(sys.argv[1]), user='user', pwd='pass', protocol='http', path='/sdk'
)
content = service.RetrieveContent()
manager = content.taskManager


def reason_of(info):
    reason = info.reason
    for field in ('userName', 'name', 'alarmName'):
        if hasattr(reason, field):
            return getattr(reason, field)
    return type(reason).__name__.split('.')[-1]


def row(info):
    return [info.descriptionId, info.entityName, info.state, reason_of(info)]


begin = service.CurrentTime() - timedelta(hours=12)
spec = vim.TaskFilterSpec(
    entity=vim.TaskFilterSpec.ByEntity(
        entity=content.rootFolder, recursion=vim.TaskFilterSpec.RecursionOption.all
    ),
    time=vim.TaskFilterSpec.ByTime(
        timeType=vim.TaskFilterSpec.TimeOption.queuedTime, beginTime=begin
    ),
    state=[vim.TaskInfo.State.error, vim.TaskInfo.State.success],
)
collector = manager.CreateCollectorForTasks(spec)
collector.SetCollectorPageSize(2)
collector.ResetCollector()
result = {
    'latest': [row(info) for info in collector.latestPage],
    'previous': [row(info) for info in collector.ReadPreviousTasks(2)],
}
collector.RewindCollector()
result['all'] = [row(info) for info in collector.ReadNextTasks(1000)]
result['end'] = [row(info) for info in collector.ReadNextTasks(1000)]
collector.DestroyCollector()
result['labels'] = {info.key: info.label for info in manager.description.methodInfo}
result['maxCollector'] = manager.maxCollector
Disconnect(service)
print(json.dumps(result))
