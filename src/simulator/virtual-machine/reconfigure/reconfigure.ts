// ReconfigVM_Task: checks a specification as a whole, then does all of it. spec-fields.ts has what each field does.

import type { DataObject } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import { configOf } from '../config.ts'
import { announce, type Machine, recordGuestWrites, stun } from '../machine.ts'
import { networksOf, plugIn } from '../network-cards.ts'
import { isToBeTracked } from '../tracking.ts'
import { deviceChangesOf } from './device-changes.ts'
import { settingsAfter } from './spec-fields.ts'

export type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>

/** Refuses a specification that the machine cannot follow. */
export function checkSpec(machine: Machine, spec: ConfigSpec): void {
  if (spec.changeVersion !== undefined && spec.changeVersion !== configOf(machine)?.changeVersion) {
    throw new VimFault({ _typeName: 'ConcurrentAccess' })
  }
  deviceChangesOf(machine, spec.deviceChange)
  settingsAfter(machine, spec)
  const name = storedName(spec.name)
  if (name === undefined || name === machine.name) return
  if (name === '') throw new VimFault({ _typeName: 'InvalidName', name: '', entity: machine.ref })
  const { members, objects } = machine.context
  const siblings = machine.vApp ? members.of(machine.vApp, 'vm') : members.of(machine.folder, 'childEntity')
  const namesake = siblings.find(
    (ref) => ref.value !== machine.ref.value && objects.find(ref)?.get('name') === name,
  )
  if (namesake) throw new VimFault({ _typeName: 'DuplicateName', name, object: namesake })
}

export function reconfigure(machine: Machine, spec: ConfigSpec, at: Date): void {
  const { ofDisks, networkCards } = deviceChangesOf(machine, spec.deviceChange)
  const networks = networksOf(machine)
  const { changeVersion } = machine.settings
  machine.settings = {
    ...settingsAfter(machine, spec),
    networkCards,
    modified: at,
    changeVersion: changeVersion + 1,
  }
  // Switched off it ends at once, and with it the epoch; switched on it waits for a stun.
  for (const disk of machine.disks) if (!isToBeTracked(machine, disk)) disk.epoch = undefined
  if (ofDisks.length > 0) {
    recordGuestWrites(machine, at)
    for (const change of ofDisks) change(machine)
    // A disk that was changed is opened anew.
    stun(machine)
    machine.measuredAt = at
    announce(machine, 'layoutEx', 'storage')
  }
  plugIn(machine, networks)
  const name = storedName(spec.name)
  if (name !== undefined && name !== machine.name) {
    machine.name = name
    announce(machine, 'name')
  }
  announce(machine, 'config', 'summary', 'runtime', 'guest')
}

/** A vCenter stores a name with `/`, `\` and each `%` escaped, except for a `%` that begins an escape already. */
const storedName = (name: string | undefined): string | undefined =>
  name?.replace(/[/\\]|%(?!2f|5c|25)/gi, (character) => encodeURIComponent(character).toLowerCase())
