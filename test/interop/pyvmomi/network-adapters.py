"""With an argument, prints the network cards of all machines of the server at that port of 127.0.0.1; otherwise, all types of cards with their parents."""

import json
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import VmomiSupport, vim

NAMESPACE = "urn:vim25"


def types():
    for namespace, name in list(VmomiSupport._wsdlDefMap):
        if namespace != NAMESPACE:
            continue
        card = VmomiSupport.GetWsdlType(namespace, name)
        if isinstance(card, type) and issubclass(card, vim.vm.device.VirtualEthernetCard):
            yield name, VmomiSupport.GetWsdlName(card.__bases__[0])


def network_of(backing):
    if isinstance(backing, vim.vm.device.VirtualEthernetCard.NetworkBackingInfo):
        return backing.network._moId
    return [backing.port.switchUuid, backing.port.portgroupKey]


def cards(content):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    for machine in view.view:
        if machine.config:
            for device in machine.config.hardware.device:
                if isinstance(device, vim.vm.device.VirtualEthernetCard):
                    yield {
                        "machine": machine._moId,
                        "key": device.key,
                        "label": device.deviceInfo.label,
                        "type": VmomiSupport.GetWsdlName(type(device)),
                        "macAddress": device.macAddress,
                        "connected": device.connectable.connected,
                        "startConnected": device.connectable.startConnected,
                        "network": network_of(device.backing),
                    }


if len(sys.argv) == 1:
    print(json.dumps(dict(types())))
else:
    service = SmartConnect(protocol="http", host="127.0.0.1", port=int(sys.argv[1]), user="user", pwd="pass")
    try:
        print(json.dumps(list(cards(service.RetrieveContent()))))
    finally:
        Disconnect(service)
