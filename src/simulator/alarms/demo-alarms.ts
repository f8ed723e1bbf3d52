// Defines alarms as every vCenter has them, and triggers some: on a datastore, on hosts and on virtual machines.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { type AlarmDefinition, alarmsOf } from './alarm-store.ts'

const definitions: readonly AlarmDefinition[] = [
  {
    name: 'Host connection and power state',
    systemName: 'alarm.HostConnectionStateAlarm',
    description: 'Default alarm to monitor host connection and power state',
    type: 'HostSystem',
  },
  {
    name: 'Host memory usage',
    systemName: 'alarm.HostMemoryUsageAlarm',
    description: 'Default alarm to monitor host memory usage',
    type: 'HostSystem',
  },
  {
    name: 'Virtual machine CPU usage',
    systemName: 'alarm.VmCPUUsageAlarm',
    description: 'Default alarm to monitor virtual machine CPU usage',
    type: 'VirtualMachine',
  },
  {
    name: 'Virtual machine memory usage',
    systemName: 'alarm.VmMemoryUsageAlarm',
    description: 'Default alarm to monitor virtual machine memory usage',
    type: 'VirtualMachine',
  },
  {
    name: 'Datastore usage on disk',
    systemName: 'alarm.DatastoreDiskUsageAlarm',
    description: 'Default alarm to monitor datastore disk usage',
    type: 'Datastore',
  },
  {
    name: 'Backup is overdue',
    description: 'Defined by the backup team: no backup for three days',
    type: 'VirtualMachine',
  },
]

const minuteMs = 60_000

/** The share of its capacity from which on the alarm of a datastore is yellow. */
const warningUsage = 0.75

export function createDemoAlarms({ objects, origin }: SimulationContext): void {
  const alarms = alarmsOf(objects)
  for (const definition of definitions) alarms.define(definition)
  const before = (minutes: number) => new Date(origin - minutes * minuteMs)
  const named = (type: 'HostSystem' | 'VirtualMachine', name: string): ManagedObjectReference | undefined =>
    [...objects.ofType(type)].find((each) => each.get('name') === name)?.ref

  const usages = [...objects.ofType('Datastore')].map((each) => ({ ref: each.ref, usage: usageOf(each) }))
  const [fullest] = usages.sort((a, b) => b.usage - a.usage)
  if (fullest && fullest.usage > warningUsage)
    alarms.trigger('alarm.DatastoreDiskUsageAlarm', fullest.ref, { status: 'yellow', time: before(190) })
  const host = named('HostSystem', 'esx-fra-02.example.com')
  if (host)
    alarms.trigger('alarm.HostMemoryUsageAlarm', host, {
      status: 'yellow',
      time: before(1_490),
      acknowledgedBy: 'VSPHERE.LOCAL\\Administrator',
    })
  const database = named('VirtualMachine', 'db-01')
  if (database) {
    alarms.trigger('alarm.VmCPUUsageAlarm', database, { time: before(42) })
    alarms.trigger('Backup is overdue', database, {
      status: 'yellow',
      time: before(640),
      acknowledgedBy: 'CORP\\ann',
    })
  }
  for (const each of objects.ofType('HostSystem')) {
    const { connectionState } = each.get('runtime') as DataObject<'HostRuntimeInfo'>
    if (connectionState === 'notResponding')
      alarms.trigger('alarm.HostConnectionStateAlarm', each.ref, { time: before(75) })
  }
}

function usageOf(datastore: SimulatedObject): number {
  const { capacity, freeSpace } = datastore.get('summary') as DataObject<'DatastoreSummary'>
  return 1 - Number(freeSpace) / Number(capacity)
}
