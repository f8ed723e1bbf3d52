// The command serve: its output, its log, and its failures at startup.

import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { version } from '../../src/config/version.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { testContext } from './test-context.ts'

/** Serves while `meanwhile` runs. */
async function serve(
  argv: string,
  env: Record<string, string> = {},
  meanwhile: (url: string, written: { readonly stderr: string }) => Promise<void> = async () => {},
) {
  const { context, written, signal, until } = testContext(`serve --port 0 ${argv}`, env)
  const done = run(context)
  await until('GraphiQL')
  const [first, second] = written.stdout.split('\n') as [string, string]
  const url = second.replace('GraphiQL: ', '')
  await meanwhile(url, written)
  signal('SIGINT')
  return { code: await done, first, second, url, ...written }
}

const login = { VSPHERE_USERNAME: 'root', VSPHERE_PASSWORD: 'hunter2' }

describe('serve', () => {
  it.each<[string, Record<string, string>, string]>([
    ['', {}, '*** EMBEDDED SIMULATOR, not a real vCenter; set --url (VSPHERE_URL) to connect to one ***'],
    ['--url https://127.0.0.1:1', login, '*** vCenter https://127.0.0.1:1/sdk as root ***'],
    [
      '--url 127.0.0.1:1 --insecure',
      login,
      '*** vCenter https://127.0.0.1:1/sdk as root; its certificate is NOT verified ***',
    ],
    ['', { GOVC_URL: 'https://u:hunter2@127.0.0.1:1/sdk' }, '*** vCenter https://127.0.0.1:1/sdk as u ***'],
  ])('%s %j reports first which vCenter it uses, then the URL of GraphiQL', async (argv, env, first) => {
    const served = await serve(argv, env)
    expect(served).toMatchObject({ code: 0, first })
    expect(served.second).toMatch(/^GraphiQL: http:\/\/127\.0\.0\.1:\d+\/graphql$/)
    expect(served.stdout + served.stderr).not.toContain('hunter2')
  })

  it('applies its flags, logs to stderr, and logs out at the end', async () => {
    const simulator = createSimulator({ username: 'root', password: 'hunter2' })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen()
    const served = await serve(`--url ${url} --read-only`, login, async (endpoint) => {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ vcenters { connected } __schema { mutationType { name } } }"}',
      })
      expect(await answer.json()).toEqual({
        data: { vcenters: [{ connected: true }], __schema: { mutationType: null } },
      })
      expect(simulator.live.sessions).toBe(1)
    })
    expect(served).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('logged in as root to VMware vCenter Server'),
    })
    expect(served.stdout).toMatch(/\nShutting down; press Ctrl-C again to force\.\n$/)
    expect(simulator.live.sessions).toBe(0)
  })

  it('logs problems of the vCenter to stderr, without the password', async () => {
    const simulator = createSimulator({ password: 'another' })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen()
    const served = await serve(`--url ${url}`, login, async (endpoint) => {
      expect((await fetch(new URL('/ready', endpoint))).status).toBe(503)
    })
    expect(served.stderr).toMatch(
      /"level":"error".*127\.0\.0\.1:\d+: the vCenter rejected .* account \\"root\\".*Cannot complete login/,
    )
    expect(served.stdout + served.stderr).not.toContain('hunter2')
  })

  it('writes its log as text when configured, limited to the log level', async () => {
    const simulator = createSimulator({ password: 'another' })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen()
    const served = await serve(
      `--url ${url} --log-format text --log-level error`,
      login,
      async (endpoint) => {
        expect((await fetch(new URL('/ready', endpoint))).status).toBe(503)
      },
    )
    expect(served.stderr).toMatch(
      /^\S+Z error 127\.0\.0\.1:\d+: the vCenter rejected the user name or password[^\n]* "\w+": [^\n]*\n$/,
    )
  })

  it('logs its start and stop, and who can reach it', async () => {
    const simulator = createSimulator({ username: 'root', password: 'hunter2' })
    onTestFinished(() => simulator.close())
    const { url } = await simulator.listen()
    const served = await serve(
      `--url ${url} --read-only --admin-port 0`,
      login,
      async (endpoint, written) => {
        expect((await fetch(new URL('/ready', endpoint))).status).toBe(404)
        // The session exists before the gateway has the response to its login.
        await expect.poll(() => written.stderr).toContain('logged in')
        expect(simulator.live.sessions).toBe(1)
      },
    )
    const lines = served.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { host } = new URL(url)
    expect(lines.map(({ msg }) => msg.replace(/ to VMware.*/, ''))).toEqual([
      'started',
      `${host}: logged in as root`,
      'shutting down; press Ctrl-C again to force',
      `${host}: logged out as root`,
      'stopped',
    ])
    expect(lines[0]).toMatchObject({
      version,
      node: process.version,
      vcenter: host,
      vcenterUrl: url,
      vcenterCertificate: 'none',
      url: served.url,
      adminUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      auth: 'none',
      readOnly: true,
    })
  })

  it.each<[string, Record<string, string>]>([
    ['--log-format json', {}],
    ['', { LOG_FORMAT: 'json' }],
  ])('%s %j writes only JSON', async (flags, env) => {
    const { context, written, signal, signals } = testContext(`serve --port 0 --admin-port 0 ${flags}`, env)
    const done = run(context)
    while (!written.stderr.includes('"started"'))
      await new Promise((resolve) => signals.once('written', resolve))
    signal('SIGTERM')
    expect(await done).toBe(0)
    expect(written.stdout).toBe('')
    for (const line of written.stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
  })

  it('logs the URL of its metrics when they have a separate address', async () => {
    const served = await serve('--admin-port 0')
    const { 2: third = '' } = served.stdout.split('\n')
    expect(third).toMatch(/^Metrics: http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  })

  it('reports in one line why it cannot listen', async () => {
    const occupied = createServer()
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void occupied.close())
    const { port } = occupied.address() as AddressInfo
    const { context, written } = testContext(`--port ${port}`)
    expect(await run(context)).toBe(1)
    expect(written.stderr).toBe(
      `vsphere-graphql: cannot listen on 127.0.0.1 port ${port}: the address is in use; set another port with --port, or 0 for any free port\n`,
    )
  })

  it.each([
    ['', 'the address is in use; set another port with --admin-port, or 0 for any free port'],
    [' --admin-host 192.0.2.1', 'it is not an address of this machine; see --admin-host'],
  ])('names the flag when it cannot listen on its admin address%s', async (flags, problem) => {
    const occupied = createServer()
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void occupied.close())
    const { port } = occupied.address() as AddressInfo
    const { context, written } = testContext(`--port 0 --admin-port ${port}${flags}`)
    expect(await run(context)).toBe(1)
    expect(written.stderr).toMatch(/^vsphere-graphql: cannot listen on /m)
    expect(written.stderr).toContain(`: ${problem}\n`)
  })

  it('prints nothing to stdout when it cannot start', async () => {
    const { context, written } = testContext('--port 0 --host 192.0.2.1 --allow-anonymous')
    expect(await run(context)).toBe(1)
    expect(written.stdout).toBe('')
  })

  it.each([
    [true, ''],
    [false, 'Shutting down; press Ctrl-C again to force.\n'],
  ])('reports the shutdown only in its log if both outputs are a terminal (%s)', async (isTTY, last) => {
    const { context, written, signal, until } = testContext('serve --port 0')
    const { stdout, stderr } = context
    const done = run({ ...context, stdout: { ...stdout, isTTY }, stderr: { ...stderr, isTTY } })
    await until('GraphiQL')
    const { length } = written.stdout
    signal('SIGINT')
    expect(await done).toBe(0)
    expect(written.stdout.slice(length).replace(/^.*\/graphql\n/, '')).toBe(last)
    expect(written.stderr).toContain('shutting down; press Ctrl-C again to force')
  })

  it('warns about settings that are probably mistakes', async () => {
    const served = await serve('--simulator', { READ_ONLY: 'true', VSPHERE_URI: 'https://vc' })
    expect(served.stderr).toContain('warn')
    expect(served.stderr).toContain('Ignoring environment variable READ_ONLY')
    expect(served.stderr).toContain('did you mean VSPHERE_URL?')
  })
})
