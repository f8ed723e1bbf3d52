// Rejects a setChangeTracking that cannot succeed, with everything that prevents it.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { nameAndMoid } from '../../core/names.ts'
import { ApiError } from '../../errors/api-error.ts'
import { blockersOf, blockersOfMachine, isEligible } from '../../virtual-machine/change-tracking/blockers.ts'
import { remedyOf } from '../../virtual-machine/change-tracking/reason-codes.ts'
import {
  type ChangeTrackingReason,
  oldHardwareReason,
} from '../../virtual-machine/change-tracking/reasons.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

/**
 * Checks whether change tracking can be enabled, and with `activate` whether it can become active now. Needs `config.version` and
 * `capability.changeTrackingSupported`; with `activate`, all paths that planTrackingReasons plans.
 * @throws ApiError CBT_UNSUPPORTED or CONFLICT that lists all blockers, before anything is changed
 */
export function assertNotBlocked(machine: VirtualMachineObject, activate: boolean): void {
  if (!activate) {
    const old = oldHardwareReason(machine)
    if (old) throw blockedError(machine, 'enabled', [old])
    return
  }
  const blockers = blockersOf(machine, 'ACTIVATE')
  if (isEligible(machine, 'ACTIVATE', blockers) === true) return
  const forMachine = blockersOfMachine(blockers)
  throw blockedError(
    machine,
    'activated',
    forMachine.length > 0 ? forMachine : otherThanUnsupported(blockers),
  )
}

/** Returns all blockers of the disks, or none if no disk can be tracked at all. */
const otherThanUnsupported = (blockers: readonly ChangeTrackingReason[]) =>
  blockers.every(({ code }) => unsupportedDisk.has(code)) ? [] : blockers

function blockedError(
  machine: VirtualMachineObject,
  change: 'enabled' | 'activated',
  blockers: readonly ChangeTrackingReason[],
): ApiError {
  const codes = [...new Set(blockers.map(({ code }) => code))]
  const hasDisk = blockers.length > 0
  const isUnsupported = codes.includes('HARDWARE_TOO_OLD') || codes.every((code) => unsupportedDisk.has(code))
  const problems = hasDisk
    ? blockers.map(({ message }) => asClause(message))
    : ['it has no disk that can be tracked']
  return new ApiError(
    isUnsupported ? 'CBT_UNSUPPORTED' : 'CONFLICT',
    `change tracking of ${nameAndMoid(machine)} cannot be ${change}: ${problems.join('; ')}`,
    {
      ...(codes.includes('SUSPENDED') && { state: 'suspended' }),
      remedy: hasDisk
        ? codes.map(remedyOf).join(' ')
        : 'changeTracking { reasons { message } } lists the reason for each disk.',
    },
  )
}

/** Reasons for which a disk cannot be tracked at all. */
const unsupportedDisk: ReadonlySet<string> = new Set([
  'INDEPENDENT_DISK',
  'PHYSICAL_RDM',
  'SHARED_BUS',
  'BACKING_UNSUPPORTED',
])

/** Turns a sentence into a clause: "It is a template." becomes "it is a template". */
const asClause = (sentence: string): string =>
  sentence.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/\.$/, '')
