// The options of createSimulator and createTestGateway: an error names the option that is wrong.

import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../../../src/config/config-error.ts'
import { createManualClock, createSimulator, demoUsers } from '../../../src/simulator/index.ts'
import { createTestGateway } from '../../../src/testing.ts'

const invalid: readonly (readonly [options: unknown, message: string])[] = [
  [null, 'the options must be an object'],
  ['5', 'the options must be an object'],
  [{ vms: -1 }, 'vms must be a whole number from 0 to 100000'],
  [{ vms: 1.5 }, 'vms must be a whole number from 0 to 100000'],
  [{ vms: Number.NaN }, 'vms must be a whole number from 0 to 100000'],
  [{ vms: '5' }, 'vms must be a whole number from 0 to 100000'],
  [{ vms: null }, 'vms must be a whole number from 0 to 100000'],
  [{ seed: 'x' }, 'seed must be a whole number from 0 to 4294967295'],
  [{ vmz: 5 }, 'unknown option vmz; did you mean vms?'],
  [{ simulatorVersion: 5 }, 'unknown option simulatorVersion'],
  [{ smallMachine: 'yes' }, 'smallMachine must be true or false'],
  [{ username: '' }, 'username must not be empty'],
  [{ password: 5 }, 'password must be a string'],
  [{ users: 'reader' }, 'users must be an array of users'],
  [{ users: [{ username: 'reader' }] }, 'users[0].password must be a string'],
  [{ users: [{ username: 'a', password: 'b', role: 'c' }] }, 'unknown option users[0].role'],
  [
    { users: [{ username: 'a', password: 'b', grants: [{ role: 'ReadOnly', on: 5 }] }] },
    'users[0].grants[0].on must be an inventory path or a reference',
  ],
  [{ clock: new Date() }, 'clock must be a clock, such as that of createManualClock()'],
  [{ sessionIdleMs: 0 }, 'sessionIdleMs must be a whole number from 1 to 2147483647'],
  [{ tasks: 5 }, 'tasks must be an object'],
  [{ tasks: { duration: 5 } }, 'unknown option tasks.duration'],
  [{ tasks: { durationMs: -1 } }, 'tasks.durationMs must be a whole number from 0 to 2147483647'],
  [{ tasks: { queuedMs: undefined } }, 'tasks.queuedMs must be a whole number from 0 to 2147483647'],
]

const valid = {
  vms: 0,
  seed: 2 ** 32 - 1,
  smallMachine: true,
  username: 'root',
  password: 'secret',
  users: demoUsers('root', 'secret'),
  clock: createManualClock(),
  sessionIdleMs: 1,
  tasks: { durationMs: 0 },
} as const

describe('createSimulator', () => {
  it.each(invalid)('rejects %j: %s', (options, message) => {
    expect(() => createSimulator(options as never)).toThrow(new ConfigError(message))
  })

  it('accepts all documented options, and undefined for the default of each', async () => {
    await createSimulator(valid).close()
    const unset = Object.fromEntries(Object.keys(valid).map((name) => [name, undefined]))
    const simulator = createSimulator(unset)
    onTestFinished(() => simulator.close())
    expect(simulator.account).toEqual({ username: 'user', password: 'pass' })
    expect([...simulator.objects.ofType('VirtualMachine')].length).toBeGreaterThan(10)
  })
})

describe('createTestGateway', () => {
  const simulator = createSimulator({ vms: 1 })

  it.each<readonly [options: unknown, message: string]>([
    ...invalid,
    [{ role: 'admin' }, 'role must be reader, power or operator'],
    [{ roll: 'reader' }, 'unknown option roll; did you mean role?'],
    [{ readonly: true }, 'unknown option readonly; did you mean readOnly?'],
    [{ account: { username: 'a' } }, 'account.password must be a string'],
    [{ log: console.log }, 'log must be a log, such as that of createLog'],
    [{ simulator: {} }, 'simulator must be one of createSimulator'],
    [{ simulator, vms: 9 }, 'vms has no effect beside simulator: pass it to createSimulator'],
    [{ simulator, vmz: 9 }, 'unknown option vmz; did you mean vms?'],
  ])('rejects %j: %s', (options, message) => {
    expect(() => createTestGateway(options as never)).toThrow(new ConfigError(message))
  })

  it('accepts all documented options', async () => {
    const own = { role: 'reader', readOnly: true, account: simulator.account, log: console } as const
    await createTestGateway({ ...valid, ...own, account: { username: 'root', password: 'secret' } }).close()
    await createTestGateway({ ...own, simulator }).close()
  })
})
