// Tests the budget table of alarms: the exact calls of each field, connection and condition, and what each retrieval requests.

import type { TestGateway } from '../../test-gateway.ts'
import { describeBudgets } from '../call-budget.ts'

/** The same alarms in inventories of all sizes. */
const variables = ({ simulator: { alarms, inventory } }: Pick<TestGateway, 'simulator'>) => {
  alarms.clear(alarms.all, 'user')
  alarms.trigger('Virtual machine CPU usage', inventory.machine('web-01').ref, {
    time: new Date('2026-11-01'),
  })
  return {}
}

describeBudgets([
  {
    name: 'all triggered alarms',
    query: `{ triggeredAlarms(first: 1000) { totalCount nodes { id name description status triggeredAt acknowledged acknowledgedAt acknowledgedBy vcenter { name } entity { name } } } }`,
    variables,
    first: `
      RetrievePropertiesEx
        Folder: triggeredAlarmState
        from Folder*
      RetrievePropertiesEx
        Alarm: info.description, info.name
        VirtualMachine: name
        from Alarm*
        from VirtualMachine*
    `,
  },
  {
    name: 'triggered alarms by name and by their object, in groups',
    query: `{ triggeredAlarms(first: 1000, filter: { name: { contains: "usage" }, entity: { name: { startsWith: "web" } } }) { nodes { status } groups(by: [NAME]) { count key { name } } } }`,
    variables,
    first: `
      RetrievePropertiesEx
        Folder: triggeredAlarmState
        from Folder*
      RetrievePropertiesEx
        Alarm: info.name
        ManagedEntity: name
        from Alarm*
        from VirtualMachine*
    `,
  },
  {
    name: 'the alarms of virtual machines',
    query: `{ virtualMachines(first: 1000) { nodes { name triggeredAlarms { name status } } } }`,
    variables,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: triggeredAlarmState
      RetrievePropertiesEx
        Alarm: info.name
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, triggeredAlarmState
      RetrievePropertiesEx
        Alarm: info.name
    `,
  },
  {
    name: 'virtual machines that are on and have an alarm of a name',
    query: `{ virtualMachines(first: 1000, filter: { powerState: { eq: POWERED_ON }, triggeredAlarms: { some: { name: { contains: "CPU" } } } }) { nodes { name } } }`,
    variables,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name, runtime.powerState
      RetrievePropertiesEx
        VirtualMachine: triggeredAlarmState
      RetrievePropertiesEx
        Alarm: info.name
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, runtime.powerState, triggeredAlarmState
      RetrievePropertiesEx
        Alarm: info.name
    `,
  },
])
