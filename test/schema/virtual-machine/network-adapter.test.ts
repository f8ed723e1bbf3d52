// Tests network adapters: their values are those of the simulator's devices, and their networks are found by all kinds of backings.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type Machine,
  type NetworkCard,
  notifyChange,
} from '../../../src/simulator/virtual-machine/machine.ts'
import { updateNetworkMembers } from '../../../src/simulator/virtual-machine/network-cards.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'
import { execute } from '../call-budget.ts'

const fields = `__typename key label type macAddress addressType connected startConnected portgroupKey switchUuid
  network { moid name portgroupKey } guestInterface { deviceKey macAddress ipAddresses }`
const byMoid = `query ($moid: String!) { virtualMachine(by: { moid: $moid }) { networkAdapters { ${fields} } } }`

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway({ vms: 60 })
})
afterAll(() => gateway.close())

const machineNamed = (name: string): Machine => gateway.simulator.inventory.machine(name)

/** Replaces the cards of a machine until the end of the test. */
function setCards(machine: Machine, networkCards: readonly NetworkCard[]): void {
  const before = machine.settings
  const set = (settings: Machine['settings']) => {
    const networks = before.networkCards.map(({ network }) => network.ref)
    machine.settings = settings
    updateNetworkMembers(machine, networks)
    notifyChange(machine, 'config', 'guest')
  }
  set({ ...before, networkCards })
  onTestFinished(() => set(before))
}

const types: Readonly<Record<string, string>> = {
  VirtualE1000: 'E1000',
  VirtualE1000e: 'E1000E',
  VirtualPCNet32: 'PCNET32',
  VirtualVmxnet3: 'VMXNET3',
  VirtualVmxnet3Vrdma: 'VMXNET3_VRDMA',
}

function expected(machine: Machine, { key, type, network, ...card }: NetworkCard) {
  const { port } = network
  const macAddress = card.macAddress.toLowerCase()
  const isToolsRunning = machine.hasTools && machine.powerState === 'poweredOn'
  return {
    __typename: 'NetworkAdapter',
    key,
    label: `Network adapter ${key - 3999}`,
    type: types[type],
    macAddress,
    addressType: card.addressType.toUpperCase(),
    connected: card.connected,
    startConnected: card.startConnected,
    portgroupKey: port?.portgroupKey ?? null,
    switchUuid: port?.switchUuid ?? null,
    network: { moid: network.ref.value, name: network.name, portgroupKey: port?.portgroupKey ?? null },
    guestInterface: isToolsRunning
      ? {
          deviceKey: key,
          macAddress: card.macAddress,
          ipAddresses: key === 4000 && card.connected ? [machine.ipAddress] : [],
        }
      : null,
  }
}

async function adaptersOf({ ref }: Machine) {
  const { data, errors } = await gateway.execute(byMoid, { moid: ref.value })
  expect(errors).toBeUndefined()
  return data.virtualMachine.networkAdapters
}

describe('the network adapters of a virtual machine', () => {
  it('have the values of its devices', async () => {
    const { data, errors } = await gateway.execute(
      `{ virtualMachines(first: 60) { nodes { moid networkAdapters { ${fields} } } } }`,
    )
    expect(errors).toBeUndefined()
    const seen = new Set<unknown>()
    for (const { moid, networkAdapters } of data.virtualMachines.nodes) {
      const machine = machineNamed(moid)
      // The configuration of an inaccessible machine is unset.
      const adapters = machine.isAccessible
        ? machine.settings.networkCards.map((card) => expected(machine, card))
        : null
      expect(networkAdapters).toEqual(adapters)
      for (const { type, addressType, connected, portgroupKey, network } of networkAdapters ?? [])
        for (const each of [
          type,
          addressType,
          connected,
          portgroupKey && (portgroupKey === network.moid ? 'same key' : 'other key'),
        ])
          seen.add(each)
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...Object.values(types),
        ...['MANUAL', 'GENERATED', 'ASSIGNED', true, false],
        ...['same key', 'other key', null],
      ]),
    )
  })

  it.each([
    ['VirtualSriovEthernetCard', 'SRIOV'],
    ['VirtualVmxnet', 'VMXNET'],
    ['VirtualVmxnet2', 'VMXNET'],
    ['VirtualEthernetCard', 'OTHER'],
  ])('have the type of their nearest ancestor: %s is %s', async (device, type) => {
    const machine = machineNamed('web-02')
    setCards(
      machine,
      machine.settings.networkCards.map((card) => ({ ...card, type: device })),
    )
    expect(await adaptersOf(machine)).toMatchObject([{ type }, { type }])
  })

  it.each([
    ['manual', 'MANUAL'],
    ['Generated', 'GENERATED'],
    ['ASSIGNED', 'ASSIGNED'],
    ['of a newer version', null],
  ])('have the address type %s as %s', async (addressType, value) => {
    const machine = machineNamed('web-01')
    setCards(
      machine,
      machine.settings.networkCards.map((card) => ({ ...card, addressType })),
    )
    expect(await adaptersOf(machine)).toMatchObject([{ addressType: value }])
  })

  it('are an empty list when there are none', async () => {
    const machine = machineNamed('app-01')
    setCards(machine, [])
    expect(await adaptersOf(machine)).toEqual([])
  })

  it('are null with an error when the configuration may not be read', async () => {
    const { ref } = machineNamed('web-01')
    onTestFinished(gateway.simulator.faults.deny(ref, 'config'))
    const { data, errors } = await gateway.execute(byMoid, { moid: ref.value })
    expect(data.virtualMachine).toEqual({ networkAdapters: null })
    expect(errors).toMatchObject([
      { path: ['virtualMachine', 'networkAdapters'], extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it('have null for everything that the server leaves out', async () => {
    const bare = startGateway({
      wrap: rewriting((text) =>
        text.replace(
          /<(deviceInfo|backing|connectable|addressType|macAddress)\b[^>]*>.*?<\/\1>/gs,
          (part, _name, at) => (isInCard(text, at) ? '' : part),
        ),
      ),
    })
    onTestFinished(() => bare.close())
    const { data, errors } = await bare.execute(
      `{ virtualMachine(by: { name: "web-01" }) { networkAdapters { ${fields} } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.virtualMachine.networkAdapters).toEqual([
      {
        __typename: 'NetworkAdapter',
        key: 4000,
        label: null,
        type: 'VMXNET3',
        macAddress: null,
        addressType: null,
        connected: null,
        startConnected: null,
        portgroupKey: null,
        switchUuid: null,
        network: null,
        guestInterface: {
          deviceKey: 4000,
          macAddress: expect.any(String),
          ipAddresses: [expect.any(String)],
        },
      },
    ])
  })
})

/** Whether a position in a response is within a network card. */
const isInCard = (text: string, at: number): boolean =>
  /<VirtualDevice xsi:type="VirtualVmxnet3">(?:(?!<\/VirtualDevice>).)*$/s.test(text.slice(0, at))

describe('an adapter of an undeclared type', () => {
  const query = `{ virtualMachine(by: { name: "web-01" }) { networkAdapters { ${fields} } } }`

  it.each([
    ['with a MAC address', ''],
    ['with only a backing', 'macAddress'],
  ])('%s has its values, and the type OTHER', async (_, removed) => {
    const remove = (text: string) =>
      removed ? text.replaceAll(new RegExp(`<${removed}>[^<]*</${removed}>`, 'g'), '') : text
    const known = startGateway({ wrap: rewriting(remove) })
    const newer = startGateway({
      wrap: rewriting((text) => remove(text).replaceAll('"VirtualVmxnet3"', '"VirtualVmxnet9"')),
    })
    onTestFinished(async () => {
      await Promise.all([known.close(), newer.close()])
    })
    const { data } = await known.execute(query)
    const [adapter] = data.virtualMachine.networkAdapters
    expect(adapter).toMatchObject({ type: 'VMXNET3', network: { moid: expect.any(String) } })
    expect(await newer.execute(query)).toEqual({
      data: { virtualMachine: { networkAdapters: [{ ...adapter, type: 'OTHER' }] } },
    })
  })
})

describe('the network of an adapter', () => {
  const query =
    'query ($moid: String!) { virtualMachine(by: { moid: $moid }) { networkAdapters { network { moid name kind } } } }'
  const networksOf = async ({ ref }: Machine) => {
    const { data, errors, requested } = await execute(gateway, query, { moid: ref.value })
    const adapters: { network: { moid: string } | null }[] | null = data.virtualMachine.networkAdapters
    return { networks: adapters?.map(({ network }) => network), errors, requested }
  }

  it('is read in the retrieval of the adapters', async () => {
    const { networks, requested } = await networksOf(machineNamed('web-02'))
    expect(networks).toHaveLength(2)
    expect(requested.filter((line) => line.startsWith('RetrievePropertiesEx'))).toHaveLength(2)
  })

  it('is found by the id of an opaque network, which is read in its whole summary', async () => {
    const machine = machineNamed('web-02')
    const { objects } = gateway.simulator
    const [card] = machine.settings.networkCards
    const ref = { type: 'OpaqueNetwork', value: 'network-o77' }
    const opaque = { ref, name: 'segment-1', port: undefined, opaqueNetworkId: 'segment-id-1' }
    objects.add('OpaqueNetwork', ref.value, {
      name: opaque.name,
      vm: [machine.ref],
      summary: {
        _typeName: 'OpaqueNetworkSummary',
        name: opaque.name,
        accessible: true,
        ipPoolName: '',
        opaqueNetworkId: opaque.opaqueNetworkId,
        opaqueNetworkType: 'nsx.LogicalSwitch',
      },
    } as never)
    onTestFinished(() => objects.remove(ref))
    setCards(machine, [
      { ...card!, network: { ...opaque, opaqueNetworkId: 'another id' } },
      { ...card!, key: 4001, network: opaque },
    ])
    expect(await networksOf(machine)).toMatchObject({
      networks: [null, { moid: 'network-o77', name: 'segment-1', kind: 'OPAQUE' }],
      errors: undefined,
    })
  })

  it('is null for a port group that is not among the networks of the virtual machine', async () => {
    const machine = machineNamed('web-02')
    const [card] = machine.settings.networkCards
    const port = { switchUuid: '50 0d', portgroupKey: 'dvportgroup-4711' }
    setCards(machine, [{ ...card!, network: { ...card!.network, port } }])
    expect(await networksOf(machine)).toMatchObject({ networks: [null], errors: undefined })
  })

  it('is null with an error if the key of the port group may not be read', async () => {
    const machine = machineNamed('web-02')
    const [, { network }] = machine.settings.networkCards as [NetworkCard, NetworkCard]
    onTestFinished(gateway.simulator.faults.deny(network.ref, 'key'))
    const { networks, errors } = await networksOf(machine)
    expect(networks).toMatchObject([{ moid: expect.any(String) }, null])
    expect(errors).toMatchObject([
      { path: ['virtualMachine', 'networkAdapters', 1, 'network'], extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it('is null with an error if the networks of the virtual machine may not be read', async () => {
    const machine = machineNamed('web-01')
    onTestFinished(gateway.simulator.faults.deny(machine.ref, 'network'))
    const { networks, errors } = await networksOf(machine)
    expect(networks).toEqual([null])
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})
