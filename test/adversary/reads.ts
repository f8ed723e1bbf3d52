// The operations whose responses an adversary changes. Together they make every read call, over several pages and windows.

import { takeSnapshot } from '../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { TestGateway } from '../test-gateway.ts'
import { type AdversaryFixture, startFixture } from './fixture.ts'

export interface Read {
  readonly name: string
  readonly query: string
  readonly variables?: Record<string, unknown>
}

const inventory = `{
  virtualMachines {
    totalCount
    nodes {
      id moid name path uuid instanceUuid powerState template cpuCount memory configuredGuestFullName annotation
      host { name } cluster { name } resourcePool { name } datacenter { name } folder { name }
      datastores { name } networks { name }
      networkAdapters { key type macAddress addressType startConnected portgroupKey network { name } guestInterface { ipAddresses } }
      changeTracking { supported enabled active reasons { code } }
      disks { id key label capacity uuid changeId backing { __typename fileName } }
      snapshots { id moid name description path createdAt isCurrent quiesced disks { id changeId capacity } }
    }
  }
}`

const containers = `{
  hosts { totalCount nodes { id name path powerState connectionState cluster { name } virtualMachines { nodes { name } } } }
  datastores { nodes { id name path capacity freeSpace virtualMachines { nodes { name } } } }
  networks { nodes { id name path } }
  datacenters { nodes { id name path vmFolder { name } } }
  computeResources { nodes { id name path } }
  resourcePools { nodes { id name path } }
}`

const paged = `query ($after: String) {
  virtualMachines(first: 7, after: $after, orderBy: { field: MEMORY, direction: DESC }) {
    totalCount nodes { name memory } pageInfo { hasNextPage }
  }
}`

const lookups = `query ($uuid: String!) {
  byPath: virtualMachine(by: { path: "/Frankfurt/vm/Production/Web/web-01" }) { name powerState }
  byUuid: virtualMachine(by: { uuid: $uuid }) { name powerState }
  byName: virtualMachine(by: { name: "db-01" }) { name powerState snapshots { name } }
}`

const map = (field: string) => `query ($disk: ID!, $since: ChangedSince!) {
  node(id: $disk) { ... on VirtualDisk { ${field} {
    capacity totalCount totalLength nodes { start length } pageInfo { hasNextPage }
  } } }
}`

const grain = 65_536

/** Starts a fixture with a machine whose disk has a long history, and the reads that run on it. */
export async function startReadFixture(): Promise<{
  readonly fixture: AdversaryFixture
  readonly reads: readonly Read[]
}> {
  const fixture = await startFixture({ vms: 20 })
  const { simulator } = fixture
  simulator.faults.pageSize = 9
  Object.assign(simulator.inventory.settings, { areasPerWindow: 6, irregularWindows: 0 })
  const machine = simulator.inventory.machine('app-01')
  const at = new Date(Date.UTC(2026, 0, 1))
  const take = (name: string) =>
    takeSnapshot(machine, { name, description: '', memory: false, quiesced: false, at })
  const disk = simulator.inventory.disk(machine.ref, 2000)
  take('first')
  for (let each = 0; each < 40; each += 1) disk.write((each * 5 + (each % 3)) * 4 * grain, 2 * grain)
  const { ref } = take('second')
  const gateway = fixture.gateway()
  const { data } = await gateway.execute(
    `{ virtualMachines { nodes { name uuid snapshots { name moid disks { id changeId } } } } }`,
  )
  const vms = data.virtualMachines.nodes as {
    name: string
    uuid: string
    snapshots: { name: string; moid: string; disks: { id: string; changeId: string }[] }[]
  }[]
  const owner = vms.find(({ snapshots }) => snapshots.some(({ moid }) => moid === ref.value))
  const snapshot = (name: string) => owner?.snapshots.find((each) => each.name === name)?.disks[0]
  const variables = { disk: snapshot('second')?.id, since: { changeId: snapshot('first')?.changeId } }
  await gateway.close()
  return {
    fixture,
    reads: [
      { name: 'inventory', query: inventory },
      { name: 'containers', query: containers },
      { name: 'first page', query: paged },
      {
        name: 'lookups',
        query: lookups,
        variables: { uuid: vms.find(({ name }) => name === 'web-01')?.uuid },
      },
      { name: 'changedAreas', query: map('changedAreas(since: $since, first: 2000)'), variables },
      {
        name: 'allocatedAreas',
        query: map('allocatedAreas(first: 2000)').replace(', $since: ChangedSince!', ''),
        variables: { disk: variables.disk },
      },
    ],
  }
}

/** Returns the correct response, and the calls that a gateway with an empty cache makes for it. */
export async function expectedResponse(
  { proxy, gateway }: AdversaryFixture,
  { name, query, variables }: Read,
) {
  const fresh: TestGateway = gateway()
  proxy.reset()
  const response = await fresh.execute(query, variables)
  const calls = [...proxy.calls]
  await fresh.close()
  if (response.errors)
    throw new Error(`${name} fails without interference: ${JSON.stringify(response.errors)}`)
  return { response, calls }
}
