// Custom attributes: govc and pyVmomi on our simulator, and the gateway on vcsim with what govc sets and lists.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { startGateway } from './gateway.ts'
import { govcAt, linesOf } from './govc.ts'
import { govc as govcPath, python, pythonEnvironment, vcsim as vcsimPath } from './tools.ts'
import type { Untyped } from './untyped.ts'
import { startVcsim } from './vcsim.ts'

async function startSimulator() {
  const simulator = createSimulator()
  onTestFinished(() => simulator.close())
  const { url, port } = await simulator.listen()
  return { simulator, url, port }
}

const byKey = (one: Untyped, other: Untyped) => one.key - other.key

describe.skipIf(govcPath === undefined)('govc on the simulator', () => {
  it('lists, adds, sets, renames and removes custom attributes', async () => {
    const { url } = await startSimulator()
    const govc = govcAt(url.replace('//', '//user:pass@'), { GOVC_DATACENTER: 'Frankfurt' })
    const list = async () => linesOf(await govc('fields.ls')).map((line) => line.split(/\s{2,}/).join('|'))
    const before = await list()
    expect(before.some((line) => line.includes('Last Backup') && line.includes('VirtualMachine'))).toBe(true)

    await govc('fields.add', '-type', 'HostSystem', 'Rack')
    await govc('fields.add', 'Cost Center')
    await govc('fields.rename', 'Cost Center', 'Account')
    const vm = '/Frankfurt/vm/Production/Web/web-01'
    await govc('fields.set', 'Account', '4711', vm)
    const host = linesOf(await govc('find', '/Frankfurt', '-type', 'h'))[0] as string
    await govc('fields.set', 'Rack', 'R1', host)
    await expect(govc('fields.set', 'Rack', 'R1', vm)).rejects.toThrow('not correct: entity')

    const gateway = await startGateway(
      { VSPHERE_URL: url, VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD: 'pass' },
      '--insecure',
    )
    onTestFinished(() => gateway.stop())
    const { data } = await gateway.execute(
      `query ($host: String!) {
        virtualMachine(by: { name: "web-01" }) { customAttributes { name value } }
        host(by: { path: $host }) { customAttributes { name value } }
        virtualMachines(filter: { customAttributes: { some: { name: { eq: "Account" }, value: { eq: "4711" } } } }) { nodes { path } }
      }`,
      { variables: { host } },
    )
    expect(data.virtualMachine.customAttributes).toContainEqual({ name: 'Account', value: '4711' })
    expect(data.host.customAttributes).toContainEqual({ name: 'Rack', value: 'R1' })
    expect(data.virtualMachines.nodes).toEqual([{ path: vm }])

    await govc('fields.rm', 'Rack')
    await govc('fields.rm', 'Account')
    expect(await list()).toEqual(before)
  })
})

describe.skipIf(python === undefined)('pyVmomi on the simulator', () => {
  it('defines an attribute, sets values and reads them', async () => {
    const { simulator, port } = await startSimulator()
    const script = fileURLToPath(new URL('pyvmomi/custom-attributes.py', import.meta.url))
    const { stdout } = await promisify(execFile)(python ?? 'python3', [script, String(port)], {
      env: pythonEnvironment,
    })
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({
      fields: [
        { key: 101, name: 'Last Backup', type: 'str', moType: 'vim.VirtualMachine' },
        { key: 102, name: 'Owner', type: 'str', moType: null },
      ],
      added: { key: 103, name: 'Ticket', type: 'str', moType: 'vim.VirtualMachine' },
      available: ['Last Backup', 'Owner', 'Ticket'],
      fault: 'InvalidArgument',
    })
    expect(report.values).toContainEqual([103, 'INC-1'])
    expect(report.summaryValues).toEqual(report.values)
    const { ref } = simulator.inventory.vm('web-01')
    expect(simulator.objects.find(ref)?.get('customValue')).toContainEqual(
      expect.objectContaining({ key: 103, value: 'INC-1' }),
    )
  })
})

describe.skipIf(vcsimPath === undefined || govcPath === undefined)('custom attributes on vcsim', () => {
  it('are those that govc defines and sets, and the gateway sets what govc lists', async () => {
    const vcsim = await startVcsim()
    onTestFinished(() => vcsim.stop())
    const govc = govcAt(vcsim.url)
    await govc('fields.add', '-type', 'VirtualMachine', 'Last Backup')
    await govc('fields.add', '-type', 'HostSystem', 'Rack')
    await govc('fields.add', 'Owner')
    const [first, second] = ['/DC0/vm/DC0_H0_VM0', '/DC0/vm/DC0_H0_VM1'] as const
    await govc('fields.set', 'Last Backup', '2026-11-28', first)
    await govc('fields.set', 'Last Backup', '2026-10-01', second)
    await govc('fields.set', 'Owner', 'Web', first, '/DC0/datastore/LocalDS_0')
    await govc('fields.set', 'Rack', 'R1', '/DC0/host/DC0_H0/DC0_H0')
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())

    const { data, errors } = await gateway.execute(`{
      vcenters { customAttributeDefinitions { key name managedObjectType } }
      machines: virtualMachines(filter: { customAttributes: { some: { name: { eq: "Last Backup" }, value: { startsWith: "2026-11" } } } }) {
        nodes { id path customAttributes { name value } }
      }
      without: virtualMachines(filter: { customAttributes: { none: { name: { eq: "Last Backup" } } } }) { totalCount coverage { undecidedCount } }
      datastores(filter: { customAttributes: { some: { name: { eq: "Owner" } } } }) { nodes { name } }
      hosts(filter: { customAttributes: { some: { value: { eq: "R1" } } } }) { nodes { customAttributes { name } } }
    }`)
    expect(errors).toBeUndefined()
    const [{ val }] = await govc.json('object.collect', 'CustomFieldsManager:CustomFieldsManager', 'field')
    const fields = val._value
    expect([...data.vcenters[0].customAttributeDefinitions].sort(byKey)).toEqual(
      fields
        .map(({ key, name, managedObjectType }: Untyped) => ({
          key,
          name,
          managedObjectType: managedObjectType || null,
        }))
        .sort(byKey),
    )
    const listed = data.vcenters[0].customAttributeDefinitions.map(
      ({ key, name, managedObjectType }: Untyped) =>
        [key, name, managedObjectType].filter((each) => each !== null).join('|'),
    )
    expect(listed.sort()).toEqual(
      linesOf(await govc('fields.ls'))
        .map((line) => line.split(/\s{2,}/).join('|'))
        .sort(),
    )
    expect(data.machines.nodes).toMatchObject([{ path: first }])
    expect(data.machines.nodes[0].customAttributes).toEqual(
      expect.arrayContaining([
        { name: 'Last Backup', value: '2026-11-28' },
        { name: 'Owner', value: 'Web' },
      ]),
    )
    const machines = linesOf(await govc('find', '/', '-type', 'm'))
    expect(data.without).toEqual({ totalCount: machines.length - 2, coverage: [{ undecidedCount: 0 }] })
    expect(data.datastores.nodes).toEqual([{ name: 'LocalDS_0' }])
    expect(data.hosts.nodes).toEqual([{ customAttributes: [{ name: 'Rack' }] }])

    const set = await gateway.execute(
      'mutation ($input: SetCustomAttributeInput!) { setCustomAttribute(input: $input) { entity { customAttributes { name value } } } }',
      { variables: { input: { entity: data.machines.nodes[0].id, name: 'Owner', value: 'Data' } } },
    )
    expect(set.errors).toBeUndefined()
    const owner = fields.find(({ name }: Untyped) => name === 'Owner').key
    const { virtualMachines } = await govc.json('vm.info', first)
    expect(virtualMachines[0].customValue).toContainEqual(
      expect.objectContaining({ key: owner, value: 'Data' }),
    )
    expect(set.data.setCustomAttribute.entity.customAttributes).toContainEqual({
      name: 'Owner',
      value: 'Data',
    })
  })
})
