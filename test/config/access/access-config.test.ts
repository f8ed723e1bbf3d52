// Authentication settings on the command line and in the environment, and the settings that startup rejects.

import { describe, expect, it } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { loadServeConfig } from '../../../src/config/config.ts'
import { testContext } from '../../cli/test-context.ts'
import { certificates } from '../../transport/certificates.ts'

const { signed, selfSigned } = certificates
const token = 'a87ff679a2f3e71d9181a67b7542122c'
const publicKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

const files: Readonly<Record<string, string>> = {
  tokens: `a reader ${token}\n`,
  'bad-tokens': 'a nobody x\n',
  'cert.pem': signed.cert,
  'key.pem': signed.key,
  'other-key.pem': selfSigned.key,
  'keys.json': JSON.stringify({ keys: [publicKey] }),
  'no-tokens': '# none yet\n\n',
  'private.json': JSON.stringify({
    keys: [{ ...publicKey, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }],
  }),
  'secret.json': JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }),
  'empty.json': '{"keys":[]}',
  text: 'some text',
}

function load(argv: string, env: Record<string, string> = {}) {
  const readFile = (path: string) => {
    const contents = files[path]
    if (contents !== undefined) return contents
    throw Object.assign(new Error(path), { code: 'ENOENT' })
  }
  return loadServeConfig({ argv: argv.split(' ').filter(Boolean), env, readFile })
}

const tls = '--tls-cert cert.pem --tls-key key.pem'
const jwt = '--auth jwt --jwt-issuer https://id.example.com --jwt-audience gateway'
const issuer = 'https://id.example.com'

describe('authentication', () => {
  it.each<[string, string, Record<string, string>, object]>([
    ['everybody on this machine', '', {}, { auth: { mode: 'none' }, tls: undefined }],
    ['everybody on this machine, by another of its names', '--host ::1', {}, { auth: { mode: 'none' } }],
    ['everybody, where that is said', '--host 0.0.0.0 --allow-anonymous', {}, { auth: { mode: 'none' } }],
    [
      'whoever has a token, on this machine',
      '--auth token --token-file tokens',
      {},
      { auth: { mode: 'token', tokenFile: 'tokens' } },
    ],
    [
      'whoever has a token, over TLS',
      `--host :: --auth token --token-file tokens ${tls}`,
      {},
      { tls: { certFile: 'cert.pem', keyFile: 'key.pem' } },
    ],
    [
      'whoever has a token, behind a proxy',
      '--host 0.0.0.0 --auth token --token-file tokens --trust-proxy',
      {},
      { tls: undefined },
    ],
    [
      'what the environment says',
      '',
      { AUTH: 'token', TOKEN_FILE: 'tokens', TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem', HOST: '0.0.0.0' },
      { auth: { mode: 'token', tokenFile: 'tokens' }, tls: { certFile: 'cert.pem' } },
    ],
    [
      'whom an issuer names, by its URL',
      `${jwt} --jwt-jwks https://id.example.com/keys`,
      {},
      {
        auth: {
          mode: 'jwt',
          issuer,
          audience: 'gateway',
          keys: { url: 'https://id.example.com/keys' },
          roleClaim: 'role',
        },
      },
    ],
    [
      'whom an issuer on this machine names',
      `${jwt} --jwt-jwks http://localhost:9/keys`,
      {},
      { auth: { keys: { url: 'http://localhost:9/keys' } } },
    ],
    [
      'whom an issuer names, by a file',
      '--jwt-role-claim realm_access.roles',
      { AUTH: 'jwt', JWT_ISSUER: issuer, JWT_AUDIENCE: 'gateway', JWT_JWKS: 'keys.json' },
      { auth: { mode: 'jwt', issuer, keys: { file: 'keys.json' }, roleClaim: 'realm_access.roles' } },
    ],
    [
      'people as themselves, on this machine',
      '--auth vsphere',
      {},
      { auth: { mode: 'vsphere', maxSessions: 100, idleTimeoutMs: 600_000 }, vcenter: undefined },
    ],
    [
      'people as themselves, over TLS, and how long their sessions last',
      `--host :: --auth vsphere --max-sessions 5 --session-idle-timeout 60 --url https://vc ${tls}`,
      {},
      { auth: { mode: 'vsphere', maxSessions: 5, idleTimeoutMs: 60_000 }, vcenter: { account: undefined } },
    ],
    [
      'people as themselves, as the environment says',
      '',
      { AUTH: 'vsphere', MAX_SESSIONS: '7', SESSION_IDLE_TIMEOUT: '8', VSPHERE_URL: 'vc' },
      { auth: { mode: 'vsphere', maxSessions: 7, idleTimeoutMs: 8_000 } },
    ],
    [
      'the same beside govc’s variables',
      '',
      { GOVC_URL: 'https://u:p@vc', AUTH: 'token', TOKEN_FILE: 'tokens' },
      { auth: { mode: 'token' } },
    ],
  ])('is configured as %s', (_, argv, env, config) => {
    expect(load(argv, env)).toMatchObject(config)
  })
})

const anonymous =
  /^--host \(HOST\) opens the gateway to other machines, and anyone there could use the gateway: .*--allow-anonymous$/
const ownAccount = (what: string) =>
  `${what} and --auth vsphere exclude each other: everybody logs in as themselves`
const passwordsInTheClear =
  /^--host \(HOST\) opens the gateway to other machines, and passwords would be sent in the clear: .*--trust-proxy/
const inTheClear =
  /^--host \(HOST\) opens the gateway to other machines, and tokens would be sent in the clear: .*--tls-cert and --tls-key.*--trust-proxy/

describe('startup', () => {
  it.each<[string, string, Record<string, string>, string | RegExp]>([
    ['nobody asked, on a network', '--host 0.0.0.0', {}, anonymous],
    ['the same from the environment', '', { HOST: '::' }, anonymous],
    ['the same on one address', '--host 192.0.2.7', {}, anonymous],
    ['the same by a name', '--host gateway.example.com', {}, anonymous],
    ['the same over TLS', `--host 0.0.0.0 ${tls}`, {}, anonymous],
    ['the same behind a proxy', '--host 0.0.0.0 --trust-proxy', {}, anonymous],
    ['tokens in the clear', '--host 0.0.0.0 --auth token --token-file tokens', {}, inTheClear],
    ['JSON Web Tokens in the clear', `--host 192.0.2.7 ${jwt} --jwt-jwks keys.json`, {}, inTheClear],
    ['passwords in the clear', '--host 0.0.0.0 --auth vsphere', {}, passwordsInTheClear],
    [
      'an account beside everybody’s own',
      '--auth vsphere --url vc --username gateway',
      {},
      ownAccount('--username (VSPHERE_USERNAME)'),
    ],
    [
      'the same from the environment',
      '--auth vsphere',
      { VSPHERE_URL: 'vc', VSPHERE_USERNAME: 'gateway' },
      ownAccount('--username (VSPHERE_USERNAME)'),
    ],
    [
      'the same from govc’s variables',
      '--auth vsphere',
      { GOVC_URL: 'vc', GOVC_USERNAME: 'gateway' },
      ownAccount('--username (GOVC_USERNAME)'),
    ],
    [
      'a password beside everybody’s own',
      '--auth vsphere --url vc',
      { VSPHERE_PASSWORD: token },
      ownAccount('VSPHERE_PASSWORD'),
    ],
    [
      'its file',
      '--auth vsphere --url vc --password-file text',
      {},
      ownAccount('--password-file (VSPHERE_PASSWORD_FILE)'),
    ],
    [
      'an account in the URL',
      `--auth vsphere --url gateway:${token}@vc`,
      {},
      ownAccount('a user or password in --url (VSPHERE_URL)'),
    ],
    [
      'a number of sessions where there is one',
      '--max-sessions 5',
      {},
      '--max-sessions (MAX_SESSIONS) needs --auth vsphere',
    ],
    [
      'how long sessions last, where there is one',
      '--auth token --token-file tokens --session-idle-timeout 5',
      {},
      '--session-idle-timeout (SESSION_IDLE_TIMEOUT) needs --auth vsphere',
    ],
    [
      'no session at all',
      '--auth vsphere --max-sessions 0',
      {},
      '--max-sessions (MAX_SESSIONS) must be a whole number from 1 to 10000',
    ],
    [
      'everybody and everybody as themselves',
      '--auth vsphere --allow-anonymous',
      {},
      '--allow-anonymous and --auth vsphere exclude each other',
    ],
    [
      'everybody and somebody',
      '--auth token --token-file tokens --allow-anonymous',
      {},
      '--allow-anonymous and --auth token exclude each other',
    ],
    [
      'a mode that is none',
      '--auth basic',
      {},
      '--auth (AUTH) must be none, token, jwt or vsphere, not "ba…" (5 characters)',
    ],
    ['a file without tokens', '--auth token --token-file no-tokens', {}, '--token-file holds no token'],
    ['tokens from nowhere', '--auth token', {}, '--auth token needs --token-file (TOKEN_FILE)'],
    [
      'tokens of a file that is not there',
      '--auth token --token-file gone',
      {},
      '--token-file (TOKEN_FILE) cannot be read: there is no such file',
    ],
    [
      'tokens of a broken file',
      '--auth token --token-file bad-tokens',
      {},
      '--token-file, line 1: the role must be reader or operator',
    ],
    [
      'a token file that nobody asked for',
      '--token-file tokens',
      {},
      '--token-file (TOKEN_FILE) needs --auth token',
    ],
    [
      'the same from the environment',
      '',
      { TOKEN_FILE: 'tokens' },
      '--token-file (TOKEN_FILE) needs --auth token',
    ],
    [
      'a token given as the file',
      `--auth token --token-file ${token}`,
      {},
      '--token-file (TOKEN_FILE) cannot be read: there is no such file',
    ],
    ['JWT without an issuer', '--auth jwt', {}, '--auth jwt needs --jwt-issuer (JWT_ISSUER)'],
    [
      'JWT without an audience',
      '--auth jwt --jwt-issuer x',
      {},
      '--auth jwt needs --jwt-audience (JWT_AUDIENCE)',
    ],
    ['JWT without keys', jwt, {}, '--auth jwt needs --jwt-jwks (JWT_JWKS)'],
    [
      'keys over http',
      `${jwt} --jwt-jwks http://id.example.com/keys`,
      {},
      '--jwt-jwks (JWT_JWKS) must be a file or begin with https://',
    ],
    [
      'keys by ftp',
      `${jwt} --jwt-jwks ftp://id.example.com/keys`,
      {},
      '--jwt-jwks (JWT_JWKS) must be a file or begin with https://',
    ],
    [
      'keys from a URL with a password',
      `${jwt} --jwt-jwks https://u:${token}@id.example.com/keys`,
      {},
      '--jwt-jwks (JWT_JWKS) must not carry a password',
    ],
    ['keys that are none', `${jwt} --jwt-jwks text`, {}, '--jwt-jwks must hold a JSON Web Key Set'],
    ['no keys', `${jwt} --jwt-jwks empty.json`, {}, '--jwt-jwks must hold a JSON Web Key Set'],
    [
      'a private key among them',
      `${jwt} --jwt-jwks private.json`,
      {},
      '--jwt-jwks holds a private or a secret key: give the public keys alone',
    ],
    [
      'a secret key among them',
      `${jwt} --jwt-jwks secret.json`,
      {},
      '--jwt-jwks holds a private or a secret key',
    ],
    [
      'a role claim without tokens',
      '--jwt-role-claim role',
      {},
      '--jwt-role-claim (JWT_ROLE_CLAIM) needs --auth jwt',
    ],
    [
      'a certificate without a key',
      '--tls-cert cert.pem',
      {},
      '--tls-cert (TLS_CERT) needs --tls-key (TLS_KEY)',
    ],
    [
      'a key without a certificate',
      '--tls-key key.pem',
      {},
      '--tls-key (TLS_KEY) needs --tls-cert (TLS_CERT)',
    ],
    [
      'a certificate that is none',
      '--tls-cert text --tls-key key.pem',
      {},
      '--tls-cert must hold a certificate in PEM',
    ],
    [
      'a key that is none',
      '--tls-cert cert.pem --tls-key text',
      {},
      '--tls-key must hold a private key in PEM, without a passphrase',
    ],
    [
      'another’s key',
      '--tls-cert cert.pem --tls-key other-key.pem',
      {},
      '--tls-key is not the key of the certificate in --tls-cert',
    ],
    [
      'a certificate that is not there',
      '--tls-cert gone --tls-key key.pem',
      {},
      '--tls-cert (TLS_CERT) cannot be read: there is no such file',
    ],
  ])('rejects %s: %s %j', (_, argv, env, message) => {
    let reported = ''
    try {
      load(argv, env)
    } catch (error) {
      expect(error).toMatchObject({ name: 'ConfigError' })
      reported = (error as Error).message
    }
    if (typeof message === 'string') expect(reported).toContain(message)
    else expect(reported).toMatch(message)
    expect(reported).not.toContain('\n')
    expect(reported).not.toContain(token)
    expect(reported).not.toContain('PRIVATE')
  })

  it.each([
    ['--host 0.0.0.0', '--allow-anonymous'],
    ['--auth token', '--token-file'],
    ['--tls-cert x', '--tls-key'],
  ])('rejects %s on the command line with one line that names %s, and exits with 2', async (argv, flag) => {
    const { context, written } = testContext(`serve --port 0 ${argv}`)
    expect(await run(context)).toBe(2)
    expect(written.stdout).toBe('')
    expect(written.stderr).toMatch(/^vsphere-graphql: [^\n]+\n$/)
    expect(written.stderr).toContain(flag)
  })
})
