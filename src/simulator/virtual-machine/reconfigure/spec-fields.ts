// Applies each field of a VirtualMachineConfigSpec to a machine's settings, or rejects it. Every declared
// field has an entry; dispatch.ts rejects undeclared fields.

import type { DataObject } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import { guestSystems } from '../guest-systems.ts'
import type { Machine, MachineSettings } from '../machine.ts'
import { supportsTracking, withExtraConfig, withLoadedConfig, withTrackingFlag } from '../tracking.ts'

type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>
type SpecField = Exclude<keyof ConfigSpec, '_typeName'>

/** Returns the settings with one field applied. `machine` has the settings after the preceding fields. */
type Change<K extends SpecField> = (machine: Machine, value: NonNullable<ConfigSpec[K]>) => MachineSettings

const unchanged = ({ settings }: Machine): MachineSettings => settings

const set =
  <K extends keyof MachineSettings>(name: K) =>
  ({ settings }: Machine, value: MachineSettings[K]): MachineSettings => ({ ...settings, [name]: value })

/** For fields that a host only changes while the machine is powered off. */
const setWhenOff =
  <K extends keyof MachineSettings>(name: K) =>
  (machine: Machine, value: MachineSettings[K]): MachineSettings => {
    if (machine.settings[name] !== value) assertPoweredOff(machine)
    return set(name)(machine, value)
  }

const changes: { readonly [K in SpecField]-?: Change<K> } = {
  // Validated and applied in reconfigure.ts.
  changeVersion: unchanged,
  name: unchanged,
  deviceChange: unchanged,

  annotation: set('annotation'),
  alternateGuestName: set('alternateGuestName'),
  guestId(machine, id) {
    const guest = Object.values(guestSystems).find((each) => each.id === id)
    if (!guest) throw invalidArgument('configSpec.guestId')
    if (id !== machine.settings.guest.id) assertPoweredOff(machine)
    return { ...machine.settings, guest }
  },
  tools({ settings }, tools) {
    const { toolsVersion, ...others } = withoutUnset(tools)
    // Only the guest reports the version of its VMware Tools.
    if (toolsVersion !== undefined && toolsVersion !== settings.tools.toolsVersion)
      throw invalidArgument('configSpec.tools.toolsVersion')
    const policy = others.toolsUpgradePolicy
    if (policy !== undefined && policy !== 'manual' && policy !== 'upgradeAtPowerCycle')
      throw invalidArgument('configSpec.tools.toolsUpgradePolicy')
    return { ...settings, tools: { ...settings.tools, ...others } }
  },
  flags: ({ settings }, flags) => ({ ...settings, flags: { ...settings.flags, ...withoutUnset(flags) } }),
  bootOptions({ settings, disks }, options) {
    const { bootOrder = [], ...others } = withoutUnset(options)
    const keys = new Set([...disks, ...settings.networkCards].map(({ key }) => key))
    for (const device of bootOrder as readonly { readonly deviceKey?: number }[])
      if (device.deviceKey !== undefined && !keys.has(device.deviceKey))
        throw invalidArgument('configSpec.bootOptions.bootOrder')
    const order = bootOrder.length > 0 ? { bootOrder } : {}
    return { ...settings, bootOptions: { ...settings.bootOptions, ...others, ...order } }
  },
  firmware(machine, firmware) {
    if (firmware !== 'bios' && firmware !== 'efi') throw invalidArgument('configSpec.firmware')
    return setWhenOff('firmware')(machine, firmware)
  },

  numCPUs(machine, cpus) {
    const { settings } = machine
    if (!(cpus > 0)) throw invalidArgument('configSpec.numCPUs')
    if (machine.powerState === 'suspended' && cpus !== settings.cpus) assertPoweredOff(machine)
    const isAllowed = cpus > settings.cpus ? settings.cpuHotAddEnabled : settings.cpuHotRemoveEnabled
    if (machine.powerState === 'poweredOn' && cpus !== settings.cpus && !isAllowed)
      throw new VimFault({ _typeName: 'CpuHotPlugNotSupported' })
    return { ...settings, cpus }
  },
  numCoresPerSocket(machine, cores) {
    if (!(cores > 0)) throw invalidArgument('configSpec.numCoresPerSocket')
    return setWhenOff('coresPerSocket')(machine, cores)
  },
  memoryMB(machine, value) {
    const { settings } = machine
    const memoryMB = Number(value)
    if (!(memoryMB > 0 && memoryMB % 4 === 0)) throw invalidArgument('configSpec.memoryMB')
    if (machine.powerState === 'suspended' && memoryMB !== settings.memoryMB) assertPoweredOff(machine)
    const isAllowed = settings.memoryHotAddEnabled && memoryMB > settings.memoryMB
    if (machine.powerState === 'poweredOn' && memoryMB !== settings.memoryMB && !isAllowed)
      throw new VimFault({ _typeName: 'MemoryHotPlugNotSupported' })
    return { ...settings, memoryMB }
  },
  memoryHotAddEnabled: setWhenOff('memoryHotAddEnabled'),
  cpuHotAddEnabled: setWhenOff('cpuHotAddEnabled'),
  cpuHotRemoveEnabled: setWhenOff('cpuHotRemoveEnabled'),

  extraConfig(machine, entries) {
    const settings = withExtraConfig(machine, entries)
    return machine.powerState === 'poweredOff' ? withLoadedConfig({ ...machine, settings }) : settings
  },
  changeTrackingEnabled(machine, enabled) {
    if (enabled && !supportsTracking(machine)) throw new VimFault({ _typeName: 'NotSupported' })
    return withTrackingFlag(machine, enabled)
  },
}

/**
 * Returns the settings after a specification.
 * @throws the fault that a vCenter rejects it with.
 */
export function settingsAfter(machine: Machine, spec: ConfigSpec): MachineSettings {
  let { settings } = machine
  for (const [field, change] of Object.entries(changes) as [SpecField, Change<never>][]) {
    const value = spec[field]
    if (value !== undefined) settings = change({ ...machine, settings }, value as never)
  }
  if (settings.cpus % settings.coresPerSocket !== 0) throw invalidArgument('configSpec.numCoresPerSocket')
  return settings
}

function assertPoweredOff({ powerState }: Machine): void {
  if (powerState === 'poweredOff') return
  throw new VimFault({
    _typeName: 'InvalidPowerState',
    requestedState: 'poweredOff',
    existingState: powerState,
  })
}

/** Returns the set fields of a data object, without its type. */
function withoutUnset<T extends object>(value: T): Omit<T, '_typeName'> {
  const fields = Object.entries(value).filter(([name, each]) => name !== '_typeName' && each !== undefined)
  return Object.fromEntries(fields) as Omit<T, '_typeName'>
}

const invalidArgument = (invalidProperty: string): VimFault =>
  new VimFault({ _typeName: 'InvalidArgument', invalidProperty })
