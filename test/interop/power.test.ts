// Power operations: govc and pyVmomi on our simulator, and the gateway on vcsim as a vCenter and as an ESXi host.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { govcAt } from './govc.ts'
import { govc as govcPath, python, pythonEnvironment, vcsim as vcsimPath } from './tools.ts'
import { startVcsim, type Vcsim } from './vcsim.ts'

describe.skipIf(govcPath === undefined)('govc vm.power on the simulator', () => {
  async function start() {
    const simulator = createSimulator({ tasks: { queuedMs: 5, durationMs: 20 } })
    onTestFinished(() => simulator.close())
    simulator.inventory.settings.guestShutdownMs = 20
    const { url } = await simulator.listen()
    const govc = govcAt(url.replace('//', '//user:pass@'), { GOVC_DATACENTER: 'Frankfurt' })
    const stateOf = (name: string) => simulator.inventory.machine(name).powerState
    return { simulator, stateOf, power: (...argv: string[]) => govc('vm.power', ...argv) }
  }

  it('switches machines off and on, also several with one call', async () => {
    const { power, stateOf, simulator } = await start()
    await power('-off', 'web-01', 'web-02')
    expect([stateOf('web-01'), stateOf('web-02')]).toEqual(['poweredOff', 'poweredOff'])
    await power('-on', '-M', 'web-01', 'web-02')
    // govc waits only for the task of the datacenter.
    await expect.poll(() => [stateOf('web-01'), stateOf('web-02')]).toEqual(['poweredOn', 'poweredOn'])
    expect(simulator.calls.filter(({ method }) => method === 'PowerOnMultiVM_Task')).toHaveLength(1)
    await expect(power('-on', 'web-01')).rejects.toThrow('current state')
  })

  it('suspends, resumes and resets', async () => {
    const { power, stateOf } = await start()
    await power('-suspend', 'web-01')
    expect(stateOf('web-01')).toBe('suspended')
    await expect(power('-reset', 'web-01')).rejects.toThrow('current state')
    await power('-on', 'web-01')
    await power('-reset', 'web-01')
    expect(stateOf('web-01')).toBe('poweredOn')
  })

  it('shuts down, restarts and suspends guests, by force if there is no VMware Tools', async () => {
    const { power, stateOf } = await start()
    await power('-s', 'web-01')
    await expect.poll(() => stateOf('web-01')).toBe('poweredOff')
    await power('-r', 'web-02')
    expect(stateOf('web-02')).toBe('poweredOn')
    await power('-standby', 'db-01')
    await expect.poll(() => stateOf('db-01')).toBe('suspended')
    await expect(power('-dc', 'Oregon', '-s', '/Oregon/vm/scada-nt4')).rejects.toThrow('VMware Tools')
    await power('-dc', 'Oregon', '-s', '-force', '/Oregon/vm/scada-nt4')
    expect(stateOf('scada-nt4')).toBe('poweredOff')
  })
})

describe.skipIf(python === undefined)('pyVmomi on the simulator', () => {
  it('changes power states, answers questions and reads the result of a placement', async () => {
    const simulator = createSimulator({ tasks: { queuedMs: 5, durationMs: 20 } })
    onTestFinished(() => simulator.close())
    const { port } = await simulator.listen()
    const script = fileURLToPath(new URL('pyvmomi/power.py', import.meta.url))
    const { stdout } = await promisify(execFile)(python ?? 'python3', [script, String(port)], {
      env: pythonEnvironment,
    })
    expect(JSON.parse(stdout)).toEqual({
      off: 'poweredOff',
      again: 'vim.fault.InvalidPowerState',
      attempted: ['web-01', 'mail-01'],
      notAttempted: [['web-02', 'vim.fault.InvalidPowerState']],
      on: ['poweredOn', 'poweredOn'],
      question: ['1', ['0', '1']],
      pending: 'vim.fault.QuestionPending',
      answered: true,
      noTools: 'vim.fault.ToolsUnavailable',
      disabled: ['PowerOnVM_Task'],
    })
  })
})

const selection =
  'results { virtualMachine { name powerState } task { operation state } error { code fault message } }'

const changePower = async (gateway: Gateway, names: readonly string[], action: string) => {
  const { data, errors } = await gateway.execute(
    `mutation ($by: [VirtualMachineBy!]!) { changePower(input: { virtualMachines: $by, action: ${action} }) { ${selection} } }`,
    { variables: { by: names.map((name) => ({ name })) } },
  )
  expect(errors).toBeUndefined()
  return data.changePower.results
}

describe.skipIf(vcsimPath === undefined).each([
  { server: 'vcsim', flags: [], names: ['DC0_H0_VM0', 'DC0_H0_VM1'] },
  { server: 'vcsim -esx', flags: ['-esx'], names: ['ha-host_VM0', 'ha-host_VM1'] },
])('changePower on $server', ({ flags, names }) => {
  let vcsim: Vcsim
  let gateway: Gateway

  beforeAll(async () => {
    vcsim = await startVcsim(...flags)
    gateway = await startGateway({ GOVC_URL: vcsim.url, GOVC_INSECURE: '1' })
  })

  afterAll(async () => {
    await gateway?.stop()
    await vcsim?.stop()
  })

  it.each([
    ['POWER_OFF', 'POWERED_OFF'],
    ['POWER_ON', 'POWERED_ON'],
    ['SUSPEND', 'SUSPENDED'],
    ['POWER_ON', 'POWERED_ON'],
    ['RESET', 'POWERED_ON'],
    ['SHUTDOWN_GUEST', 'POWERED_OFF'],
    ['SHUTDOWN_GUEST', 'POWERED_OFF'],
    ['POWER_ON', 'POWERED_ON'],
  ])('%s of two machines ends as %s', async (action, powerState) => {
    const results = await changePower(gateway, names, action)
    expect(results).toMatchObject(
      names.map((name) => ({ virtualMachine: { name, powerState }, error: null })),
    )
  })

  it('REBOOT_GUEST without VMware Tools has their fault', async () => {
    const results = await changePower(gateway, names, 'REBOOT_GUEST')
    expect(results).toMatchObject(names.map(() => ({ error: { fault: 'ToolsUnavailable' } })))
  })
})
