// Each problem that doctor recognizes, switched on in the simulator: the status, what it says to do, and that nothing is left behind.

import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { loadDoctorConfig } from '../../src/config/doctor-config.ts'
import { runDoctor } from '../../src/doctor/run-doctor.ts'
import { createManualClock, type SimulatorOptions } from '../../src/simulator/index.ts'
import { createUndiciTransport } from '../../src/transport/undici-transport.ts'
import { SoapConnection, serviceInstance, sessionManager } from '../simulator/soap-connection.ts'
import { startLoopbackServer } from '../transport/loopback-server.ts'
import { changeContent, credentials, examine, notOk, startSimulator } from './examine.ts'

const afterEndpoint = ['version', 'login', 'assumptions']
const afterLogin = [
  'clock',
  'inventory',
  'privileges',
  'change-tracking',
  'sessions',
  'vapi',
  'host-licence',
  'logout',
]
const skipped = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, 'skipped']))

describe('the settings', () => {
  it('are a problem when the password file is readable by all users', async () => {
    const config = loadDoctorConfig({
      argv: ['--url', 'https://127.0.0.1:1', '--username', 'user', '--password-file', 'password'],
      env: {},
      readFile: () => 'pass',
      modeOf: () => 0o644,
    })
    expect(config.warnings).toEqual([
      'the file of --password-file (VSPHERE_PASSWORD_FILE) is readable by all users of this machine: run chmod o-r',
    ])
  })

  it('are a problem when a variable is misspelled, which stderr names', async () => {
    const { pinned } = await startSimulator()
    const env = { ...credentials, VSPHERE_PASWORD: 'x' }
    const { code, stdout, stderr, check } = await examine(pinned, env)
    expect(code).toBe(1)
    expect(check('settings')).toMatchObject({ status: 'problem', facts: { warnings: 1 } })
    expect(stderr).toContain('VSPHERE_PASWORD; did you mean VSPHERE_PASSWORD?')
    expect(stdout).not.toContain('PASWORD')
  })
})

describe('the network', () => {
  it('is a problem when the host name is unknown', async () => {
    const examination = await examine('--url https://vcenter.invalid')
    expect(examination.code).toBe(1)
    expect(examination.check('network')).toMatchObject({ status: 'problem' })
    expect(examination.check('network').found[0]).toMatch(/^The name lookup failed: /)
    expect(notOk(examination)).toEqual({
      network: 'problem',
      ...skipped('certificate', 'endpoint', ...afterEndpoint, ...afterLogin),
    })
    expect(examination.report.calls).toEqual({})
  })

  it('is a problem when the port refuses connections', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const { check } = await examine(`--url https://127.0.0.1:${port}`)
    expect(check('network')).toMatchObject({
      status: 'problem',
      found: ['The URL names an address.', '0 of 1 address accept connections: the connection was refused.'],
      facts: { literal: true, ipv4: 1, ipv6: 0, accepting: 0 },
    })
  })
})

describe('the endpoint', () => {
  it.each<[string, number, string, RegExp, RegExp]>([
    ['a page of a proxy', 503, '<html>', /HTTP status 503/, /^Wait until the services/],
    ['not found', 404, '', /HTTP status 404/, /no path or the path \/sdk/],
    ['not implemented, as a file server', 501, '', /HTTP status 501/, /no path or the path \/sdk/],
    ['a bad request, as a port with TLS', 400, '', /HTTP status 400/, /write https:/],
    ['a web page', 200, '<html><body>Welcome</body></html>', /not valid SOAP/, /no path or the path \/sdk/],
    ['JSON', 200, '{}', /not valid SOAP/, /no path or the path \/sdk/],
  ])('is a problem when it answers with %s', async (_title, status, body, found, todo) => {
    const server = await startLoopbackServer((_request, response) => response.writeHead(status).end(body))
    const examination = await examine(`--url ${server.url}`)
    expect(examination.check('endpoint')).toMatchObject({
      status: 'problem',
      found: [expect.stringMatching(found)],
      todo: [expect.stringMatching(todo)],
    })
    expect(notOk(examination)).toEqual({
      certificate: 'problem',
      endpoint: 'problem',
      ...skipped(...afterEndpoint, ...afterLogin),
    })
  })

  it('is a problem when the path is not that of the SDK', async () => {
    const { url, thumbprint } = await startSimulator()
    const { check } = await examine(`--url ${url}/nothing --thumbprint ${thumbprint}`)
    expect(check('endpoint')).toMatchObject({
      status: 'problem',
      todo: [expect.stringContaining('no path or the path /sdk')],
    })
  })

  it('is a problem when the URL begins with http:// and the port uses TLS', async () => {
    const { url } = await startSimulator()
    const { check } = await examine(`--url ${url.replace('https:', 'http:')}`)
    expect(check('endpoint')).toMatchObject({
      status: 'problem',
      todo: [expect.stringContaining('write https://')],
    })
  })

  it('is a problem when the connection is dropped', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.faults.dropConnection('unanswered', { method: 'RetrieveServiceContent', times: 10 })
    const { check } = await examine(pinned)
    expect(check('endpoint').found[0]).toContain('the connection was closed before the response was complete')
  })
})

describe('the version', () => {
  const about = (change: Record<string, unknown>) => (content: Record<string, unknown>) => ({
    ...content,
    about: { ...(content.about as object), ...change },
  })

  it.each([
    ['is older than 6.5', { version: '6.0.0' }, 'problem'],
    ['is newer than the known ones', { version: '9.1.0' }, 'ok'],
    ['is of another product', { apiType: 'Elsewhere', version: '8.0.0' }, 'unknown'],
  ])('%s', async (_title, change, status) => {
    const { simulator, pinned } = await startSimulator()
    changeContent(simulator, about(change))
    const { check } = await examine(pinned)
    expect(check('version')).toMatchObject({ status, facts: { version: change.version } })
  })

  it('is not shown when it does not look like one', async () => {
    const { simulator, pinned } = await startSimulator()
    changeContent(simulator, about({ build: 'built by Jane Doe', apiVersion: '8.0.2.0 on vc.example.com' }))
    const { check } = await examine(pinned)
    expect(check('version').facts).toMatchObject({ build: 'unusual', apiVersion: 'unusual' })
  })
})

describe('the login', () => {
  it('is sent once when it is rejected, and not to vAPI', async () => {
    const { simulator, pinned } = await startSimulator()
    const examination = await examine(pinned, { ...credentials, VSPHERE_PASSWORD: 'wrong' })
    expect(examination.code).toBe(1)
    expect(examination.check('login')).toMatchObject({ status: 'problem', facts: { fault: 'InvalidLogin' } })
    expect(notOk(examination)).toMatchObject({ ...skipped(...afterLogin) })
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
    expect(simulator.rest.calls).toEqual([])
    expect(examination.check('assumptions')).toMatchObject({
      status: 'unknown',
      found: ['Most were not probed: there is no session.', expect.stringContaining(' unknown')],
    })
  })

  it.each([
    ['NoPermission', 'the account has no role on any object'],
    ['SystemError', 'vSphere raised SystemError'],
  ] as const)('is a problem when it fails with %s', async (fault, found) => {
    const { simulator, pinned } = await startSimulator()
    simulator.faults.fault(fault, { method: 'Login', times: 10 })
    const { check } = await examine(pinned)
    expect(check('login')).toMatchObject({ status: 'problem', found: [expect.stringContaining(found)] })
  })

  it('is a problem when the account has no role', async () => {
    const { pinned } = await startSimulator({ users: [{ username: 'guest', password: 'pass', grants: [] }] })
    const { check } = await examine(pinned, { VSPHERE_USERNAME: 'guest', VSPHERE_PASSWORD: 'pass' })
    expect(check('login')).toMatchObject({ status: 'problem', facts: { fault: 'NoPermission' } })
  })

  it('is a problem when its response is lost, and leaves no session', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.faults.dropConnection('midBody', { method: 'Login', times: 10 })
    const { check } = await examine(pinned)
    expect(check('login').found[0]).toMatch(/^The login was sent, and /)
    expect(simulator.live.sessions).toBe(simulator.orphanedSessions)
    await simulator.close()
  })
})

describe('the clock', () => {
  it.each([
    [-3 * 3_600_000, 'problem', 'behind'],
    [600_000, 'problem', 'ahead of'],
  ])('%d ms away is a %s', async (ms, status, direction) => {
    const clock = createManualClock(new Date(Date.now() + ms))
    const { pinned } = await startSimulator({ clock })
    const { check } = await examine(pinned)
    expect(check('clock')).toMatchObject({ status, found: [expect.stringContaining(direction)] })
    const { differenceMs, errorMs } = check('clock').facts as { differenceMs: number; errorMs: number }
    expect(Math.abs(differenceMs - ms)).toBeLessThan(10_000)
    expect(errorMs).toBeGreaterThan(0)
  })
})

describe('the inventory', () => {
  it('is a problem when the account sees nothing', async () => {
    const { pinned } = await startSimulator({ users: [blind] })
    const { check } = await examine(pinned, { VSPHERE_USERNAME: 'blind', VSPHERE_PASSWORD: 'pass' })
    expect(check('inventory')).toMatchObject({
      status: 'problem',
      found: ['The account sees nothing.'],
      facts: { counts: { VirtualMachine: 0 } },
    })
    expect(check('change-tracking').status).toBe('skipped')
  })
})

type User = NonNullable<SimulatorOptions['users']>[number]
type Grants = NonNullable<User['grants']>

const blind: User = {
  username: 'blind',
  password: 'pass',
  // Sees the root folder only, which is not part of the inventory.
  grants: [{ role: 'ReadOnly', propagate: false }],
}

describe('the rights of the account', () => {
  const as = async (grants: Grants) => {
    const { simulator, pinned } = await startSimulator({
      users: [{ username: 'other', password: 'pass', grants }],
    })
    const examination = await examine(pinned, { VSPHERE_USERNAME: 'other', VSPHERE_PASSWORD: 'pass' })
    const calls = simulator.calls.filter(({ method }) => method === 'HasPrivilegeOnEntities')
    return { ...examination, calls, privileges: examination.check('privileges') }
  }

  it('are complete for an administrator', async () => {
    const { privileges } = await as([{ role: 'Admin' }])
    expect(privileges).toMatchObject({
      status: 'ok',
      todo: [],
      facts: { machines: 20, partly: [], denied: [], missingPrivileges: [] },
    })
  })

  it('of an account that may only read are no problem, and the missing privileges are listed', async () => {
    const { code, calls, privileges } = await as([{ role: 'ReadOnly' }])
    expect(code).toBe(0)
    expect(privileges).toMatchObject({
      status: 'ok',
      todo: [expect.stringContaining('--read-only')],
      facts: {
        allowed: ['READ'],
        denied: expect.arrayContaining(['CREATE_SNAPSHOT', 'READ_CHANGED_AREAS', 'CANCEL_TASK']),
        missingPrivileges: expect.arrayContaining(['VirtualMachine.State.CreateSnapshot']),
      },
    })
    expect(privileges.found).toContain(
      'CREATE_SNAPSHOT: not allowed; missing: VirtualMachine.State.CreateSnapshot.',
    )
    // One for this check, one for an assumption.
    expect(calls).toHaveLength(2)
  })

  it('on a part of the inventory are counted', async () => {
    const { code, privileges } = await as([{ role: 'ReadOnly' }, { role: 'VMOperator', on: '/Frankfurt' }])
    expect(code).toBe(0)
    expect(privileges.facts).toMatchObject({
      partly: expect.arrayContaining(['CREATE_SNAPSHOT', 'POWER_ON']),
      denied: expect.arrayContaining(['SET_CHANGE_TRACKING']),
    })
    expect(privileges.found.find((each) => each.startsWith('CREATE_SNAPSHOT'))).toMatch(
      /^CREATE_SNAPSHOT: allowed on \d+ of 20 objects; missing: VirtualMachine\.State\.CreateSnapshot\.$/,
    )
  })

  it('are a problem when the account has none on the root folder', async () => {
    const { code, privileges } = await as([{ role: 'ReadOnly', on: '/Frankfurt' }])
    expect(code).toBe(1)
    expect(privileges).toMatchObject({ status: 'problem', facts: { partly: ['READ'] } })
  })

  it('are checked on virtual machines when the vCenter denies the check on the root folder', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.faults.fault('NoPermission', { method: 'HasPrivilegeOnEntities' })
    const { check } = await examine(pinned)
    expect(check('privileges')).toMatchObject({
      status: 'problem',
      facts: { machines: 20, partly: expect.arrayContaining(['READ']) },
    })
  })
})

describe('change tracking', () => {
  it('is read in pages of 250 machines', async () => {
    const { pinned } = await startSimulator({ vms: 600 })
    const { check } = await examine(pinned)
    expect(check('change-tracking').facts).toMatchObject({ machines: 600, checked: 600 })
  })

  it('counts the machines that were read when the run is interrupted', async () => {
    const { simulator, url, thumbprint } = await startSimulator({ vms: 600 })
    const config = loadDoctorConfig({ argv: ['--url', url, '--thumbprint', thumbprint], env: credentials })
    const stop = new AbortController()
    let interrupted: Promise<void> | undefined
    const onCheck = ({ id }: { readonly id: string }) => {
      if (id === 'change-tracking') interrupted = interruptSecondPage()
    }
    async function interruptSecondPage() {
      const first = simulator.faults.pause({ method: 'RetrievePropertiesEx', times: 1 })
      await first.waitFor()
      const second = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
      first.release()
      await second.waitFor()
      stop.abort()
      second.release()
    }
    const report = await runDoctor(config, { node: 'v20', signal: stop.signal, hint: () => {}, onCheck })
    await interrupted
    expect(report).toMatchObject({ endedBy: 'signal', exitCode: 1 })
    expect(report.checks.find(({ id }) => id === 'change-tracking')).toMatchObject({
      status: 'unknown',
      found: expect.arrayContaining(['Not finished: interrupted after 250 of 600 virtual machines.']),
      facts: { machines: 600, checked: 250 },
    })
  })
})

describe('sessions', () => {
  it('are unknown when the account may not list them', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.faults.deny(
      { type: 'SessionManager', value: 'SessionManager' },
      'sessionList',
      'Sessions.TerminateSession',
    )
    const examination = await examine(pinned)
    expect(examination.code).toBe(0)
    expect(examination.check('sessions')).toMatchObject({
      status: 'unknown',
      found: [expect.stringContaining('vSphere raised NoPermission')],
    })
  })

  it('of this account and this program are a problem when there are many', async () => {
    // Ahead of the local one: the idle time is by the clock of the vCenter.
    const clock = createManualClock(new Date(Date.now() + 3_600_000))
    const { simulator, url, pinned } = await startSimulator({ clock, sessionIdleMs: 3_600_000 })
    const connections = Array.from({ length: 21 }, () => {
      const transport = createUndiciTransport({
        url: new URL(url).origin,
        userAgent: 'vsphere-graphql/0.0.1',
        tls: { insecure: true },
      })
      return new SoapConnection(transport)
    })
    await Promise.all(connections.map((connection) => connection.login()))
    clock.advance(1_900_000)
    await connections[0]?.call('CurrentTime', serviceInstance, {})
    const { code, check } = await examine(pinned)
    expect(code).toBe(1)
    expect(check('sessions')).toMatchObject({
      status: 'problem',
      facts: { all: 21, ofUser: 21, ofProgram: 21, ofUserAndProgram: 21, idle: 20 },
      found: [
        'Besides this one there are 21 sessions. Of these, 21 are of this program with this account (20 without a call in 30 minutes), 0 of this program with other accounts, 0 of other programs with this account, and 0 of others.',
      ],
    })
    for (const connection of connections) {
      await connection.call('Logout', sessionManager, {})
      await connection.transport.close()
    }
    expect(simulator.live.sessions).toBe(0)
  })
})

describe('vAPI', () => {
  it('is a problem when the vCenter does not serve it', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.rest.generations.clear()
    const { code, check } = await examine(pinned)
    expect(code).toBe(1)
    expect(check('vapi')).toMatchObject({ status: 'problem', facts: { code: 'ABSENT' } })
  })

  it('may be of the older generation', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.rest.generations.delete('api')
    const { check } = await examine(pinned)
    expect(check('vapi')).toMatchObject({ status: 'ok', facts: { generation: 'rest' } })
  })

  it.each<[string, number, string]>([
    ['rejects the account', 401, 'LOGIN_REJECTED'],
    ['is unavailable', 503, 'UNAVAILABLE'],
  ])('is a problem when it %s', async (_title, status, code) => {
    const { simulator, pinned } = await startSimulator()
    simulator.rest.inject({ status }, /session/, 10)
    const { check } = await examine(pinned)
    expect(check('vapi')).toMatchObject({ status: 'problem', facts: { code } })
  })
})

describe('an ESXi host', () => {
  async function examineHost(edition: string | undefined, host: Record<string, unknown> = {}) {
    const { simulator, pinned } = await startSimulator()
    changeContent(simulator, ({ customFieldsManager: _, about, ...content }) => ({
      ...content,
      licenseManager: { type: 'LicenseManager', value: 'ha-license-manager' },
      about: { ...(about as object), apiType: 'HostAgent', instanceUuid: undefined },
    }))
    if (edition !== undefined)
      simulator.objects.add('LicenseManager', 'ha-license-manager', { licensedEdition: edition })
    for (const each of simulator.objects.ofType('HostSystem'))
      for (const [property, change] of Object.entries({
        summary: { managementServerIp: undefined },
        ...host,
      }))
        each.set(property, { ...(each.get(property) as object), ...(change as object) })
    return examine(pinned)
  }

  it('has no vAPI, and is ok with a licence', async () => {
    const examination = await examineHost('esxEnterprisePlus')
    expect(examination.code).toBe(0)
    expect(examination.check('version').found[0]).toMatch(/^An ESXi host 8\.0\.2/)
    expect(examination.check('vapi').status).toBe('skipped')
    expect(examination.check('host-licence')).toMatchObject({
      status: 'ok',
      facts: { edition: 'esxEnterprisePlus', managed: false, lockdown: false },
    })
  })

  it('is a problem with the free licence', async () => {
    const { code, check } = await examineHost('esxBasic')
    expect(code).toBe(1)
    expect(check('host-licence')).toMatchObject({
      status: 'problem',
      todo: [expect.stringContaining('--read-only')],
    })
  })

  it('is a problem when a vCenter manages it, whose address is not shown', async () => {
    const { check, stdout } = await examineHost('esxEnterprisePlus', {
      summary: { managementServerIp: '192.0.2.77' },
      config: { lockdownMode: 'lockdownNormal' },
    })
    expect(check('host-licence')).toMatchObject({
      status: 'problem',
      facts: { managed: true, lockdown: true },
    })
    expect(stdout).not.toContain('192.0.2.77')
  })

  it('is unknown when its licence cannot be read', async () => {
    expect((await examineHost(undefined)).check('host-licence').status).toBe('unknown')
  })
})

describe('a probe of an assumption', () => {
  it.each(['NoPermission', 'ManagedObjectNotFound'] as const)(
    'is unknown, not different, when the account may not make its call: %s',
    async (name) => {
      const { simulator, pinned } = await startSimulator()
      const obj = { type: 'Folder', value: 'group-d1' }
      const fault = name === 'NoPermission' ? { _typeName: name, object: obj } : { _typeName: name, obj }
      simulator.faults.fault(fault, { method: 'HasPrivilegeOnEntities', times: 10 })
      const { report } = await examine(pinned)
      expect(report.assumptions.find(({ id }) => id === 'unknown-privilege')).toMatchObject({
        result: 'unknown',
        observed: expect.stringContaining(name),
      })
    },
  )

  it('is unknown when the account may not read its property', async () => {
    const { simulator, pinned } = await startSimulator()
    const root = { type: 'Folder', value: 'group-d1' }
    simulator.faults.deny(root, 'effectiveRole')
    const { report } = await examine(pinned)
    expect(report.assumptions.find(({ id }) => id === 'effective-role')).toMatchObject({ result: 'unknown' })
    expect(report.assumptions.filter(({ result }) => result === 'differs')).toEqual([])
  })
})

describe('a fault of a later call', () => {
  it('makes its check unknown, and the others are made', async () => {
    const { simulator, pinned } = await startSimulator()
    simulator.faults.fault('SystemError', { method: 'CreateContainerView' })
    const examination = await examine(pinned)
    expect(notOk(examination)).toMatchObject({ inventory: 'unknown', 'change-tracking': 'skipped' })
    expect(examination.check('inventory').found).toEqual(['Not finished: vSphere raised SystemError.'])
    expect(examination.check('vapi').status).toBe('ok')
  })
})
