// Rules that enable changed block tracking: the machine's flag, and the keys in its extraConfig.
// ReconfigVM_Task with changeTrackingEnabled sets the flag, and the host then sets the keys of the machine
// and its disks. Keys set through extraConfig only change the flag when the configuration is loaded: at
// power-on, or immediately if the machine is off. Setting `ctkEnabled` this way does not set the keys of the
// disks.

import { type Disk, isTrackable, trackingKeyOf } from '../disk/disk.ts'

const machineKey = 'ctkEnabled'

interface Hardware {
  /** Such as `vmx-19`. */
  readonly version: string
}

/** The settings of a machine that enable tracking. */
export interface TrackingSettings {
  /** `config.changeTrackingEnabled`. */
  readonly changeTrackingEnabled: boolean
  /** Keys of extraConfig that were set explicitly. */
  readonly options: ReadonlyMap<string, string>
}

interface TrackingConfig<Settings extends TrackingSettings = TrackingSettings> extends Hardware {
  readonly disks: readonly Disk[]
  readonly settings: Settings
}

/** Returns 21 for `vmx-21`. */
export const hardwareNumber = ({ version }: Hardware): number => Number(version.replace('vmx-', ''))

/** Older virtual hardware ignores the keys and rejects the flag. */
export const supportsTracking = (machine: Hardware): boolean => hardwareNumber(machine) >= 7

/**
 * Returns the tracking keys in extraConfig: keys implied by the flag, overridden by keys that were set
 * explicitly.
 */
export function trackingKeys({ disks, settings }: TrackingConfig): Map<string, string> {
  const keys = new Map<string, string>()
  if (settings.changeTrackingEnabled && !settings.options.has(machineKey)) {
    keys.set(machineKey, 'TRUE')
    for (const disk of disks.filter(isTrackable)) keys.set(trackingKeyOf(disk), 'TRUE')
  }
  for (const [key, value] of settings.options) if (isTrackingKey(key)) keys.set(key, value)
  return keys
}

/** Whether a disk that is not tracked yet will be tracked from the next stun on. */
export function isTrackingEnabled(machine: TrackingConfig, disk: Disk): boolean {
  if (!supportsTracking(machine) || !isTrackable(disk)) return false
  const keys = trackingKeys(machine)
  return isTrue(keys.get(machineKey)) && isTrue(keys.get(trackingKeyOf(disk)))
}

/** Returns the settings after setting the flag, which replaces all tracking keys. */
export function withTrackingFlag<S extends TrackingSettings>(
  machine: TrackingConfig<S>,
  changeTrackingEnabled: boolean,
): S {
  const options = new Map([...machine.settings.options].filter(([key]) => !isTrackingKey(key)))
  return { ...machine.settings, changeTrackingEnabled, options }
}

/** Returns the settings after setting keys of extraConfig; an empty value removes a key. */
export function withExtraConfig<S extends TrackingSettings>(
  machine: TrackingConfig<S>,
  entries: readonly { readonly key: string; readonly value: unknown }[],
): S {
  const isSet = entries.some(({ key }) => key === machineKey)
  // Setting the key replaces the implied keys, so the keys implied so far become explicit.
  const options = new Map([...(isSet ? trackingKeys(machine) : []), ...machine.settings.options])
  for (const { key, value } of entries) {
    const text = String(value)
    if (text === '') options.delete(key)
    else options.set(key, text)
  }
  return { ...machine.settings, options }
}

/** Returns the settings after the host has loaded the configuration: the machine's key then determines the flag. */
export function withLoadedConfig<S extends TrackingSettings>(machine: TrackingConfig<S>): S {
  const { settings } = machine
  const key = settings.options.get(machineKey)
  if (key === undefined) return settings
  return { ...settings, changeTrackingEnabled: supportsTracking(machine) && isTrue(key) }
}

const isTrackingKey = (key: string): boolean => key === machineKey || key.endsWith(`.${machineKey}`)
const isTrue = (value: string | undefined): boolean => value !== undefined && /^(true|1)$/i.test(value)
