// ReconfigVM_Task: validates the whole specification, then applies it. spec-fields.ts has the effect of each
// field.

import type { DataObject } from '../../../soap/vim-types.ts'
import { recordEvent } from '../../history/event-log.ts'
import { VimFault } from '../../vim-fault.ts'
import { configOf } from '../config.ts'
import { type Machine, notifyChange, recordGuestWrites, stun } from '../machine.ts'
import { networksOf, updateNetworkMembers } from '../network-cards.ts'
import { isTrackingEnabled } from '../tracking.ts'
import { deviceChangesOf } from './device-changes.ts'
import { settingsAfter } from './spec-fields.ts'

export type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>

/** Rejects a specification that cannot be applied to the machine. */
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
  // Disabling takes effect immediately and ends the epoch; enabling takes effect at the next stun.
  for (const disk of machine.disks) if (!isTrackingEnabled(machine, disk)) disk.epoch = undefined
  if (ofDisks.length > 0) {
    recordGuestWrites(machine, at)
    for (const change of ofDisks) change(machine)
    // Changed disks are reopened.
    stun(machine)
    machine.measuredAt = at
    notifyChange(machine, 'layoutEx', 'storage')
  }
  updateNetworkMembers(machine, networks)
  const name = storedName(spec.name)
  if (name !== undefined && name !== machine.name) {
    const oldName = machine.name
    machine.name = name
    notifyChange(machine, 'name')
    recordEvent(machine.context.objects, {
      _typeName: 'VmRenamedEvent',
      vm: machine.ref,
      oldName,
      newName: name,
    })
  }
  notifyChange(machine, 'config', 'summary', 'runtime', 'guest')
  recordEvent(machine.context.objects, {
    _typeName: 'VmReconfiguredEvent',
    vm: machine.ref,
    configSpec: spec,
  })
}

/** Escapes `/`, `\` and `%` in a name as a vCenter stores it, except for a `%` that already starts an escape. */
const storedName = (name: string | undefined): string | undefined =>
  name?.replace(/[/\\]|%(?!2f|5c|25)/gi, (character) => encodeURIComponent(character).toLowerCase())
