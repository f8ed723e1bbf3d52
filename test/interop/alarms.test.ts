// Alarms: govc and pyVmomi on our simulator, and the gateway on vcsim, whose alarms an event triggers.

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

async function runPython(port: number | string, ...argv: readonly string[]): Promise<Untyped> {
  const script = fileURLToPath(new URL('pyvmomi/alarms.py', import.meta.url))
  const { stdout } = await promisify(execFile)(python ?? 'python3', [script, String(port), ...argv], {
    env: pythonEnvironment,
  })
  return JSON.parse(stdout)
}

describe.skipIf(govcPath === undefined)('govc on the simulator', () => {
  it('lists, filters and acknowledges alarms, and describes their definitions', async () => {
    const { url } = await startSimulator()
    const govc = govcAt(url.replace('//', '//user:pass@'))
    const all = await govc('alarms', '-l')
    expect(linesOf(all).length).toBeGreaterThan(4)
    expect(all).toContain('Virtual machine CPU usage')
    expect(all).toContain('/Frankfurt/vm/Production/Databases/db-01')
    const vm = '/Frankfurt/vm/Production/Databases/db-01'
    const named = await govc('alarms', '-n', 'alarm.VmCPUUsageAlarm', vm)
    expect(named).toContain('Virtual machine CPU usage')
    expect(named).not.toContain('Backup is overdue')
    await govc('alarms', '-ack', '-n', 'alarm.VmCPUUsageAlarm', vm)
    expect(await govc('alarm.info', '-n', 'alarm.VmCPUUsageAlarm')).toContain('Virtual machine CPU usage')

    const gateway = await startGateway(
      { VSPHERE_URL: url, VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD: 'pass' },
      '--insecure',
    )
    onTestFinished(() => gateway.stop())
    const { data } = await gateway.execute(
      '{ triggeredAlarms(filter: { name: { eq: "Virtual machine CPU usage" } }) { nodes { acknowledged acknowledgedBy entity { path } } } }',
    )
    expect(data.triggeredAlarms.nodes).toEqual([
      { acknowledged: true, acknowledgedBy: 'user', entity: { path: vm } },
    ])
  })
})

describe.skipIf(python === undefined)('pyVmomi on the simulator', () => {
  it('reads, acknowledges and clears alarms', async () => {
    const { port } = await startSimulator()
    const report = await runPython(port)
    expect(report.triggered).toHaveLength(4)
    expect(report.acknowledged).toMatchObject({ acknowledged: true, user: 'user' })
    expect(report).toMatchObject({ fault: 'InvalidArgument', declared: expect.any(Number) })
    expect(report.alarms).toContain('alarm.HostMemoryUsageAlarm')
    expect(report.left.map(({ status }: Untyped) => status)).toEqual(['red'])
  })
})

describe.skipIf(vcsimPath === undefined || python === undefined)('alarms on vcsim', () => {
  it('are read with their object, and acknowledged', async () => {
    const vcsim = await startVcsim('-tls=false')
    onTestFinished(() => vcsim.stop())
    const { port } = new URL(vcsim.url)
    const posted = await runPython(port, 'DC0_H0_VM0')
    expect(posted.triggered).toMatchObject([{ alarm: 'vcsim VM Alarm', status: 'yellow' }])
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())
    const { data, errors } = await gateway.execute(`{
      triggeredAlarms(filter: { name: { contains: "vm alarm" }, entity: { type: { eq: VIRTUAL_MACHINE } } }) {
        totalCount
        nodes { id name description status acknowledged entity { __typename name } }
      }
      virtualMachine(by: { name: "DC0_H0_VM0" }) { triggeredAlarms { id name } }
      other: virtualMachine(by: { name: "DC0_H0_VM1" }) { triggeredAlarms { id } }
      datacenter(by: { name: "DC0" }) { triggeredAlarms { id } own: triggeredAlarms(includeDescendants: false) { id } }
    }`)
    expect(errors).toBeUndefined()
    const [alarm] = data.triggeredAlarms.nodes
    expect(data.triggeredAlarms).toMatchObject({
      totalCount: 1,
      nodes: [
        {
          name: 'vcsim VM Alarm',
          description: 'vcsim alarm for Virtual Machines',
          status: 'YELLOW',
          acknowledged: false,
          entity: { __typename: 'VirtualMachine', name: 'DC0_H0_VM0' },
        },
      ],
    })
    expect(data).toMatchObject({
      virtualMachine: { triggeredAlarms: [{ id: alarm.id, name: 'vcsim VM Alarm' }] },
      other: { triggeredAlarms: [] },
      datacenter: { triggeredAlarms: [{ id: alarm.id }], own: [] },
    })
    const acknowledged = await gateway.execute(
      'mutation ($id: ID!) { acknowledgeAlarm(input: { alarm: $id }) { alarm { id acknowledged acknowledgedBy } } }',
      { variables: { id: alarm.id } },
    )
    expect(acknowledged.errors).toBeUndefined()
    expect(acknowledged.data.acknowledgeAlarm.alarm).toMatchObject({ id: alarm.id, acknowledged: true })
  })
})

describe.skipIf(vcsimPath === undefined)('an ESXi host', () => {
  it('has no alarms', async () => {
    const vcsim = await startVcsim('-esx')
    onTestFinished(() => vcsim.stop())
    const gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
    onTestFinished(() => gateway.stop())
    const { data, errors } = await gateway.execute(
      '{ triggeredAlarms { totalCount nodes { id } } hosts { nodes { triggeredAlarms { name } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data.triggeredAlarms).toEqual({ totalCount: 0, nodes: [] })
    expect(data.hosts.nodes).toEqual([{ triggeredAlarms: [] }])
  })
})
