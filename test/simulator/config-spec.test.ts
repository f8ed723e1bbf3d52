// ReconfigVM_Task applies or rejects each field of the specification, and of its devices.

import { describe, expect, it } from 'vitest'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { faultOf as faultOfCall, startLoggedIn } from './start.ts'
import { createModel, faultOf, type Model } from './write-model.ts'

type ConfigSpec = DataObject<'VirtualMachineConfigSpec'>
type Config = DataObject<'VirtualMachineConfigInfo'>

const configOf = ({ objects }: Model, ref: ManagedObjectReference) =>
  objects.find(ref)?.get('config') as Config
const summaryOf = ({ objects }: Model, ref: ManagedObjectReference) =>
  objects.find(ref)?.get('summary') as DataObject<'VirtualMachineSummary'>
const reconfigure = (model: Model, ref: ManagedObjectReference, spec: object) =>
  model.run('ReconfigVM_Task', ref, { spec })
const refusal = (model: Model, ref: ManagedObjectReference, spec: object) =>
  faultOf(() => reconfigure(model, ref, spec))

const setUp = (name = 'app-01') => {
  const model = createModel({ settings: { guestsWrite: false } })
  return { model, vm: model.vm(name) }
}
const setUpOff = () => {
  const both = setUp()
  both.model.run('PowerOffVM_Task', both.vm, {})
  return both
}

/** A value for every field, and the resulting value in `config`. */
const effects: {
  readonly [K in Exclude<keyof ConfigSpec, '_typeName' | 'changeVersion'>]-?: readonly [ConfigSpec[K], object]
} = {
  name: ['renamed', { name: 'renamed' }],
  guestId: ['rhel9_64Guest', { guestId: 'rhel9_64Guest', guestFullName: expect.stringContaining('Red Hat') }],
  alternateGuestName: ['BeOS', { alternateGuestName: 'BeOS' }],
  annotation: ['a note', { annotation: 'a note' }],
  tools: [
    { syncTimeWithHost: true, toolsUpgradePolicy: 'upgradeAtPowerCycle' },
    { tools: { syncTimeWithHost: true, toolsUpgradePolicy: 'upgradeAtPowerCycle', afterPowerOn: true } },
  ],
  flags: [{ diskUuidEnabled: true }, { flags: { diskUuidEnabled: true, enableLogging: true } }],
  numCPUs: [16, { hardware: { numCPU: 16 } }],
  numCoresPerSocket: [2, { hardware: { numCoresPerSocket: 2 } }],
  memoryMB: [3072, { hardware: { memoryMB: 3072 } }],
  memoryHotAddEnabled: [true, { memoryHotAddEnabled: true }],
  cpuHotAddEnabled: [true, { cpuHotAddEnabled: true }],
  cpuHotRemoveEnabled: [true, { cpuHotRemoveEnabled: true }],
  deviceChange: [
    [{ operation: 'remove', device: { _typeName: 'VirtualVmxnet3', key: 4000 } }],
    { hardware: { device: expect.not.arrayContaining([expect.objectContaining({ key: 4000 })]) } },
  ],
  extraConfig: [
    [{ key: 'a.b', value: 'c' }],
    { extraConfig: expect.arrayContaining([{ key: 'a.b', value: 'c' }]) },
  ],
  bootOptions: [
    {
      bootDelay: 5000,
      bootOrder: [{ _typeName: 'VirtualMachineBootOptionsBootableDiskDevice', deviceKey: 2000 } as never],
    },
    { bootOptions: { bootDelay: 5000, bootRetryEnabled: false, bootOrder: [{ deviceKey: 2000 }] } },
  ],
  changeTrackingEnabled: [false, { changeTrackingEnabled: false }],
  firmware: ['bios', { firmware: 'bios' }],
}

describe('a specification', () => {
  it.each(Object.entries(effects))('changes the config: %s', (field, [value, effect]) => {
    const { model, vm } = setUpOff()
    expect(configOf(model, vm)).not.toMatchObject(effect)
    reconfigure(model, vm, { [field]: value })
    expect(configOf(model, vm)).toMatchObject(effect)
  })

  it('with the current values changes nothing', () => {
    const { model, vm } = setUp()
    const { tools, flags, bootOptions, hardware, guestId, firmware } = configOf(model, vm)
    const { numCPU: numCPUs, memoryMB, numCoresPerSocket } = hardware
    const same = { tools, flags, bootOptions, guestId, firmware, numCPUs, memoryMB, numCoresPerSocket }
    const deviceChange = hardware.device
      ?.filter(({ _typeName }) => _typeName === 'VirtualDisk' || _typeName === 'VirtualVmxnet3')
      .map((device) => ({ operation: 'edit', device }))
    reconfigure(model, vm, { ...same, deviceChange })
    expect(configOf(model, vm)).toMatchObject({ tools, flags, bootOptions, guestId, firmware, hardware })
  })

  it.each([
    ['a/b', 'a%2fb'],
    ['a\\b', 'a%5cb'],
    ['100%', '100%25'],
    ['100%25 %2Fx', '100%25 %2Fx'],
  ])('stores the name %s as %s', (name, stored) => {
    const { model, vm } = setUp()
    model.run('ReconfigVM_Task', vm, { spec: { name } })
    expect(model.objects.find(vm)?.get('name')).toBe(stored)
  })

  it('changes the summary, too, and is undone by a revert', () => {
    const { model, vm } = setUpOff()
    const before = configOf(model, vm)
    const snapshot = model.snapshot(vm)
    const card = { _typeName: 'VirtualVmxnet3', key: 4000 }
    reconfigure(model, vm, {
      numCPUs: 16,
      memoryMB: 3072,
      guestId: 'rhel9_64Guest',
      deviceChange: [{ operation: 'remove', device: card }],
    })
    expect(summaryOf(model, vm).config).toMatchObject({
      numCpu: 16,
      memorySizeMB: 3072,
      guestId: 'rhel9_64Guest',
      numEthernetCards: 0,
    })
    expect(model.objects.find(vm)?.get('network')).toEqual([])
    model.run('RevertToSnapshot_Task', snapshot, {})
    expect(configOf(model, vm).hardware).toMatchObject({
      numCPU: before.hardware.numCPU,
      memoryMB: before.hardware.memoryMB,
    })
    expect(model.objects.find(vm)?.get('network')).toHaveLength(1)
  })

  it.each<[string, object, object]>([
    ['CPUs without hot-add', { numCPUs: 64 }, { _typeName: 'CpuHotPlugNotSupported' }],
    ['memory without hot-add', { memoryMB: 65_536 }, { _typeName: 'MemoryHotPlugNotSupported' }],
    ['another guest', { guestId: 'winNTGuest' }, { _typeName: 'InvalidPowerState' }],
    ['the firmware', { firmware: 'bios' }, { _typeName: 'InvalidPowerState' }],
    ['hot-add itself', { cpuHotAddEnabled: true }, { _typeName: 'InvalidPowerState' }],
    ['cores per socket', { numCoresPerSocket: 2 }, { _typeName: 'InvalidPowerState' }],
  ])('is rejected on a running machine: %s', (_, spec, fault) => {
    const { model, vm } = setUp()
    const before = configOf(model, vm)
    expect(refusal(model, vm, { annotation: 'nor this', ...spec })).toMatchObject(fault)
    expect(configOf(model, vm)).toEqual(before)
  })

  it.each<[string, object, string]>([
    ['an unknown guest', { guestId: 'otherGuest4711' }, 'configSpec.guestId'],
    ['no CPU', { numCPUs: 0 }, 'configSpec.numCPUs'],
    [
      'CPUs that are not a multiple of the cores per socket',
      { numCPUs: 3, numCoresPerSocket: 2 },
      'configSpec.numCoresPerSocket',
    ],
    ['memory that is not a multiple of 4 MB', { memoryMB: 1025 }, 'configSpec.memoryMB'],
    ['another version of Tools', { tools: { toolsVersion: 1 } }, 'configSpec.tools.toolsVersion'],
    [
      'a missing boot device',
      { bootOptions: { bootOrder: [{ deviceKey: 4711 }] } },
      'configSpec.bootOptions.bootOrder',
    ],
  ])('is rejected as InvalidArgument: %s', (_, spec, invalidProperty) => {
    const { model, vm } = setUpOff()
    expect(refusal(model, vm, spec)).toMatchObject({ _typeName: 'InvalidArgument', invalidProperty })
  })

  it('adds CPUs and memory to a running machine if hot-add is enabled, and removes no memory', () => {
    const { model, vm } = setUpOff()
    reconfigure(model, vm, { cpuHotAddEnabled: true, memoryHotAddEnabled: true })
    model.run('PowerOnVM_Task', vm, {})
    reconfigure(model, vm, { numCPUs: 16, memoryMB: 65_536 })
    expect(configOf(model, vm).hardware).toMatchObject({ numCPU: 16, memoryMB: 65_536 })
    expect(refusal(model, vm, { numCPUs: 1 })._typeName).toBe('CpuHotPlugNotSupported')
    expect(refusal(model, vm, { memoryMB: 1024 })._typeName).toBe('MemoryHotPlugNotSupported')
  })

  it('can disable or lock snapshots, which are then rejected', () => {
    const { model, vm } = setUp()
    for (const [flag, fault] of [
      ['snapshotDisabled', 'SnapshotDisabled'],
      ['snapshotLocked', 'SnapshotLocked'],
    ] as const) {
      reconfigure(model, vm, { flags: { [flag]: true } })
      expect(faultOf(() => model.snapshot(vm))._typeName).toBe(fault)
      reconfigure(model, vm, { flags: { [flag]: false } })
    }
    model.snapshot(vm)
  })
})

describe('a network card', () => {
  const cardsOf = (model: Model, vm: ManagedObjectReference) =>
    (configOf(model, vm).hardware.device ?? []).filter(({ key }) => key >= 4000 && key < 5000)
  const networksOf = (model: Model, vm: ManagedObjectReference) =>
    model.objects.find(vm)?.get('network') as ManagedObjectReference[]
  const machinesOn = (model: Model, network: ManagedObjectReference) =>
    model.inventory
      .machine('app-01')
      .context.members.of(network, 'vm')
      .map(({ value }) => value)
  /** The networks of the host that the machine does not use. */
  const otherNetworks = (model: Model, vm: ManagedObjectReference) => {
    const { host } = model.inventory.machine(vm)
    const all = model.objects.find(host)?.get('network') as ManagedObjectReference[]
    return all.filter(({ value }) => networksOf(model, vm).every((each) => each.value !== value))
  }
  const backingOf = (model: Model, network: ManagedObjectReference) => {
    if (network.type === 'Network')
      return {
        _typeName: 'VirtualEthernetCardNetworkBackingInfo',
        deviceName: model.objects.find(network)?.get('name'),
      }
    const dvs = [...model.objects.ofType('VmwareDistributedVirtualSwitch')].find((each) =>
      (each.get('portgroup') as ManagedObjectReference[]).some(({ value }) => value === network.value),
    )
    const port = { switchUuid: dvs?.get('uuid'), portgroupKey: model.objects.find(network)?.get('key') }
    return { _typeName: 'VirtualEthernetCardDistributedVirtualPortBackingInfo', port }
  }

  it('is added, moved to another network, disconnected and removed, and the networks reflect it', () => {
    const { model, vm } = setUp()
    const [first, second] = otherNetworks(model, vm)
    if (!first || !second) throw new Error('the host has too few networks')
    const before = networksOf(model, vm)
    const device = { _typeName: 'VirtualE1000e', key: -1, backing: backingOf(model, first) }
    reconfigure(model, vm, { deviceChange: [{ operation: 'add', device }] })
    const [, added] = cardsOf(model, vm)
    expect(added).toMatchObject({ _typeName: 'VirtualE1000e', key: 4001, connectable: { connected: true } })
    expect(networksOf(model, vm)).toEqual([...before, first])
    expect(machinesOn(model, first)).toContain(vm.value)

    const moved = {
      ...added,
      backing: backingOf(model, second),
      connectable: { startConnected: false, allowGuestControl: false, connected: false },
      addressType: 'manual',
      macAddress: '00:50:56:00:00:01',
    }
    reconfigure(model, vm, { deviceChange: [{ operation: 'edit', device: moved }] })
    expect(cardsOf(model, vm)[1]).toMatchObject({
      key: 4001,
      connectable: { startConnected: false, allowGuestControl: false, connected: false },
      addressType: 'manual',
      macAddress: '00:50:56:00:00:01',
    })
    expect(networksOf(model, vm)).toEqual([...before, second])
    expect(machinesOn(model, first)).not.toContain(vm.value)

    reconfigure(model, vm, { deviceChange: [{ operation: 'remove', device: moved }] })
    expect(cardsOf(model, vm)).toHaveLength(1)
    expect(machinesOn(model, second)).not.toContain(vm.value)
  })

  it('is disconnected while its machine is off, and connected at power-on if it starts connected', () => {
    const { model, vm } = setUp()
    const connectable = () => cardsOf(model, vm).map((card) => card.connectable?.connected)
    const [card] = cardsOf(model, vm)
    const later = { startConnected: false, allowGuestControl: true, connected: true }
    const device = { _typeName: 'VirtualVmxnet3', key: -1, backing: card?.backing, connectable: later }
    reconfigure(model, vm, { deviceChange: [{ operation: 'add', device }] })
    expect(connectable()).toEqual([true, true])
    model.run('PowerOffVM_Task', vm, {})
    expect(connectable()).toEqual([false, false])
    // Has no effect while the machine is off.
    const connected = { startConnected: true, allowGuestControl: true, connected: true }
    const edited = { ...cardsOf(model, vm)[0], connectable: connected }
    reconfigure(model, vm, { deviceChange: [{ operation: 'edit', device: edited }] })
    expect(connectable()).toEqual([false, false])
    model.run('PowerOnVM_Task', vm, {})
    expect(connectable()).toEqual([true, false])
  })

  it('is disconnected after a revert that leaves its machine off', () => {
    const { model, vm } = setUp()
    const snapshot = model.snapshot(vm)
    const frozen = () => model.objects.find(snapshot)?.get('config') as DataObject<'VirtualMachineConfigInfo'>
    const before = frozen()
    model.run('RevertToSnapshot_Task', snapshot, {})
    expect(model.inventory.machine(vm).powerState).toBe('poweredOff')
    expect(cardsOf(model, vm)).toMatchObject([{ connectable: { startConnected: true, connected: false } }])
    expect(frozen().hardware.device).toEqual(before.hardware.device)
  })

  it.each<[string, object, string]>([
    ['a network that the host does not have', { backing: { deviceName: 'nowhere' } }, 'backing'],
    ['another type', { _typeName: 'VirtualE1000' }, 'type'],
    ['an address type other than manual', { macAddress: '00:50:56:00:00:02' }, 'macAddress'],
    ['another unit', { unitNumber: 12 }, 'unitNumber'],
  ])('is not changed to %s', (_, change, property) => {
    const { model, vm } = setUp()
    const [card] = cardsOf(model, vm)
    const deviceChange = [{ operation: 'edit', device: { ...card, ...change } }]
    expect(refusal(model, vm, { deviceChange })).toMatchObject({
      _typeName: 'InvalidDeviceSpec',
      property: `virtualDeviceSpec.device.${property}`,
    })
  })
})

describe('a disk', () => {
  it.each<[string, object, string]>([
    ['another mode', { backing: { diskMode: 'independent_persistent' } }, 'backing.diskMode'],
    ['other shares', { shares: { level: 'high', shares: 2000 } }, 'shares.level'],
    ['another controller', { controllerKey: 1001 }, 'controllerKey'],
  ])('is not changed to %s', (_, change, property) => {
    const { model, vm } = setUp()
    const device = { _typeName: 'VirtualDisk', key: 2000, ...change }
    expect(refusal(model, vm, { deviceChange: [{ operation: 'edit', device }] })).toMatchObject({
      _typeName: 'InvalidDeviceSpec',
      property: `virtualDeviceSpec.device.${property}`,
    })
  })

  it('grows by either capacity field', () => {
    const { model, vm } = setUp()
    const disk = configOf(model, vm).hardware.device?.find(
      ({ key }) => key === 2000,
    ) as DataObject<'VirtualDisk'>
    const capacityInKB = Number(disk.capacityInKB) + 1024
    reconfigure(model, vm, { deviceChange: [{ operation: 'edit', device: { ...disk, capacityInKB } }] })
    expect(configOf(model, vm).hardware.device).toContainEqual(
      expect.objectContaining({ key: 2000, capacityInKB }),
    )
  })
})

describe('an undeclared field', () => {
  const send = async (method: string, args: string) => {
    const { connection, simulator } = await startLoggedIn()
    const [machine] = [...simulator.objects.ofType('VirtualMachine')]
    const self = `<_this type="VirtualMachine">${machine?.moid}</_this>`
    const envelope = 'http://schemas.xmlsoap.org/soap/envelope/'
    const namespaces = `xmlns="urn:vim25" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
    await connection.post(
      `<Envelope xmlns="${envelope}"><Body><${method} ${namespaces}>${self}${args}</${method}></Body></Envelope>`,
    )
    return connection.last
  }

  it.each([
    ['ReconfigVM_Task', '<spec><vAppConfigRemoved>true</vAppConfigRemoved></spec>', 'spec.vAppConfigRemoved'],
    [
      'ReconfigVM_Task',
      '<spec><tools><pendingCustomization>a</pendingCustomization></tools></spec>',
      'spec.tools',
    ],
    [
      'ReconfigVM_Task',
      '<spec><deviceChange><operation>add</operation><device xsi:type="VirtualTPM"><key>-1</key></device></deviceChange></spec>',
      'spec.deviceChange.device (VirtualTPM)',
    ],
    ['RemoveAllSnapshots_Task', '<consolidate>true</consolidate><spec><name>a</name></spec>', 'spec is not'],
  ])('is rejected with NotSupported: %s %s', async (method, args, named) => {
    const reply = await send(method, args)
    expect(reply?.status).toBe(500)
    expect(reply?.text).toContain('xsi:type="NotSupported"')
    expect(reply?.text).toContain(named)
  })

  it('is rejected when a machine would have to move to another host', async () => {
    const { connection, simulator } = await startLoggedIn()
    const machine = simulator.inventory.machine('app-01')
    const host = [...simulator.objects.ofType('HostSystem')].find(
      ({ moid }) => moid !== machine.host.value,
    )?.ref
    expect(await faultOfCall(connection.call('PowerOnVM_Task', machine.ref, { host }))).toMatchObject({
      _typeName: 'NotSupported',
    })
  })
})
