// What switches changed block tracking of a machine: its flag, and the keys of its extra configuration.
//
// ReconfigVM_Task with changeTrackingEnabled sets the flag, and the host sets the keys of the machine and its disks by it.
// Keys that are set through extraConfig do not reach the flag before the configuration is loaded, which is at a power-on,
// or at once if the machine is off; and `ctkEnabled` that is set so does not set the keys of the disks.

import { type Disk, isTrackable, trackingKeyOf } from '../disk/disk.ts'
import type { Machine, MachineSettings } from './machine.ts'

const machineKey = 'ctkEnabled'

type Switched = Pick<Machine, 'disks' | 'version'> & { readonly settings: MachineSettings }

/** Such as 21 for `vmx-21`. */
export const hardwareNumber = ({ version }: Pick<Machine, 'version'>): number =>
  Number(version.replace('vmx-', ''))

/** Older virtual hardware ignores the keys and refuses the flag. */
export const supportsTracking = (machine: Pick<Machine, 'version'>): boolean => hardwareNumber(machine) >= 7

/** The tracking keys as the extra configuration has them: those that the flag implies, and on top of these what was set. */
export function trackingKeys({ disks, settings }: Switched): Map<string, string> {
  const keys = new Map<string, string>()
  if (settings.changeTrackingEnabled && !settings.options.has(machineKey)) {
    keys.set(machineKey, 'TRUE')
    for (const disk of disks.filter(isTrackable)) keys.set(trackingKeyOf(disk), 'TRUE')
  }
  for (const [key, value] of settings.options) if (isTrackingKey(key)) keys.set(key, value)
  return keys
}

/** Whether a disk is tracked from the next stun on, if it is not yet. */
export function isToBeTracked(machine: Switched, disk: Disk): boolean {
  if (!supportsTracking(machine) || !isTrackable(disk)) return false
  const keys = trackingKeys(machine)
  return isTrue(keys.get(machineKey)) && isTrue(keys.get(trackingKeyOf(disk)))
}

/** What setting the flag does: it replaces whatever the keys were. */
export function withFlag(machine: Switched, changeTrackingEnabled: boolean): MachineSettings {
  const options = new Map([...machine.settings.options].filter(([key]) => !isTrackingKey(key)))
  return { ...machine.settings, changeTrackingEnabled, options }
}

/** What setting keys of the extra configuration does to them; an empty value removes the key. */
export function withOptions(
  machine: Switched,
  entries: readonly { readonly key: string; readonly value: unknown }[],
): MachineSettings {
  const isSet = entries.some(({ key }) => key === machineKey)
  // From now on nothing is implied, so what was so far is written down.
  const options = new Map([...(isSet ? trackingKeys(machine) : []), ...machine.settings.options])
  for (const { key, value } of entries) {
    const text = String(value)
    if (text === '') options.delete(key)
    else options.set(key, text)
  }
  return { ...machine.settings, options }
}

/** The settings once the host has loaded the configuration, where the flag says what the machine's key says. */
export function loaded(machine: Switched): MachineSettings {
  const { settings } = machine
  const key = settings.options.get(machineKey)
  if (key === undefined) return settings
  return { ...settings, changeTrackingEnabled: supportsTracking(machine) && isTrue(key) }
}

const isTrackingKey = (key: string): boolean => key === machineKey || key.endsWith(`.${machineKey}`)
const isTrue = (value: string | undefined): boolean => value !== undefined && /^(true|1)$/i.test(value)
