// The command doctor on a healthy vCenter: the report, what it must not contain, the calls it makes, and its end.

import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { loadDoctorConfig } from '../../src/config/doctor-config.ts'
import { allowedMethods, readOnlyTransport } from '../../src/doctor/read-only-transport.ts'
import { runDoctor } from '../../src/doctor/run-doctor.ts'
import type { Simulator } from '../../src/simulator/index.ts'
import { encodeRequest } from '../../src/soap/envelope.ts'
import { testContext } from '../cli/test-context.ts'
import { noLiveObjects } from '../vim25/connect.ts'
import { credentials, examine, notOk, startSimulator } from './examine.ts'

describe('a report', () => {
  it('has no problem on a healthy vCenter', async () => {
    const { pinned } = await startSimulator()
    const examination = await examine(pinned)
    expect(notOk(examination)).toEqual({ 'host-licence': 'skipped' })
    expect(examination).toMatchObject({ code: 0, stderr: '' })
    expect(examination.report).toMatchObject({ schemaVersion: 1, endedBy: null, exitCode: 0 })
    expect(examination.check('version').facts).toEqual({
      apiType: 'VirtualCenter',
      version: '8.0.2',
      build: '22617221',
      apiVersion: '8.0.2.0',
      usedApiVersion: '8.0.2.0',
    })
    expect(examination.check('inventory').facts).toMatchObject({
      counts: { VirtualMachine: 20, HostSystem: 4 },
    })
    expect(examination.check('change-tracking').facts).toMatchObject({
      machines: 20,
      checked: 20,
      ready: 6,
      eligible: 8,
      others: 6,
      reasons: { TEMPLATE: 1, NOT_ENABLED: 8 },
    })
    expect(examination.check('vapi').facts).toEqual({ generation: 'api', categories: 3, tags: 6 })
    const results = new Set(examination.report.assumptions.map(({ result }) => result))
    expect([...results].sort()).toEqual(['confirmed', 'notProbed', 'skipped', 'unknown'])
  })

  it('is wrapped at 100 characters, and at the width of a narrower terminal', async () => {
    const { pinned } = await startSimulator()
    const lines = async (columns?: number) => {
      const { context, written } = testContext(`doctor ${pinned}`, credentials)
      expect(await run({ ...context, stdout: { ...context.stdout, columns } })).toBe(0)
      return written.stdout.split('\n')
    }
    const wide = await lines()
    expect(wide[2]).toBe('ok       Settings')
    expect(wide.at(-2)).toMatch(/calls that only read\. This report names no host, user or object\.$/)
    expect(Math.max(...wide.map(({ length }) => length))).toBeLessThanOrEqual(100)
    expect(wide.join('')).not.toContain('\u001B')
    expect(Math.max(...(await lines(70)).map(({ length }) => length))).toBeLessThanOrEqual(70)
  })

  it('has colours only on a terminal', async () => {
    const { pinned } = await startSimulator()
    const { context, written } = testContext(`doctor ${pinned}`, credentials)
    await run({ ...context, stdout: { ...context.stdout, isTTY: true } })
    expect(written.stdout).toContain('\u001B[32mok       \u001B[0mSettings')
  })

  it('is of the embedded simulator with --simulator', async () => {
    const examination = await examine('--simulator', {})
    expect(notOk(examination)).toEqual({
      network: 'skipped',
      certificate: 'skipped',
      'host-licence': 'skipped',
    })
    expect(examination.code).toBe(0)
  })
})

describe('settings', () => {
  it.each<[string, Record<string, string>, string]>([
    ['', {}, 'no vCenter to check: set --url (VSPHERE_URL)'],
    ['--url https://127.0.0.1:1', {}, 'no user name for the vCenter'],
    ['--url http://vcenter.example.com', credentials, 'must begin with https://'],
    ['--timeout 1 --simulator', {}, '--timeout must be a whole number from 5'],
    ['--port 4000 --simulator', {}, 'unknown flag --port'],
  ])('%s %j exit with 2', async (argv, env, message) => {
    const { context, written } = testContext(`doctor ${argv}`, env)
    expect(await run(context)).toBe(2)
    expect(written.stderr).toContain(message)
    expect(written.stdout).toBe('')
  })
})

/** Everything that could identify the vCenter: names, moids, UUIDs, addresses, and what the settings contain. */
function identifying(simulator: Simulator): Set<string> {
  const found = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.length > 3) found.add(value)
    } else if (typeof value === 'object' && value !== null) {
      const { type, value: moid } = value as { type?: unknown; value?: unknown }
      if (typeof type === 'string' && typeof moid === 'string') found.add(moid)
      else for (const each of Object.values(value)) collect(each)
    }
  }
  for (const object of simulator.objects.all()) {
    found.add(object.moid)
    for (const path of ['name', 'guest', 'hardware', 'value', 'customValue']) collect(object.get(path))
    const config = object.get('config') as Record<string, unknown> | undefined
    for (const path of ['uuid', 'instanceUuid', 'annotation', 'files', 'datastoreUrl'])
      collect(config?.[path])
  }
  for (const { id, name } of [...simulator.rest.store.categories, ...simulator.rest.store.tags]) {
    found.add(id)
    found.add(name)
  }
  return found
}

/** Words that are in every vCenter, or are values of enumerations and units. */
const generic = new Set(['Datacenters', 'Resources', 'datastore', 'network', 'host', 'true', 'false', 'TRUE'])

describe('a report names nothing', () => {
  it.each([
    ['when all is well', '', credentials],
    [
      'when the login is rejected',
      '',
      { VSPHERE_USERNAME: 'someone@vsphere.local', VSPHERE_PASSWORD: 'wr0ng-secret' },
    ],
  ])('%s', async (_title, argv, env) => {
    const { simulator, url, thumbprint, pinned } = await startSimulator()
    const { stdout } = await examine(`${pinned} ${argv}`, env)
    const { context, written } = testContext(`doctor ${pinned} ${argv}`, env)
    await run(context)
    const { host, hostname, port } = new URL(url)
    const names = [...identifying(simulator), host, hostname, `:${port}`, thumbprint, thumbprint.slice(0, 11)]
    for (const output of [stdout, written.stdout]) {
      const leaked = names.filter((name) => !generic.has(name) && hasWord(output, name))
      expect(leaked).toEqual([])
      for (const secret of ['someone', 'vsphere.local', 'wr0ng-secret']) expect(output).not.toContain(secret)
    }
  })

  it.each(['', '--json'])('when the certificate is not trusted, except on stderr (%s)', async (flag) => {
    const { url, thumbprint } = await startSimulator()
    const { context, written } = testContext(`doctor ${flag} --url ${url}`, credentials)
    expect(await run(context)).toBe(1)
    expect(written.stderr).toContain(`--thumbprint ${thumbprint}`)
    expect(written.stdout).not.toContain(thumbprint.slice(0, 11))
    expect(written.stdout).not.toContain(new URL(url).host)
  })
})

const hasWord = (text: string, word: string): boolean =>
  new RegExp(`(?<![\\w-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`).test(text)

describe('the vCenter', () => {
  it('gets only calls that read, few at a time, and keeps nothing', async () => {
    const { simulator, pinned } = await startSimulator()
    const { report } = await examine(pinned)
    const methods = new Set(simulator.calls.map(({ method }) => method))
    expect([...methods].filter((method) => !allowedMethods.has(method))).toEqual([])
    expect(simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
    const rest = simulator.rest.calls.filter(({ method }) => method !== 'GET')
    expect(rest.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/session',
      'POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects',
      'DELETE /api/session',
    ])
    expect(simulator.live).toEqual(noLiveObjects)
    const calls = Object.values(report.calls).reduce((sum, n) => sum + n, 0)
    expect(calls).toBeLessThan(60)
  })

  it('gets no call that could change something, because the connection rejects it', async () => {
    const sent: string[] = []
    const transport = readOnlyTransport({
      async send({ method, path }) {
        sent.push(`${method} ${path}`)
        return { status: 200, headers: {}, body: (async function* () {})() }
      },
      close: async () => {},
    })
    const vm = { type: 'VirtualMachine', value: 'vm-1' }
    const post = (path: string, body?: string) =>
      transport.send({ method: 'POST', path, headers: {}, ...(body !== undefined && { body }) })
    await post(
      '/sdk',
      encodeRequest('CurrentTime', { type: 'ServiceInstance', value: 'ServiceInstance' }, {}),
    )
    await post('/api/cis/tagging/tag-association?action=list-attached-tags-on-objects', '{}')
    for (const send of [
      () => post('/sdk', encodeRequest('PowerOffVM_Task', vm, {})),
      () => post('/sdk', encodeRequest('TerminateSession', vm, { sessionId: ['<CurrentTime'] })),
      () => post('/sdk'),
      () => post('/api/cis/tagging/tag'),
      () => post('/api/cis/tagging/tag-association/id?action=attach'),
      () => transport.send({ method: 'DELETE', path: '/api/cis/tagging/tag/id', headers: {} }),
    ])
      await expect(send()).rejects.toThrow('could change something')
    expect(sent).toHaveLength(2)
  })

  it.each([
    'Login',
    'CurrentTime',
    'CreateContainerView',
    'RetrievePropertiesEx',
    'CreateCollectorForEvents',
    'ReadPreviousEvents',
    'CreateCollectorForTasks',
  ] as const)('keeps nothing when SIGINT arrives during %s', async (method) => {
    const { simulator, pinned } = await startSimulator()
    const paused = simulator.faults.pause({ method })
    const examination = await examine(pinned, credentials, async (signal) => {
      await paused.waitFor()
      signal('SIGINT')
      paused.release()
    })
    expect(examination.code).toBe(1)
    expect(examination.report).toMatchObject({ endedBy: 'signal', exitCode: 1 })
    expect(Object.values(notOk(examination))).toContain('unknown')
    expect(examination.stderr).toContain('logging out')
    expect(simulator.live).toEqual(noLiveObjects)
  })

  it('keeps nothing when the time limit ends the run, and the report says what was checked', async () => {
    const { simulator, url, thumbprint } = await startSimulator()
    const config = loadDoctorConfig({ argv: ['--url', url, '--thumbprint', thumbprint], env: credentials })
    // The retrieval of the inventory is the first one.
    const paused = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const report = await runDoctor(config, {
      node: 'v20',
      signal: new AbortController().signal,
      hint: () => {},
      onTimeLimit: (ms, callback) => {
        expect(ms).toBe(120_000)
        void paused.waitFor().then(callback)
        return () => {}
      },
    })
    expect(report).toMatchObject({ endedBy: 'timeout', exitCode: 1 })
    const status = (id: string) => report.checks.find((each) => each.id === id)?.status
    expect([status('login'), status('inventory')]).toEqual(['ok', 'unknown'])
    simulator.faults.clear()
    expect(simulator.live).toEqual(noLiveObjects)
  })
})
