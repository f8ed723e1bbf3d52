// What happened before the simulation began, relative to its start: who powered off which machine, what failed last night, what
// happened without a user, and changes of alarms and snapshots that only an EventEx reports.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { type EventSpec, recordEvent } from './event-log.ts'
import type { PastEntry } from './past-entry.ts'

const hourMs = 60 * 60 * 1000

const ann = 'CORP\\ann'
const bob = 'CORP\\bob'
const backup = 'CORP\\svc-backup'
const administrator = 'VSPHERE.LOCAL\\Administrator'

/** An event so many hours before the start; `about` names its machine or host. Events of one chain belong together. */
interface DemoEvent {
  readonly hoursAgo: number
  readonly about?: string
  readonly userName?: string
  readonly chain?: string
  readonly event: EventSpec
}

const locked = {
  fault: { _typeName: 'FileLocked', file: '[ssd-fra-01] erp-01/erp-01.vmdk' },
  localizedMessage: 'Unable to access a file since it is locked.',
}

const demoEvents: readonly DemoEvent[] = [
  login(77, administrator, '10.1.0.11'),
  {
    hoursAgo: 76,
    about: 'wiki-01',
    userName: administrator,
    event: { _typeName: 'VmReconfiguredEvent', configSpec: {} },
  },
  ...power(52, 'web-02', bob, 'VmStoppingEvent', 'VmPoweredOffEvent'),
  ...power(51.5, 'web-02', bob, 'VmStartingEvent', 'VmPoweredOnEvent'),
  login(30, ann, '10.1.0.27'),
  {
    hoursAgo: 29.5,
    about: 'mail-01',
    userName: ann,
    event: { _typeName: 'VmGuestShutdownEvent' },
  },
  ...power(29.4, 'mail-01', ann, 'VmStoppingEvent', 'VmPoweredOffEvent'),
  ...power(26, 'desktop-01', bob, 'VmSuspendingEvent', 'VmSuspendedEvent'),
  login(9, backup, '10.1.0.40'),
  ...power(8.5, 'erp-01', backup, 'VmStartingEvent'),
  {
    hoursAgo: 8.49,
    about: 'erp-01',
    userName: backup,
    chain: 'erp-01 8.5',
    event: { _typeName: 'VmFailedToPowerOnEvent', reason: locked },
  },
  { hoursAgo: 7, about: 'esx-fra-02.example.com', event: { _typeName: 'HostConnectionLostEvent' } },
  { hoursAgo: 6.9, about: 'esx-fra-02.example.com', event: { _typeName: 'HostConnectedEvent' } },
  {
    hoursAgo: 6.8,
    about: 'web-01',
    event: {
      _typeName: 'EventEx',
      eventTypeId: 'com.vmware.vc.ha.VmRestartedByHAEvent',
      severity: 'warning',
    },
  },
  {
    hoursAgo: 3,
    about: 'backup-01',
    event: {
      _typeName: 'EventEx',
      eventTypeId: 'com.vmware.vc.VmDiskConsolidationNeeded',
      severity: 'warning',
    },
  },
  {
    hoursAgo: 0.7,
    event: { _typeName: 'BadUsernameSessionEvent', ipAddress: '10.1.9.99' },
    userName: 'root',
  },
  login(0.6, ann, '10.1.0.27'),
  {
    hoursAgo: 0.5,
    about: 'db-01',
    userName: ann,
    event: { _typeName: 'VmReconfiguredEvent', configSpec: {} },
  },
  {
    hoursAgo: 0.3,
    about: 'db-01',
    userName: ann,
    event: { _typeName: 'GeneralUserEvent', message: 'Memory was raised for the end of the year' },
  },
]

function login(hoursAgo: number, userName: string, ipAddress: string): DemoEvent {
  const sessionId = `52${hoursAgo}`.padEnd(36, '0')
  const client = { userAgent: 'Mozilla/5.0', locale: 'en', ipAddress, sessionId }
  return { hoursAgo, userName, event: { _typeName: 'UserLoginSessionEvent', ...client } }
}

/** The events of one power operation, a second apart. */
function power(hoursAgo: number, about: string, userName: string, ...types: string[]): DemoEvent[] {
  return types.map((_typeName, index) => ({
    hoursAgo: hoursAgo - index / 3600,
    about,
    userName,
    chain: `${about} ${hoursAgo}`,
    event: { _typeName },
  }))
}

/** Returns the events of the past, to be recorded in the order of time. Those of objects that the inventory lacks are left out. */
export function pastEvents({ objects, origin }: SimulationContext): PastEntry[] {
  const chains = new Map<string, number>()
  const named = (name: string): ManagedObjectReference | undefined =>
    [...objects.ofType('VirtualMachine'), ...objects.ofType('HostSystem')].find(
      (object) => object.get('name') === name,
    )?.ref
  return demoEvents.flatMap(({ hoursAgo, about, userName = '', chain, event }) => {
    const entity = about === undefined ? undefined : named(about)
    if (about !== undefined && !entity) return []
    const isExtended = event._typeName === 'EventEx'
    const at = origin - hoursAgo * hourMs
    const record = () => {
      const chainId = chain === undefined ? undefined : chains.get(chain)
      const { key } = recordEvent(objects, {
        ...event,
        ...(entity && { [entity.type === 'HostSystem' ? 'host' : 'vm']: entity }),
        ...(entity &&
          isExtended && { objectId: entity.value, objectType: entity.type, objectName: String(about) }),
        ...(chainId !== undefined && { chainId }),
        userName,
        createdTime: new Date(at),
      })
      if (chain !== undefined && chainId === undefined) chains.set(chain, key)
    }
    return [{ at, record }]
  })
}
