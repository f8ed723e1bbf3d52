// JSON Web Tokens from a local issuer: which tokens are accepted, for which identity, and what happens when the issuer's keys
// change or are unavailable.

import { createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { CompactSign, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import { certificates } from '../../transport/certificates.ts'
import { startLoopbackServer } from '../../transport/loopback-server.ts'
import {
  type AuthenticatedGateway,
  startAuthenticatedGateway,
  temporaryFiles,
} from './authenticated-gateway.ts'

const issuer = 'https://id.example.com'
const flags = ['--auth', 'jwt', '--jwt-issuer', issuer, '--jwt-audience', 'gateway']

/** Leaves out an undefined claim. */
type Claims = Readonly<Record<string, unknown>>

async function createKey(kid: string, alg = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg }
  const sign = (claims: Claims = {}, header = {}) =>
    new SignJWT({ iss: issuer, aud: 'gateway', sub: 'ann', exp: inSeconds(60), role: 'reader', ...claims })
      .setProtectedHeader({ alg, kid, ...header })
      .sign(privateKey)
  return { jwk, publicKey, privateKey, sign }
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

const files = temporaryFiles()
const known = await createKey('known')
const unknownKey = await createKey('unknown')

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { iss: issuer, aud: 'gateway', sub: 'ann', exp: inSeconds(600), role: 'operator' }

/** A token signed with the text of the public key as an HMAC secret. */
async function signedWithPublicKey(): Promise<string> {
  const text = `${base64url({ alg: 'HS256', kid: 'known' })}.${base64url(claims)}`
  const signature = createHmac('sha256', await exportSPKI(known.publicKey))
    .update(text)
    .digest('base64url')
  return `${text}.${signature}`
}

/** A token with claims that JSON.stringify cannot write. */
const signedText = (change: (json: string) => string) =>
  new CompactSign(new TextEncoder().encode(change(JSON.stringify({ ...claims, exp: 'EXP' }))))
    .setProtectedHeader({ alg: 'ES256', kid: 'known' })
    .sign(known.privateKey)

const withExp = (text: string) => signedText((json) => json.replace('"EXP"', text))
const withDate = (claim: string, text: string) =>
  signedText((json) => json.replace('"EXP"', `${inSeconds(60)},"${claim}":${text}`))

async function changedAfterSigning(): Promise<string> {
  const [header, , signature] = (await known.sign()).split('.')
  return `${header}.${base64url(claims)}.${signature}`
}

describe('with keys in a file', () => {
  let gateway: AuthenticatedGateway
  const sent: string[] = []

  beforeAll(async () => {
    const keys = files.write('keys.json', JSON.stringify({ keys: [known.jwk] }))
    gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', keys)
  })

  afterAll(async () => {
    await gateway.stop()
    const all = gateway.reported.join('\n')
    for (const token of sent) expect(all).not.toContain(token.slice(-20))
  })

  const execute = (token: string, query?: string) => {
    if (token.length > 20) sent.push(token)
    return gateway.execute({ token, ...(query && { body: { query } }) })
  }

  test.each<[what: string, token: () => Promise<string> | string, message: string]>([
    ['expired', () => known.sign({ exp: inSeconds(-40) }), 'the token has expired'],
    ['without expiry', () => known.sign({ exp: undefined }), "the token's claim exp is missing"],
    ['not yet valid', () => known.sign({ nbf: inSeconds(50) }), "the token's claim nbf has an invalid value"],
    [
      'of another issuer',
      () => known.sign({ iss: 'https://evil.example.com' }),
      "the token's claim iss has an invalid value",
    ],
    ['without issuer', () => known.sign({ iss: undefined }), "the token's claim iss is missing"],
    [
      'for another audience',
      () => known.sign({ aud: 'another' }),
      "the token's claim aud has an invalid value",
    ],
    ['without audience', () => known.sign({ aud: undefined }), "the token's claim aud is missing"],
    ['without subject', () => known.sign({ sub: undefined }), "the token's claim sub is missing"],
    ['of an empty subject', () => known.sign({ sub: ' ' }), "the token's claim sub has an invalid value"],
    ['of a numeric subject', () => known.sign({ sub: 7 }), "the token's claim sub has an invalid value"],
    [
      'unsigned (alg none)',
      () => `${base64url({ alg: 'none', kid: 'known' })}.${base64url(claims)}.`,
      'the token is not valid',
    ],
    ['signed with the public key (HS256)', signedWithPublicKey, 'the token is not valid'],
    ['signed by an unknown key', () => unknownKey.sign(), 'the token is not valid'],
    [
      'signed by an unknown key with a known id',
      () => unknownKey.sign({}, { kid: 'known' }),
      'the token is not valid',
    ],
    ['modified after signing', changedAfterSigning, 'the token is not valid'],
    ['truncated', async () => (await known.sign()).slice(0, -5), 'the token is not valid'],
    ['not a JWT', () => 'abc', 'the token is not valid'],
    ['not a JWT but has dots', () => 'a.b.c', 'the token is not valid'],
    ...['1e999', '1e300', '253402300800', '"9999999999"', 'true', '[9999999999]', '{}'].map(
      (text): [string, () => Promise<string>, string] => [
        `expiring at ${text}`,
        () => withExp(text),
        "the token's claim exp has an invalid value",
      ],
    ),
    ['of an expiry of null', () => withExp('null'), "the token's claim exp has an invalid value"],
    ['of an expiry before 1970', () => withExp('-1'), 'the token has expired'],
    ['of an expiry of -1e999', () => withExp('-1e999'), 'the token has expired'],
    ...['nbf', 'iat'].flatMap((claim) =>
      ['1e999', '-1e999', '-1', '1e300', '"1"', 'false', '[]'].map(
        (text): [string, () => Promise<string>, string] => [
          `of ${claim} ${text}`,
          () => withDate(claim, text),
          `the token's claim ${claim} has an invalid value`,
        ],
      ),
    ),
  ])('rejects a token that is %s', async (_, token, message) => {
    const { status, headers, result } = await execute(await token())
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer realm="vsphere-graphql", error="invalid_token"')
    expect(result.errors).toMatchObject([
      { message, extensions: { code: 'UNAUTHENTICATED', retryable: false } },
    ])
  })

  test('accepts fractional times', async () => {
    expect(await execute(await withExp(`${inSeconds(60)}.5`))).toMatchObject({ status: 200 })
    expect(await execute(await withDate('nbf', '0.5'))).toMatchObject({ status: 200 })
  })

  test('tolerates a clock skew of half a minute', async () => {
    expect(await execute(await known.sign({ exp: inSeconds(-20) }))).toMatchObject({ status: 200 })
    expect(await execute(await known.sign({ nbf: inSeconds(20) }))).toMatchObject({ status: 200 })
  })

  test.each<[role: unknown, allowed: 'nothing' | 'reading' | 'changing']>([
    ['reader', 'reading'],
    ['operator', 'changing'],
    [['reader'], 'reading'],
    [['other', 'operator', 'reader'], 'changing'],
    ['power', 'reading'],
    ['openid reader', 'reading'],
    [undefined, 'nothing'],
    ['', 'nothing'],
    ['Operator', 'nothing'],
    ['operators', 'nothing'],
    [[['operator']], 'nothing'],
    [{ operator: true }, 'nothing'],
    [true, 'nothing'],
  ])('maps the role %j to %s', async (role, allowed) => {
    const token = await known.sign({ role })
    const read = await execute(token)
    const change = await execute(token, 'mutation { cancelTask(input: { task: "x" }) { task { id } } }')
    expect(read.status).toBe(allowed === 'nothing' ? 403 : 200)
    expect(change.result.errors[0].extensions.code).toBe(
      allowed === 'changing' ? 'BAD_USER_INPUT' : 'ROLE_REQUIRED',
    )
    if (allowed !== 'nothing') return
    expect(read.headers['www-authenticate']).toBe(
      'Bearer realm="vsphere-graphql", error="insufficient_scope"',
    )
    expect(read.result.errors).toMatchObject([
      {
        message: "the token's claim role contains no role: reader, power, operator",
        extensions: { code: 'ROLE_REQUIRED', requiredRole: 'READER', remedy: expect.any(String) },
      },
    ])
    expect(await gateway.logged('"identity":"ann","status":403')).toContain('authentication failed')
  })

  test('escapes a name that would forge a log line', async () => {
    const token = await known.sign({ sub: 'ann\n2026-01-01 info all is well' })
    await execute(token, 'mutation { cancelTask(input: { task: "x" }) { task { id } } }')
    expect(await gateway.logged('all is well')).toMatch(
      /^mutation denied: requires the role operator .*"identity":"ann\\n2026-01-01 info all is well","role":"reader"/,
    )
  })

  test('truncates a long name in the log', async () => {
    const token = await known.sign({ sub: 'long '.repeat(1_000) })
    await execute(token, 'mutation { cancelTask(input: { task: "x" }) { task { id } } }')
    expect((await gateway.logged('long long')).length).toBeLessThan(1_000)
  })
})

test('reloads changed keys', async () => {
  const keys = files.write('changed.json', JSON.stringify({ keys: [known.jwk] }))
  const gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', keys)
  onTestFinished(() => gateway.stop())
  const execute = async (token: Promise<string>) => gateway.execute({ token: await token })
  const next = await createKey('next')
  files.write('changed.json', JSON.stringify({ keys: [next.jwk] }))
  await gateway.logged('--jwt-jwks reloaded')
  expect(await execute(next.sign())).toMatchObject({ status: 200 })
  expect(await execute(known.sign())).toMatchObject({ status: 401 })
  files.write('changed.json', '{')
  await gateway.logged('--jwt-jwks must contain a JSON Web Key Set')
  expect(await execute(next.sign())).toMatchObject({ status: 200 })
})

test.each<[claim: string, claims: Claims]>([
  ['realm_access.roles', { realm_access: { roles: ['operator'] } }],
  ['https://example.com/role', { 'https://example.com/role': 'operator' }],
  ['scope', { scope: 'openid operator' }],
])('accepts the role in %s', async (claim, content) => {
  const keys = files.write('keys.json', JSON.stringify({ keys: [known.jwk] }))
  const gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', keys, '--jwt-role-claim', claim)
  onTestFinished(() => gateway.stop())
  expect(await gateway.execute({ token: await known.sign({ role: undefined, ...content }) })).toMatchObject({
    status: 200,
  })
  expect(await gateway.execute({ token: await known.sign({ role: 'operator' }) })).toMatchObject({
    status: 403,
  })
})

test.each(['RS256', 'PS384', 'ES384', 'EdDSA'])('accepts tokens signed by %s', async (alg) => {
  const key = await createKey('key', alg)
  const keys = files.write('keys.json', JSON.stringify({ keys: [key.jwk] }))
  const gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', keys)
  onTestFinished(() => gateway.stop())
  expect(await gateway.execute({ token: await key.sign() })).toMatchObject({ status: 200 })
})

describe('with keys at a URL', () => {
  // The library measures the interval between two key requests with Date.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())
  const advanceTime = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

  async function startIssuer() {
    const state = { keys: [known.jwk], status: 200, requested: 0 }
    const { url } = await startLoopbackServer((_, response) => {
      state.requested += 1
      response.writeHead(state.status).end(JSON.stringify({ keys: state.keys }))
    })
    const gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', `${url}/keys`)
    onTestFinished(() => gateway.stop())
    const statusOf = async (token: Promise<string>) => (await gateway.execute({ token: await token })).status
    return { state, gateway, statusOf }
  }

  test('requests the keys once for any number of tokens', async () => {
    const { state, statusOf } = await startIssuer()
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(known.sign())))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(state.requested).toBe(1)
  })

  test('requests a new key, but not for every token that names an unknown one', async () => {
    const { state, statusOf } = await startIssuer()
    expect(await statusOf(known.sign())).toBe(200)
    const next = await createKey('next')
    state.keys = [known.jwk, next.jwk]
    for (let time = 0; time < 5; time += 1) expect(await statusOf(unknownKey.sign())).toBe(401)
    expect(state.requested).toBe(1)
    advanceTime(31)
    expect(await statusOf(next.sign())).toBe(200)
    expect(await statusOf(known.sign())).toBe(200)
    expect(state.requested).toBe(2)
  })

  test('stops accepting a revoked key after some minutes', async () => {
    const { state, statusOf } = await startIssuer()
    expect(await statusOf(known.sign())).toBe(200)
    state.keys = [unknownKey.jwk]
    advanceTime(301)
    await expect.poll(() => statusOf(known.sign())).toBe(401)
  })

  test('rejects all callers while no key is available, and reports that the token is not at fault', async () => {
    const { state, gateway, statusOf } = await startIssuer()
    state.status = 500
    const { status, headers, result } = await gateway.execute({ token: await known.sign() })
    expect(status).toBe(503)
    expect(headers).toMatchObject({ 'retry-after': '10' })
    expect(headers['www-authenticate']).toBeUndefined()
    expect(result.errors).toMatchObject([
      {
        message: 'the keys that verify tokens are unavailable',
        extensions: { code: 'UNAUTHENTICATED', retryable: true, remedy: expect.stringContaining('again') },
      },
    ])
    expect(await statusOf(known.sign())).toBe(503)
    expect(gateway.reported.filter((line) => line.startsWith('the keys'))).toEqual([
      expect.stringMatching(
        /^the keys of --jwt-jwks cannot be fetched from http:.*: Expected 200 OK from the JSON Web Key Set HTTP response$/,
      ),
    ])
    state.status = 200
    advanceTime(31)
    expect(await statusOf(known.sign())).toBe(200)
    expect(gateway.reported).toContain('the keys of --jwt-jwks can be fetched again')
  })

  test('requests keys at most twice a minute from a failing issuer, whatever callers send', async () => {
    const { state, statusOf } = await startIssuer()
    state.status = 500
    for (let time = 0; time < 5; time += 1) expect(await statusOf(known.sign())).toBe(503)
    expect(state.requested).toBe(1)
    state.status = 200
    advanceTime(31)
    expect(await statusOf(known.sign())).toBe(200)
    state.status = 500
    advanceTime(31)
    const unauthenticatedClients = Array.from({ length: 5 }, () => statusOf(unknownKey.sign()))
    expect(await Promise.all(unauthenticatedClients)).toEqual(Array(5).fill(503))
    for (let time = 0; time < 5; time += 1) expect(await statusOf(unknownKey.sign())).toBe(503)
    expect(await statusOf(known.sign())).toBe(200)
    expect(state.requested).toBe(3)
  })

  test('does not read an endless response to its end', async () => {
    const chunk = ' '.repeat(100_000)
    let sent = 0
    function* pieces() {
      for (; sent < 1_000; sent += 1) yield chunk
    }
    const { url } = await startLoopbackServer((_, response) =>
      Readable.from(pieces())
        .pipe(response)
        .on('error', () => {}),
    )
    const gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', `${url}/keys`)
    onTestFinished(() => gateway.stop())
    expect(await gateway.execute({ token: await known.sign() })).toMatchObject({ status: 503 })
    expect(await gateway.logged('cannot be fetched')).toContain('the response is larger than 1000000 bytes')
    expect(sent).toBeLessThan(1_000)
  })

  test("logs the URL and how to add the certificate authority to Node when the issuer's certificate is untrusted", async () => {
    const issuer = await startLoopbackServer((_, response) => response.end(), certificates.signed)
    const gateway = await startAuthenticatedGateway(...flags, '--jwt-jwks', `${issuer.url}/keys?key=s3cret`)
    onTestFinished(() => gateway.stop())
    expect(await gateway.execute({ token: await known.sign() })).toMatchObject({ status: 503 })
    await gateway.logged(`${issuer.url}/keys: `)
    expect(gateway.reported.join()).toContain('NODE_EXTRA_CA_CERTS')
    expect(gateway.reported.join()).not.toContain('s3cret')
  })

  test('uses the known keys for an hour while the issuer does not respond', async () => {
    const { state, gateway, statusOf } = await startIssuer()
    expect(await statusOf(known.sign())).toBe(200)
    state.status = 503
    advanceTime(30 * 60)
    expect(await statusOf(known.sign())).toBe(200)
    await gateway.logged('the keys of --jwt-jwks cannot be fetched')
    expect(await statusOf(known.sign())).toBe(200)
    advanceTime(31 * 60)
    expect(await statusOf(known.sign())).toBe(503)
    state.status = 200
    advanceTime(31)
    expect(await statusOf(known.sign())).toBe(200)
    expect(gateway.reported.filter((line) => line.startsWith('the keys'))).toHaveLength(2)
  })
})

afterAll(() => files.clear())
