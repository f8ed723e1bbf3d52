// Compares our types of network cards with pyVmomi's type tables, and the cards that pyVmomi reads from our simulator with the
// gateway's network adapters.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import { dataObjects } from '../../../src/soap/declarations/data-objects.ts'
import { isSubtype } from '../../../src/soap/type-registry.ts'
import { startGateway } from '../gateway.ts'
import { python, pythonEnvironment } from '../tools.ts'
import type { Untyped } from '../untyped.ts'

const script = fileURLToPath(new URL('network-adapters.py', import.meta.url))

async function runScript(...argv: readonly string[]): Promise<Untyped> {
  const { stdout } = await promisify(execFile)(String(python), [script, ...argv], { env: pythonEnvironment })
  return JSON.parse(stdout)
}

describe.skipIf(python === undefined)('network adapters', () => {
  it('have all types that pyVmomi knows, with the same parents', async () => {
    const ours = Object.entries(dataObjects).flatMap(([name, declaration]) =>
      isSubtype(name, 'VirtualEthernetCard') && 'extends' in declaration ? [[name, declaration.extends]] : [],
    )
    expect(Object.fromEntries(ours)).toEqual(await runScript())
  })

  it('are read from the simulator by pyVmomi and the gateway alike', async () => {
    const simulator = createSimulator()
    onTestFinished(() => simulator.close())
    const { url, port } = await simulator.listen()
    const cards: Untyped[] = await runScript(String(port))
    expect([...new Set(cards.map(({ type }) => type))].sort()).toEqual([
      'VirtualE1000',
      'VirtualE1000e',
      'VirtualPCNet32',
      'VirtualVmxnet3',
      'VirtualVmxnet3Vrdma',
    ])
    const gateway = await startGateway({
      VSPHERE_URL: url,
      VSPHERE_USERNAME: 'user',
      VSPHERE_PASSWORD: 'pass',
    })
    onTestFinished(() => gateway.stop())
    const { data, errors } =
      await gateway.execute(`{ virtualMachines(first: 100) { nodes { moid networkAdapters {
      key label type macAddress connected startConnected portgroupKey switchUuid network { moid }
    } } } }`)
    expect(errors).toBeUndefined()
    const adapters = data.virtualMachines.nodes.flatMap(({ moid, networkAdapters }: Untyped) =>
      (networkAdapters ?? []).map(({ portgroupKey, switchUuid, network, ...adapter }: Untyped) => ({
        machine: moid,
        ...adapter,
        network: portgroupKey === null ? network.moid : [switchUuid, portgroupKey],
      })),
    )
    const expected = cards.map(({ type, macAddress, ...card }) => ({
      ...card,
      type: type.replace('Virtual', '').replace('3Vrdma', '3_VRDMA').toUpperCase(),
      macAddress: macAddress.toLowerCase(),
    }))
    const inOrder = (list: Untyped[]) =>
      list.toSorted((a, b) => `${a.machine} ${a.key}`.localeCompare(`${b.machine} ${b.key}`))
    expect(inOrder(adapters)).toEqual(inOrder(expected))
  })
})
