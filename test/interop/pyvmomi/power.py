# Changes the power state of machines, answers a question, and prints what pyVmomi sees as JSON. Argument: the port of the simulator.

import json
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim

connection = SmartConnect(protocol="http", host="127.0.0.1", port=int(sys.argv[1]), user="user", pwd="pass")
content = connection.RetrieveContent()
view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
machines = {each.name: each for each in view.view}
view.Destroy()
report = {}


def fault_of(call):
    try:
        call()
    except vim.fault.VimFault as fault:
        return type(fault).__name__
    return None


web = machines["web-01"]
WaitForTask(web.PowerOff())
report["off"] = web.runtime.powerState
report["again"] = fault_of(lambda: WaitForTask(web.PowerOff()))

datacenter = next(each for each in content.rootFolder.childEntity if each.name == "Frankfurt")
task = datacenter.PowerOnVm([web, machines["mail-01"], machines["web-02"]])
WaitForTask(task)
result = task.info.result
report["attempted"] = [each.vm.name for each in result.attempted]
report["notAttempted"] = [[each.vm.name, type(each.fault).__name__] for each in result.notAttempted]
for each in result.attempted:
    WaitForTask(each.task)
report["on"] = [web.runtime.powerState, machines["mail-01"].runtime.powerState]

wiki = machines["wiki-01"]
question = wiki.runtime.question
report["question"] = [question.id, [each.key for each in question.choice.choiceInfo]]
report["pending"] = fault_of(lambda: wiki.ShutdownGuest())
wiki.Answer(question.id, question.choice.choiceInfo[0].key)
report["answered"] = wiki.runtime.question is None
wiki.ShutdownGuest()
report["noTools"] = fault_of(lambda: machines["scada-nt4"].RebootGuest())
report["disabled"] = sorted(set(web.disabledMethod) & {"PowerOnVM_Task", "PowerOffVM_Task", "ShutdownGuest"})
Disconnect(connection)
print(json.dumps(report))
