// Runs everything over real connections: queries, mutations, subscriptions, faults, dropped connections, ended sessions, a
// wrong password. Then searches all output for every secret in the input.

import { request as forward } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/observability/log.ts'
import { startServer } from '../../src/server/start-server.ts'
import { createSimulator } from '../../src/simulator/index.ts'
import { startCollector } from '../observability/collector.ts'
import { subscribe } from '../subscribe.ts'
import { startLoopbackServer } from '../transport/loopback-server.ts'
import { basic } from './auth/users.ts'

const password = 'correct horse "battery" & <staple>'
const wrongPassword = 'Tr0ub4dor&3-not-this'
const ownPassword = 'mine: hör-auf-damit-7'
const staleOwnPassword = 'mine-until-last-week'
const collectorPassword = 'collector-hunter2'
const bearer = 'bearer-eyJhbGciOiJub25lIn0'
const clientCookie = 'portal-session-1f2e3d4c'
const variable = 'a-variable-that-is-nobodys-business'
const literal = 'a-literal-that-is-nobodys-business'

/** Every encoding in which a secret may appear. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
  secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
]

/** A proxy between the gateway and a vCenter that records cookies and session keys. */
async function eavesdropOn(url: string) {
  const recorded = new Set<string>()
  const { url: address } = await startLoopbackServer((request, response) => {
    const forwarded = forward(
      new URL(request.url ?? '/', url),
      { method: request.method ?? 'GET', headers: request.headers },
      (answer) => {
        for (const cookie of answer.headers['set-cookie'] ?? [])
          recorded.add(cookie.split(';')[0]?.split('=')[1]?.replaceAll('"', '') ?? '')
        let text = ''
        answer.on('data', (piece) => {
          text += String(piece)
        })
        answer.on('end', () => {
          // The id of a vAPI session.
          if (request.method === 'POST' && request.url === '/api/session' && answer.statusCode === 201)
            recorded.add(JSON.parse(text))
          if (text.includes('<LoginResponse')) recorded.add(/<key>([^<]+)<\/key>/.exec(text)?.[1] ?? '')
        })
        answer.on('error', () => response.destroy())
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    forwarded.on('error', () => response.destroy())
    request.pipe(forwarded)
  })
  return { url: address, recorded }
}

async function run() {
  const simulator = createSimulator({
    password,
    users: [{ username: 'mine', password: ownPassword }],
    tasks: { queuedMs: 0, durationMs: 5 },
  })
  onTestFinished(() => simulator.close())
  const vcenter = await eavesdropOn((await simulator.listen()).url)
  const collector = await startCollector()
  const output = { log: '', answers: '', metrics: '' }

  const serve = async (flags: readonly string[], env: Record<string, string>, authorization: string) => {
    const config = loadServeConfig({
      argv: ['--port', '0', '--admin-port', '0', '--url', vcenter.url, ...flags],
      env: {
        ...env,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace('//', `//otel:${collectorPassword}@`),
      },
    })
    const log = createLog({
      write: (text) => {
        output.log += text
      },
    })
    const server = await startServer(config, log)
    onTestFinished(() => server.stop())
    const headers = {
      'content-type': 'application/json',
      authorization,
      cookie: `portal=${clientCookie}`,
      'x-vsphere-trace': '1',
    }
    return {
      ...server,
      headers,
      async execute(query: string, variables: Record<string, unknown> = {}) {
        const body = JSON.stringify({ query, variables })
        const response = await fetch(server.url, { method: 'POST', headers, body })
        const text = await response.text()
        output.answers += JSON.stringify([...response.headers]) + text
        return JSON.parse(text)
      },
      async probe() {
        const admin = server.adminUrl as string
        for (const path of ['/health', '/ready', '/metrics'])
          output.metrics += await (await fetch(`${admin}${path}`)).text()
      },
    }
  }

  const serveAs = (withPassword: string) =>
    serve(['--username', 'user'], { VSPHERE_PASSWORD: withPassword }, `Bearer ${bearer}`)
  const { execute, probe, stop, ...server } = await serveAs(password)
  await execute(
    'query Names { virtualMachines { nodes { name disks { label } snapshots { name } } } vcenters { name } }',
  )
  await execute('query ($v: String!) { virtualMachine(by: { name: $v }) { name } }', { v: variable })
  await execute(`{ virtualMachine(by: { path: "/${literal}" }) { name } }`)
  await execute(`{ nonsense(${literal}: 1) }`)
  const create = `mutation ($v: String!) {
    createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: $v, description: "${literal}" }) { task { state error { message } } }
  }`
  await execute(create, { v: variable })
  await execute('mutation ($v: ID!) { removeSnapshot(input: { snapshot: $v }) { task { state } } }', {
    v: variable,
  })
  await execute(
    'mutation { setChangeTracking(input: { virtualMachine: { name: "wiki-01" }, enabled: true, activate: true }) { activated } }',
  )

  await execute('{ tags { nodes { name category { name } } } hosts { nodes { tags { name } } } }')
  await execute(
    `mutation ($v: String!) {
    attachTag(input: { tag: { name: { category: "backup", name: $v } }, entities: [] }) { results { entityId } }
  }`,
    { v: variable },
  )
  const { faults, rest } = simulator
  rest.inject({ status: 401 }, /tagging/, 2)
  await execute('{ tags { nodes { name } } }')
  rest.inject({ status: 200, drop: 'unanswered' }, /session/)
  await execute('{ tags { nodes { name } } }')
  faults.fault('NoPermission', { method: 'RetrievePropertiesEx' })
  await execute('{ virtualMachines { totalCount } }')
  faults.taskFault('CreateSnapshot_Task', 'HostCommunication')
  await execute(create, { v: variable })
  for (const dropPoint of ['unread', 'unanswered', 'midBody'] as const) {
    faults.dropConnection(dropPoint, { method: 'RetrievePropertiesEx' })
    await execute('{ virtualMachines { totalCount } }')
  }
  faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
  await execute(create, { v: `${variable} 2` })
  faults.unavailable({ method: 'RetrievePropertiesEx' })
  await execute('{ hosts { totalCount } }')
  faults.expireSessions('fault')
  await execute('{ hosts { totalCount } }')
  faults.restart()
  faults.dropConnection('unanswered', { method: 'Login' })
  await execute('{ hosts { totalCount } }')
  // An outage, from which the gateway recovers by itself.
  await probe()
  await expect.poll(() => execute('{ hosts { totalCount } }')).not.toHaveProperty('errors')

  const query =
    'subscription Live { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'
  const events = await subscribe(server.url, query, {}, server.headers)
  await events.next()
  events.abortClient()
  await probe()
  await stop()

  const rejected = await serveAs(wrongPassword)
  await rejected.execute('{ virtualMachines { totalCount } }')
  await rejected.probe()
  await rejected.stop()

  for (const each of [ownPassword, staleOwnPassword]) {
    const perUser = await serve(['--auth', 'vsphere'], {}, basic('mine', each))
    await perUser.execute('query Own { virtualMachines { totalCount } }')
    await perUser.execute(create, { v: variable })
    await perUser.execute('{ tags { nodes { name } } }')
    faults.restart()
    faults.dropConnection('unanswered', { method: 'Login' })
    await perUser.execute('{ hosts { totalCount } }')
    faults.fault('NoPermission', { method: 'Login' })
    await perUser.execute('{ hosts { totalCount } }')
    await perUser.probe()
    await perUser.stop()
    faults.clear()
  }
  return { ...output, spans: collector.bodies.join('\n'), sessions: vcenter.recorded }
}

it('leaks no secret in any encoding during a whole run', async () => {
  const { log, answers, metrics, spans, sessions } = await run()
  const outputs = { log, answers, metrics, spans }

  // Ensures coverage: every kind of output and every kind of fault occurred.
  expect(sessions.size).toBeGreaterThanOrEqual(6 + 3)
  expect(log).toMatch(/"msg":"operation"/)
  expect(log).toMatch(/"audit":true/)
  for (const code of ['FORBIDDEN', 'VSPHERE_FAULT', 'VCENTER_UNAVAILABLE', 'BAD_USER_INPUT'])
    expect(log).toContain(code)
  expect(log).toContain('"level":"error"')
  expect(log).toContain('vCenter connection restored')
  expect(answers).toContain('has been unreachable since')
  expect(metrics).toMatch(/^vsphere_graphql_logins_total\{vcenter="[^"]+",outcome="refused"\} 1$/m)
  expect(metrics).toMatch(/^vsphere_graphql_logins_total\{vcenter="[^"]+",outcome="failed"\} [1-9]/m)
  expect(spans).toContain('CreateSnapshot_Task')
  expect(spans).toContain('list-attached-tags-on-objects')
  expect(answers).toContain('"vsphere":{"retrievals"')

  expect(log).toContain('"identity":"mine"')
  expect(log).toContain('the vCenter rejected this user name and password')

  const basics = [basic('mine', ownPassword), basic('mine', staleOwnPassword)].map((each) =>
    each.slice('Basic '.length),
  )
  const own = [ownPassword, staleOwnPassword, ...basics]
  const secrets = [password, wrongPassword, ...own, collectorPassword, bearer, clientCookie, ...sessions]
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8)
    for (const form of formsOf(secret))
      for (const [name, text] of Object.entries(outputs))
        expect(text.includes(form), `${name}: ${form}`).toBe(false)
  }
  // Data that a client requests appears only in its own response.
  for (const requested of [variable, literal])
    for (const [name, text] of Object.entries({ log, metrics, spans }))
      expect(text.includes(requested), `${name}: ${requested}`).toBe(false)
})
