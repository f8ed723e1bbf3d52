// Checks what prevents setChangeTracking from enabling change tracking, or from activating it now.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { nameAndMoid } from '../../core/names.ts'
import { ApiError } from '../../errors/api-error.ts'
import { isTemplate } from '../../virtual-machine/tracking-reasons.ts'
import { currentTrackableDisks, disksHeldBySnapshots } from '../../virtual-machine/tracking-state.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

/** A condition that prevents the change, as a clause, and what to do about it. */
interface Blocker {
  readonly code: 'CONFLICT' | 'CBT_UNSUPPORTED'
  readonly problem: string
  readonly remedy: string
  readonly state?: string
}

/**
 * Checks whether change tracking can be enabled, and with `activate` whether it can become active now. Needs `config.version` and
 * `capability.changeTrackingSupported`; with `activate`, all paths that planTrackingReasons plans.
 * @throws ApiError CBT_UNSUPPORTED or CONFLICT that lists all blockers, before anything is changed
 */
export function assertNotBlocked(machine: VirtualMachineObject, activate: boolean): void {
  const checks = activate ? [checkSupported, ...activationChecks] : [checkSupported]
  const blockers = checks.flatMap((check) => check(machine) ?? [])
  if (blockers.length === 0) return
  const state = blockers.find((blocker) => blocker.state)?.state
  throw new ApiError(
    blockers.find(({ code }) => code === 'CBT_UNSUPPORTED')?.code ?? 'CONFLICT',
    `change tracking of ${nameAndMoid(machine)} cannot be ${activate ? 'activated' : 'enabled'}: ${blockers.map(({ problem }) => problem).join('; ')}`,
    { ...(state !== undefined && { state }), remedy: blockers.map(({ remedy }) => remedy).join(' ') },
  )
}

function checkSupported(machine: VirtualMachineObject): Blocker | undefined {
  if (machine.tryRead('capability.changeTrackingSupported') !== false) return undefined
  const version = machine.tryRead('config.version')
  const isOld = version !== undefined && Number(/(?<!\d)\d+$/.exec(version)?.[0]) < 7
  return {
    code: 'CBT_UNSUPPORTED',
    problem: isOld
      ? `its virtual hardware is ${version}, but change tracking needs version 7 or later`
      : 'vSphere reports that it does not support change tracking',
    remedy: isOld ? 'Upgrade the virtual hardware.' : 'Read all of its disks in full.',
  }
}

/** Cases in which a temporary snapshot would not activate tracking. A powered-off virtual machine is not one of them. */
const activationChecks: readonly ((machine: VirtualMachineObject) => Blocker | undefined)[] = [
  (machine) =>
    currentTrackableDisks(machine)
      ? undefined
      : {
          code: 'CONFLICT',
          problem: 'its configuration cannot be read',
          remedy: 'Check its connectionState: an inaccessible virtual machine cannot be changed.',
        },
  (machine) =>
    currentTrackableDisks(machine)?.all.length === 0
      ? {
          code: 'CBT_UNSUPPORTED',
          problem: 'it has no disk that can be tracked',
          remedy: 'changeTracking { reasons { message } } lists the reason for each disk.',
        }
      : undefined,
  (machine) =>
    isTemplate(machine)
      ? {
          code: 'CONFLICT',
          problem: 'it is a template, which cannot have snapshots',
          remedy: 'Convert it to a virtual machine, or omit activate.',
        }
      : undefined,
  (machine) =>
    machine.tryRead('runtime.powerState') === 'suspended'
      ? {
          code: 'CONFLICT',
          problem: 'it is suspended',
          remedy: 'Resume it. If tracking is enabled, it then becomes active.',
          state: 'suspended',
        }
      : undefined,
  (machine) => {
    const disks = currentTrackableDisks(machine)
    if (!disks) return undefined
    const heldDisks = disksHeldBySnapshots(machine, disks)
    // A snapshot is still useful if it activates tracking of at least one disk.
    if (heldDisks.snapshots === 0 || heldDisks.disks.length < disks.inactive.length) return undefined
    return {
      code: 'CONFLICT',
      problem: `it has ${heldDisks.snapshots} snapshot(s) from before tracking became active, so its changes cannot be computed`,
      remedy: 'Remove the snapshots (removeAllSnapshots), then repeat the request.',
    }
  },
]
