// What an entry of a reconfiguration asks of a device, held against what it gets.

import type { Disk } from '../../disk/disk.ts'
import type { VimFault } from '../../vim-fault.ts'
import type { Machine, NetworkCard } from '../machine.ts'

/** What an entry sees of the machine, as those before it leave it. */
export interface DevicesSoFar {
  readonly machine: Machine
  disks: readonly Disk[]
  cards: readonly NetworkCard[]
}

/** Makes the fault for an entry that makes no sense, by the property that is wrong. */
export type Refuse = (property: string) => VimFault

/** Refuses what is asked of a device and would not be so. Fields that are not set ask for nothing. */
export function refuseUnfulfilled(asked: object, actual: object, refuse: Refuse, ...ignored: string[]): void {
  const path = firstDifference(asked, actual, '', new Set([...ignored, ...ownedByServer]))
  if (path !== undefined) throw refuse(path)
}

/** Clients send back what they have read, although it may have moved on since. */
const ownedByServer = [
  'key',
  'deviceInfo',
  'diskObjectId',
  'connectable.status',
  'backing.changeId',
  'backing.contentId',
  'backing.parent',
  'backing.backingObjectId',
  'backing.port.portKey',
  'backing.port.connectionCookie',
]

function firstDifference(
  asked: unknown,
  actual: unknown,
  path: string,
  ignored: ReadonlySet<string>,
): string | undefined {
  if (asked === undefined || asked === null || ignored.has(path)) return undefined
  if (typeof asked !== 'object')
    return asked === actual || (isNumeric(asked) && isNumeric(actual) && Number(asked) === Number(actual))
      ? undefined
      : path
  // Decoded, an array that is not there is empty.
  if (Array.isArray(asked) && asked.length === 0) return undefined
  if (typeof actual !== 'object' || actual === null) return path
  for (const [name, value] of Object.entries(asked)) {
    const other = (actual as Record<string, unknown>)[name]
    if (name === '_typeName' && other === undefined) continue
    const found = firstDifference(value, other, path === '' ? name : `${path}.${name}`, ignored)
    if (found !== undefined) return found
  }
  return undefined
}

const isNumeric = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint'
