# Generates src/soap/declarations/fault-parents.ts, the hierarchy of all vim25 faults, from pyVmomi's type tables.
# PYTHONPATH=test/interop/.tools/python python3 test/interop/pyvmomi/fault-parents.py > src/soap/declarations/fault-parents.ts

import textwrap

from pyVmomi import VmomiSupport, vmodl

NAMESPACE = "urn:vim25"
WIDTH = 110

parents = {}
for namespace, name in list(VmomiSupport._wsdlDefMap):
    if namespace != NAMESPACE:
        continue
    fault = VmomiSupport.GetWsdlType(namespace, name)
    # pyVmomi makes LocalizedMethodFault a fault, so that it can be raised; in vim25 it is a data object that contains one.
    if isinstance(fault, type) and issubclass(fault, vmodl.MethodFault) and name != "LocalizedMethodFault":
        parents[name] = VmomiSupport.GetWsdlName(fault.__bases__[0])
del parents["MethodFault"]

children = {}
for name, parent in parents.items():
    children.setdefault(parent, []).append(name)

print("// The inheritance of all vim25 faults. Each entry names a fault and then the faults that directly extend it.")
print("// Generated from pyVmomi's type tables by test/interop/pyvmomi/fault-parents.py; the interop tests compare both.")
print()
print("export const faultsByParent = `")
for parent in sorted(children):
    line = f"{parent}: {' '.join(sorted(children[parent]))}"
    print("\n".join(textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_long_words=False)))
print("`")
