// Token and certificate files that change at runtime: valid changes are applied, and invalid ones are ignored.

import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { subscribe } from '../../subscribe.ts'
import { certificates } from '../../transport/certificates.ts'
import { startAuthenticatedGateway, temporaryFiles } from './authenticated-gateway.ts'

const files = temporaryFiles()
afterAll(() => files.clear())

const first = 'first-1679091c5a880faf6fb5e6087eb1b2dc'
const second = 'second-8f14e45fceea167a5a36dedd4bea2543'

async function start(...flags: string[]) {
  const gateway = await startAuthenticatedGateway(...flags)
  onTestFinished(async () => {
    await gateway.stop()
    expect(gateway.reported.join('\n')).not.toMatch(/first-1679|second-8f14|PRIVATE/)
  })
  return gateway
}

test('reloads a changed token file, and keeps the last tokens when it is broken or deleted', async () => {
  const gateway = await start('--auth', 'token', '--token-file', files.write('tokens', `a reader ${first}\n`))
  const mutation = { query: 'mutation { cancelTask(input: { task: "x" }) { task { id } } }' }
  const statusOf = async (token: string) => (await gateway.execute({ token })).status
  const codeOf = async (token: string) =>
    (await gateway.execute({ token, body: mutation })).result.errors[0].extensions.code
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 401])
  expect(await codeOf(first)).toBe('ROLE_REQUIRED')

  files.write('tokens', `a operator ${first}\nb reader ${second}\n`)
  await gateway.logged('--token-file reloaded')
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200])
  expect(await codeOf(first)).toBe('BAD_USER_INPUT')

  files.write('tokens', `a operator ${first}\nb reader\n`)
  expect(await gateway.logged('line 2')).toBe(
    '--token-file, line 2: the line must have three words: NAME ROLE TOKEN. The previous contents stay in use.',
  )
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200])

  files.remove('tokens')
  await gateway.logged('--token-file (TOKEN_FILE) cannot be read: no such file (')
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200])

  files.write('tokens', `b reader ${second}\n`)
  await expect.poll(() => statusOf(first)).toBe(401)
  expect(await statusOf(second)).toBe(200)

  files.write('tokens', '# none\n')
  await gateway.logged('--token-file contains no token: all operations are rejected')
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 401])
})

test('reloads a changed file of capture keys, and still recognizes captures of the older key', async () => {
  const tokenFile = files.write('tokens', `a operator ${first}\n`)
  const older = 'first-1679091c5a880faf6fb5e6087eb1b2dc-capture'
  const keyFile = files.write('keys', older)
  const gateway = await start('--auth', 'token', '--token-file', tokenFile, '--capture-key-file', keyFile)
  const execute = async (query: string) => (await gateway.execute({ token: first, body: { query } })).result
  const { data } = await execute(
    'mutation { captureChanges(input: { virtualMachine: { name: "web-01" }, idempotencyKey: "a" }) { capture { snapshot { id } } } }',
  )
  files.write('keys', `second-8f14e45fceea167a5a36dedd4bea2543\n${older}\n`)
  await gateway.logged('--capture-key-file reloaded')
  files.write('keys', 'too short')
  await gateway.logged('must have at least 32 characters. The previous contents stay in use.')
  const { id } = data.captureChanges.capture.snapshot
  const released = await execute(
    `mutation { releaseCapture(input: { snapshot: "${id}" }) { task { state } } }`,
  )
  expect(released).toEqual({ data: { releaseCapture: { task: { state: 'SUCCESS' } } } })
})

test('ends the subscriptions of a revoked token at their next event', async () => {
  const gateway = await start(
    '--auth',
    'token',
    '--token-file',
    files.write('tokens', `a operator ${first}\n`),
  )
  const { machine } = gateway.simulator.inventory
  const events = await subscribe(
    gateway.url,
    'subscription { inventoryChanges(filter: { virtualMachine: { name: { eq: "web-01" } } }) { initial changes { entity { ... on VirtualMachine { currentSnapshot { name } } } } } }',
    {},
    { authorization: `Bearer ${first}` },
  )
  expect(await events.next()).toMatchObject({ data: { inventoryChanges: { initial: true } } })
  expect(await events.next()).toMatchObject({ data: { inventoryChanges: { initial: false } } })
  files.write('tokens', `b operator ${second}\n`)
  await gateway.logged('reloaded')
  await gateway.execute({
    token: second,
    body: {
      query:
        'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x" }) { task { state } } }',
    },
  })
  expect(machine('web-01').currentSnapshot?.name).toBe('x')
  expect(await events.remaining()).toMatchObject([
    { errors: [{ message: 'the token is unknown', extensions: { code: 'UNAUTHENTICATED' } }] },
  ])
})

test('serves a changed certificate, and never a broken one', async () => {
  const { signed, selfSigned, otherName } = certificates
  const gateway = await start(
    ...['--tls-cert', files.write('cert.pem', signed.cert), '--tls-key', files.write('key.pem', signed.key)],
  )
  const presentedThumbprint = () =>
    new Promise<string>((resolve, reject) => {
      const port = Number(new URL(gateway.url).port)
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(new X509Certificate(socket.getPeerCertificate().raw).fingerprint256)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  expect(await presentedThumbprint()).toBe(signed.thumbprint)

  files.write('cert.pem', selfSigned.cert)
  await gateway.logged(
    '--tls-key is not the key of the certificate in --tls-cert. The previous contents stay in use.',
  )
  expect(await presentedThumbprint()).toBe(signed.thumbprint)
  files.write('key.pem', selfSigned.key)
  await gateway.logged('the certificate of --tls-cert reloaded')
  expect(await presentedThumbprint()).toBe(selfSigned.thumbprint)

  files.write('cert.pem', 'no certificate')
  await gateway.logged('--tls-cert must contain a PEM certificate. The previous contents stay in use.')
  files.write('key.pem', otherName.key)
  files.write('cert.pem', otherName.cert)
  await expect.poll(presentedThumbprint).toBe(otherName.thumbprint)
})

test('shuts down a TLS server gracefully, and completes running requests', async () => {
  const { signed } = certificates
  const gateway = await startAuthenticatedGateway(
    ...['--tls-cert', files.write('cert.pem', signed.cert), '--tls-key', files.write('key.pem', signed.key)],
  )
  expect(await gateway.execute({ path: '/ready' })).toMatchObject({ status: 200 })
  const pause = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const answer = gateway.execute({ body: { query: '{ virtualMachines { totalCount } }' } })
  await pause.waitFor()
  const stopped = gateway.stop()
  pause.release()
  expect((await answer).result).toEqual({ data: { virtualMachines: { totalCount: 20 } } })
  await stopped
})
