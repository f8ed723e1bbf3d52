// Starts the tasks of a virtual machine, after the checks that apply to all of them.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { runningTaskOf, startTask } from '../tasks.ts'
import { VimFault } from '../vim-fault.ts'
import type { Machine } from './machine.ts'

export interface Caller {
  readonly userName: string | undefined
}

/** Starts a task on a machine that is accessible and not busy. */
export function startMachineTask(
  machine: Machine,
  { userName }: Caller,
  name: string,
  descriptionId: string,
  work: (at: Date) => unknown,
  how: { readonly cancelable?: boolean; readonly durationMs?: number } = {},
): ManagedObjectReference {
  assertAccessible(machine)
  assertNotBusy(machine)
  const { objects } = machine.context
  return startTask(objects, { name, descriptionId, entity: machine.ref, userName, ...how }, () => {
    if (!objects.find(machine.ref))
      throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: machine.ref })
    return work(objects.clock.now())
  })
}

export function assertAccessible(machine: Machine): void {
  if (!machine.isAccessible) throw new VimFault({ _typeName: 'InvalidState' })
}

export function assertNotBusy(machine: Machine): void {
  const task = runningTaskOf(machine.context.objects, machine.ref)
  if (task) throw new VimFault({ _typeName: 'TaskInProgress', task }, 'Another task is already in progress.')
}

/** Rejects any other host: migration is not simulated. */
export function assertSameHost(
  { host: own, context }: Machine,
  host: ManagedObjectReference | undefined,
): void {
  if (!host || (host.type === own.type && host.value === own.value)) return
  if (!context.objects.find(host)) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: host })
  throw new VimFault(
    { _typeName: 'NotSupported' },
    'Moving a virtual machine to another host is not simulated.',
  )
}
