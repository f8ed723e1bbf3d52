// The device changes of a reconfiguration: disks (disk-changes.ts) and network cards (card-changes.ts). All other devices are
// refused, and so is what cannot be had of these: a change that succeeds is a change that shows.

import { type DataObject, isInstance } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import type { Machine, NetworkCard } from '../machine.ts'
import { cardsAfter } from './card-changes.ts'
import type { DevicesSoFar, Refuse } from './device-spec.ts'
import { diskChange } from './disk-changes.ts'

type DeviceChange = DataObject<'VirtualDeviceConfigSpec'>

/** What one entry of a specification does. */
type Apply = (machine: Machine) => void

export interface DeviceChanges {
  /** In order; empty if no disk changes. */
  readonly ofDisks: readonly Apply[]
  readonly networkCards: readonly NetworkCard[]
}

/** Says what the entries do, without doing it; refuses one that the machine cannot follow. */
export function deviceChangesOf(machine: Machine, entries: readonly DeviceChange[] = []): DeviceChanges {
  const soFar: DevicesSoFar = { machine, disks: machine.disks, cards: machine.settings.networkCards }
  const ofDisks: Apply[] = []
  for (const [deviceIndex, entry] of entries.entries()) {
    const refuse: Refuse = (name) =>
      new VimFault({
        _typeName: 'InvalidDeviceSpec',
        property: `virtualDeviceSpec.device.${name}`,
        deviceIndex,
      })
    if (isInstance(entry.device, 'VirtualDisk')) ofDisks.push(...diskChange(soFar, entry, refuse))
    else if (isInstance(entry.device, 'VirtualEthernetCard')) soFar.cards = cardsAfter(soFar, entry, refuse)
    else throw new VimFault({ _typeName: 'NotSupported' })
  }
  return { ofDisks, networkCards: soFar.cards }
}
