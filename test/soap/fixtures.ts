// Sample responses of servers: a vCenter 8 (soapenv prefixes, xsi:type, newlines between the elements of the envelope) and
// vcsim (the namespace bound again on each element, no xsi:type on the items of arrays).

const vcenterHead =
  '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"' +
  ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n'

export const vcenter = (body: string): string => `${vcenterHead}${body}\n</soapenv:Body>\n</soapenv:Envelope>`

/** In vcsim's form: xsi has another prefix and is bound on each element that uses it. */
export const vcsim = (body: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">' +
  `<soapenv:Body>${body.replaceAll(' xsi:type=', ' xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type=')}</soapenv:Body></soapenv:Envelope>`

export const reply = (method: string, inner: string): string =>
  `<${method}Response xmlns="urn:vim25">${inner}</${method}Response>`

export const fault = (faultstring: string, detail: string): string =>
  `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${faultstring}</faultstring>${detail}</soapenv:Fault>`

/** One virtual machine with arrays, a reference and a missing property, as a vCenter writes it. */
export const vcenterRetrieval = vcenter(
  reply(
    'RetrievePropertiesEx',
    '<returnval><token>t-1</token><objects><obj type="VirtualMachine">vm-62</obj>' +
      '<propSet><name>name</name><val xsi:type="xsd:string">007</val></propSet>' +
      '<propSet><name>runtime.powerState</name><val xsi:type="VirtualMachinePowerState">poweredOn</val></propSet>' +
      '<propSet><name>resourcePool</name><val type="ResourcePool" xsi:type="ManagedObjectReference">resgroup-10</val></propSet>' +
      '<propSet><name>datastore</name><val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">datastore-17</ManagedObjectReference></val></propSet>' +
      '<propSet><name>disabledMethod</name><val xsi:type="ArrayOfString"><string xsi:type="xsd:string">1e3</string><string xsi:type="xsd:string">true</string></val></propSet>' +
      '<propSet><name>recentTask</name><val xsi:type="ArrayOfManagedObjectReference"></val></propSet>' +
      '<missingSet><path>config</path><fault><fault xsi:type="NoPermission"><object type="VirtualMachine">vm-62</object><privilegeId>System.Read</privilegeId></fault><localizedMessage>Permission denied.</localizedMessage></fault></missingSet>' +
      '</objects></returnval>',
  ),
)

/** The same from vcsim. */
export const vcsimRetrieval = vcsim(
  reply(
    'RetrievePropertiesEx',
    '<returnval><objects><obj type="VirtualMachine">vm-62</obj>' +
      '<propSet><name>name</name><val xsi:type="xsd:string">007</val></propSet>' +
      '<propSet><name>runtime.powerState</name><val xsi:type="VirtualMachinePowerState">poweredOn</val></propSet>' +
      '<propSet><name>resourcePool</name><val type="ResourcePool" xsi:type="ManagedObjectReference">resgroup-10</val></propSet>' +
      '<propSet><name>datastore</name><val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Datastore">datastore-17</ManagedObjectReference></val></propSet>' +
      '<propSet><name>disabledMethod</name><val xsi:type="ArrayOfString"><string>1e3</string><string>true</string></val></propSet>' +
      '<propSet><name>config.hardware.device</name><val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualDisk"><key>204</key><deviceInfo xsi:type="Description"><label>disk-202-0</label><summary>10,485,760 KB</summary></deviceInfo><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[LocalDS_0] DC0_H0_VM0/disk1.vmdk</fileName><datastore type="Datastore">datastore-59</datastore><diskMode>persistent</diskMode><uuid>b95003e9-7241-514a-9ba0-82a06c0d235a</uuid></backing><controllerKey>202</controllerKey><unitNumber>0</unitNumber><capacityInKB>10485760</capacityInKB><capacityInBytes>10737418240</capacityInBytes></VirtualDevice></val></propSet>' +
      '</objects></returnval>',
  ),
)

/** A completed task in an update of vcsim. */
export const vcsimTaskUpdate = vcsim(
  reply(
    'WaitForUpdatesEx',
    '<returnval><version>-</version><filterSet><filter type="PropertyFilter">session[f988]fecb</filter><objectSet><kind>modify</kind><obj type="Task">task-73</obj><changeSet><name>info</name><op>assign</op><val xsi:type="TaskInfo"><key>task-73</key><task type="Task">task-73</task><name>CreateSnapshotEx</name><descriptionId>VirtualMachine.createSnapshotEx</descriptionId><entity type="VirtualMachine">vm-62</entity><entityName>vm-62</entityName><state>success</state><cancelled>false</cancelled><cancelable>false</cancelable><result type="VirtualMachineSnapshot" xsi:type="ManagedObjectReference">snapshot-74</result><reason xsi:type="TaskReasonUser"><userName>vcsim</userName></reason><queueTime>2026-11-22T10:31:50.288058987Z</queueTime><eventChainId>0</eventChainId></val></changeSet></objectSet></filterSet></returnval>',
  ),
)
