// Compares the device that an entry of a reconfiguration requests with the device that results.

import type { Disk } from '../../disk/disk.ts'
import type { VimFault } from '../../vim-fault.ts'
import type { Machine, NetworkCard } from '../machine.ts'

/** The machine's devices after the preceding entries. */
export interface DeviceState {
  readonly machine: Machine
  disks: readonly Disk[]
  cards: readonly NetworkCard[]
}

/**
 * Creates the fault for an invalid entry.
 * @param property the path of the invalid property.
 */
export type InvalidDevice = (property: string) => VimFault

/** Rejects a requested device that differs from the actual one. Unset fields match anything. */
export function assertMatchesRequest(
  requested: object,
  actual: object,
  invalidDevice: InvalidDevice,
  ...ignored: string[]
): void {
  const path = firstDifference(requested, actual, '', new Set([...ignored, ...ownedByServer]))
  if (path !== undefined) throw invalidDevice(path)
}

/** Fields owned by the server. Clients send back the values that they have read, which may be outdated. */
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
  requested: unknown,
  actual: unknown,
  path: string,
  ignored: ReadonlySet<string>,
): string | undefined {
  if (requested === undefined || requested === null || ignored.has(path)) return undefined
  if (typeof requested !== 'object')
    return requested === actual ||
      (isNumeric(requested) && isNumeric(actual) && Number(requested) === Number(actual))
      ? undefined
      : path
  // A missing array is decoded as an empty one.
  if (Array.isArray(requested) && requested.length === 0) return undefined
  if (typeof actual !== 'object' || actual === null) return path
  for (const [name, value] of Object.entries(requested)) {
    const other = (actual as Record<string, unknown>)[name]
    if (name === '_typeName' && other === undefined) continue
    const found = firstDifference(value, other, path === '' ? name : `${path}.${name}`, ignored)
    if (found !== undefined) return found
  }
  return undefined
}

const isNumeric = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint'
