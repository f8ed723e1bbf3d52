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
  'bad-tokens': 'a guest x\n',
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
    ['no authentication on loopback', '', {}, { auth: { mode: 'none' }, tls: undefined }],
    ['no authentication on another loopback address', '--host ::1', {}, { auth: { mode: 'none' } }],
    [
      'no authentication when set explicitly',
      '--host 0.0.0.0 --allow-anonymous',
      {},
      { auth: { mode: 'none' } },
    ],
    [
      'tokens on loopback',
      '--auth token --token-file tokens',
      {},
      { auth: { mode: 'token', tokenFile: 'tokens' } },
    ],
    [
      'tokens over TLS',
      `--host :: --auth token --token-file tokens ${tls}`,
      {},
      { tls: { certFile: 'cert.pem', keyFile: 'key.pem' } },
    ],
    [
      'tokens behind a proxy',
      '--host 0.0.0.0 --auth token --token-file tokens --trust-proxy',
      {},
      { tls: undefined },
    ],
    [
      'tokens from the environment',
      '',
      { AUTH: 'token', TOKEN_FILE: 'tokens', TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem', HOST: '0.0.0.0' },
      { auth: { mode: 'token', tokenFile: 'tokens' }, tls: { certFile: 'cert.pem' } },
    ],
    [
      'JWT with keys from the URL of an issuer',
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
      'JWT of a local issuer',
      `${jwt} --jwt-jwks http://localhost:9/keys`,
      {},
      { auth: { keys: { url: 'http://localhost:9/keys' } } },
    ],
    [
      'JWT with keys from a file',
      '--jwt-role-claim realm_access.roles',
      { AUTH: 'jwt', JWT_ISSUER: issuer, JWT_AUDIENCE: 'gateway', JWT_JWKS: 'keys.json' },
      { auth: { mode: 'jwt', issuer, keys: { file: 'keys.json' }, roleClaim: 'realm_access.roles' } },
    ],
    [
      'vSphere accounts on loopback',
      '--auth vsphere',
      {},
      { auth: { mode: 'vsphere', maxSessions: 100, idleTimeoutMs: 600_000 }, vcenter: undefined },
    ],
    [
      'vSphere accounts over TLS, with session limits',
      `--host :: --auth vsphere --max-sessions 5 --session-idle-timeout 60 --url https://vc ${tls}`,
      {},
      { auth: { mode: 'vsphere', maxSessions: 5, idleTimeoutMs: 60_000 }, vcenter: { account: undefined } },
    ],
    [
      'vSphere accounts from the environment',
      '',
      { AUTH: 'vsphere', MAX_SESSIONS: '7', SESSION_IDLE_TIMEOUT: '8', VSPHERE_URL: 'vc' },
      { auth: { mode: 'vsphere', maxSessions: 7, idleTimeoutMs: 8_000 } },
    ],
    [
      "tokens beside govc's variables",
      '',
      { GOVC_URL: 'https://u:p@vc', AUTH: 'token', TOKEN_FILE: 'tokens' },
      { auth: { mode: 'token' } },
    ],
  ])('is configured as %s', (_, argv, env, config) => {
    expect(load(argv, env)).toMatchObject(config)
  })
})

const anonymous =
  /^--host \(HOST\) exposes the gateway to other machines without authentication: .*--allow-anonymous$/
const ownAccount = (what: string) =>
  `${what} and --auth vsphere are mutually exclusive: each user logs in with their own account`
const cleartextPasswords =
  /^--host \(HOST\) exposes the gateway to other machines, and passwords would be sent in clear text: .*--trust-proxy/
const cleartextTokens =
  /^--host \(HOST\) exposes the gateway to other machines, and tokens would be sent in clear text: .*--tls-cert and --tls-key.*--trust-proxy/

describe('startup', () => {
  it.each<[string, string, Record<string, string>, string | RegExp]>([
    ['no authentication on a network', '--host 0.0.0.0', {}, anonymous],
    ['no authentication on a network, from the environment', '', { HOST: '::' }, anonymous],
    ['no authentication on one address', '--host 192.0.2.7', {}, anonymous],
    ['no authentication on a host name', '--host gateway.example.com', {}, anonymous],
    ['no authentication over TLS', `--host 0.0.0.0 ${tls}`, {}, anonymous],
    ['no authentication behind a proxy', '--host 0.0.0.0 --trust-proxy', {}, anonymous],
    ['tokens in clear text', '--host 0.0.0.0 --auth token --token-file tokens', {}, cleartextTokens],
    ['JSON Web Tokens in clear text', `--host 192.0.2.7 ${jwt} --jwt-jwks keys.json`, {}, cleartextTokens],
    ['passwords in clear text', '--host 0.0.0.0 --auth vsphere', {}, cleartextPasswords],
    [
      'a service account beside user accounts',
      '--auth vsphere --url vc --username gateway',
      {},
      ownAccount('--username (VSPHERE_USERNAME)'),
    ],
    [
      'a service account from the environment beside user accounts',
      '--auth vsphere',
      { VSPHERE_URL: 'vc', VSPHERE_USERNAME: 'gateway' },
      ownAccount('--username (VSPHERE_USERNAME)'),
    ],
    [
      "a service account from govc's variables beside user accounts",
      '--auth vsphere',
      { GOVC_URL: 'vc', GOVC_USERNAME: 'gateway' },
      ownAccount('--username (GOVC_USERNAME)'),
    ],
    [
      'a service password beside user accounts',
      '--auth vsphere --url vc',
      { VSPHERE_PASSWORD: token },
      ownAccount('VSPHERE_PASSWORD'),
    ],
    [
      'a service password file beside user accounts',
      '--auth vsphere --url vc --password-file text',
      {},
      ownAccount('--password-file (VSPHERE_PASSWORD_FILE)'),
    ],
    [
      'a service account in the URL beside user accounts',
      `--auth vsphere --url gateway:${token}@vc`,
      {},
      ownAccount('a user or password in --url (VSPHERE_URL)'),
    ],
    [
      'a session limit with a service account',
      '--max-sessions 5',
      {},
      '--max-sessions (MAX_SESSIONS) needs --auth vsphere',
    ],
    [
      'a session timeout with a service account',
      '--auth token --token-file tokens --session-idle-timeout 5',
      {},
      '--session-idle-timeout (SESSION_IDLE_TIMEOUT) needs --auth vsphere',
    ],
    [
      'a session limit of zero',
      '--auth vsphere --max-sessions 0',
      {},
      '--max-sessions (MAX_SESSIONS) must be a whole number from 1 to 10000',
    ],
    [
      'no authentication and vSphere accounts',
      '--auth vsphere --allow-anonymous',
      {},
      '--allow-anonymous and --auth vsphere are mutually exclusive',
    ],
    [
      'no authentication and tokens',
      '--auth token --token-file tokens --allow-anonymous',
      {},
      '--allow-anonymous and --auth token are mutually exclusive',
    ],
    [
      'an unknown authentication mode',
      '--auth basic',
      {},
      '--auth (AUTH) must be none, token, jwt or vsphere, not "ba…" (5 characters)',
    ],
    [
      'a token file without tokens',
      '--auth token --token-file no-tokens',
      {},
      '--token-file contains no token',
    ],
    ['tokens without a file', '--auth token', {}, '--auth token needs --token-file (TOKEN_FILE)'],
    [
      'a missing token file',
      '--auth token --token-file missing',
      {},
      `--token-file (TOKEN_FILE) cannot be read: no such file (${process.cwd()}/missing)`,
    ],
    [
      'an invalid token file',
      '--auth token --token-file bad-tokens',
      {},
      '--token-file, line 1: the role must be reader, power or operator',
    ],
    [
      'a token file without token authentication',
      '--token-file tokens',
      {},
      '--token-file (TOKEN_FILE) needs --auth token',
    ],
    [
      'a token file without token authentication, from the environment',
      '',
      { TOKEN_FILE: 'tokens' },
      '--token-file (TOKEN_FILE) needs --auth token',
    ],
    [
      'a token in place of the file name',
      `--auth token --token-file ${token}`,
      {},
      '--token-file (TOKEN_FILE) cannot be read: no such file (not shown, since it may be a secret)',
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
      '--jwt-jwks (JWT_JWKS) must be a file or an https:// URL',
    ],
    [
      'keys by ftp',
      `${jwt} --jwt-jwks ftp://id.example.com/keys`,
      {},
      '--jwt-jwks (JWT_JWKS) must be a file or an https:// URL',
    ],
    [
      'keys from a URL with a password',
      `${jwt} --jwt-jwks https://u:${token}@id.example.com/keys`,
      {},
      '--jwt-jwks (JWT_JWKS) must not contain a password',
    ],
    ['invalid keys', `${jwt} --jwt-jwks text`, {}, '--jwt-jwks must contain a JSON Web Key Set'],
    ['an empty key set', `${jwt} --jwt-jwks empty.json`, {}, '--jwt-jwks must contain a JSON Web Key Set'],
    [
      'a private key in the key set',
      `${jwt} --jwt-jwks private.json`,
      {},
      '--jwt-jwks contains a private or secret key: use public keys only',
    ],
    [
      'a secret key in the key set',
      `${jwt} --jwt-jwks secret.json`,
      {},
      '--jwt-jwks contains a private or secret key',
    ],
    [
      'a role claim without JWT',
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
      'an invalid certificate',
      '--tls-cert text --tls-key key.pem',
      {},
      '--tls-cert must contain a PEM certificate',
    ],
    [
      'an invalid key',
      '--tls-cert cert.pem --tls-key text',
      {},
      '--tls-key must contain a PEM private key without a passphrase',
    ],
    [
      'a key of another certificate',
      '--tls-cert cert.pem --tls-key other-key.pem',
      {},
      '--tls-key is not the key of the certificate in --tls-cert',
    ],
    [
      'a missing certificate',
      '--tls-cert missing --tls-key key.pem',
      {},
      '--tls-cert (TLS_CERT) cannot be read: no such file',
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
