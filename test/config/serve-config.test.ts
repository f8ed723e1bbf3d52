// The configuration of serve: defaults, precedence of flags and variables, and credentials.

import { delimiter } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultNodeEnv, loadServeConfig } from '../../src/config/config.ts'
import { certificates } from '../transport/certificates.ts'

const { authority, signed } = certificates

const files: Readonly<Record<string, string>> = {
  'ca.pem': `bundle\n${authority.cert}`,
  'other.pem': `${signed.cert}\n`,
  'password.txt': 'from a file \n',
  'by-id.json': '{ "a": "{ vcenters { name } }", "constructor": "{ __typename }" }',
  'other.json': '{ "a": "{ vcenters { name } }", "b": "{ viewer { name } }" }',
  'changed.json': '{ "a": "{ vcenters { id } }" }',
  'manifest.json': JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [
      { id: 'a', vcenterName: 'A', type: 'query', body: '{ vcenters { name } }' },
      { id: 'constructor', vcenterName: 'B', type: 'query', body: '{ __typename }' },
    ],
  }),
  'govc-password': '  from govc’s file\n',
}

function load(argv: string, env: Record<string, string> = {}) {
  const readFile = (path: string) => files[path] ?? fail('ENOENT')
  return loadServeConfig({ argv: argv.split(' ').filter(Boolean), env, readFile })
}

function fail(code: string): never {
  throw Object.assign(new Error(code), { code })
}

/** The vCenter settings of a configuration, with the password in plain text. */
function loadVCenter(argv: string, env: Record<string, string> = {}) {
  const { vcenter } = load(argv, env)
  if (!vcenter) return undefined
  const { account, origin, path } = vcenter
  return `${account?.username}:${account?.password.reveal()}@${origin}${path}`
}

const vsphereVariables = { VSPHERE_URL: 'ours', VSPHERE_USERNAME: 'u1', VSPHERE_PASSWORD: 'p1' }
const govc = { GOVC_URL: 'theirs', GOVC_USERNAME: 'u2', GOVC_PASSWORD: 'p2' }

describe('without a vCenter', () => {
  it('uses the defaults', () => {
    expect(load('')).toEqual({
      vcenter: undefined,
      vcenterName: 'simulator',
      host: '127.0.0.1',
      port: 4000,
      auth: { mode: 'none' },
      trustProxy: false,
      tls: undefined,
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      allowedOrigins: [],
      readOnly: false,
      introspection: true,
      graphiql: true,
      persistedOperations: undefined,
      pageSizeDefault: 100,
      pageSizeMax: 1000,
      limits: {
        objects: 500_000,
        vcenterResponseBytes: 256_000_000,
        timeoutMs: 900_000,
        tokens: 2_000,
        depth: 50,
        aliases: 100,
        directives: 100,
        variableValues: 2_000,
        requestBytes: 500_000,
        batch: 0,
        responseBytes: 64_000_000,
        responseValues: 1_000_000,
        errors: 1_000,
      },
      concurrency: { operations: 200, subscriptions: 500 },
      callTimeoutMs: 60_000,
      maxConcurrentCalls: 8,
      admin: undefined,
      log: { level: 'info', format: undefined },
      otlpEndpoint: undefined,
      warnings: [],
    })
  })

  it('ignores other variables of a family, which other tools use too', () => {
    expect(load('', { VSPHERE_PASSWORD: 'p', VSPHERE_INSECURE: 'perhaps' })).toEqual(load(''))
  })

  it('rejects a user name without a URL instead of falling back to the simulator', () => {
    expect(() => load('', { VSPHERE_USERNAME: 'u' })).toThrowError(/VSPHERE_URL.*--simulator/)
    expect(load('--simulator', { VSPHERE_USERNAME: 'u' })).toEqual(load(''))
  })

  it('prefers --simulator over the environment', () => {
    expect(load('--simulator', { ...vsphereVariables, ...govc })).toEqual(load(''))
  })

  it('freezes the configuration deeply', () => {
    const config = load('', vsphereVariables)
    for (const part of [config, config.allowedHosts, config.vcenter, config.vcenter?.tls]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })
})

describe('the variable families', () => {
  it.each<[string, string, Record<string, string>, string]>([
    ['use VSPHERE_ alone', '', vsphereVariables, 'u1:p1@https://ours/sdk'],
    ['use GOVC_ alone', '', govc, 'u2:p2@https://theirs/sdk'],
    ['prefer VSPHERE_ over GOVC_', '', { ...vsphereVariables, ...govc }, 'u1:p1@https://ours/sdk'],
    ['yield to flags', '--url flag --username u0', vsphereVariables, 'u0:p1@https://flag/sdk'],
    [
      'provide VSPHERE_ secrets, not GOVC_ ones, for --url',
      '--url flag',
      { ...vsphereVariables, ...govc },
      'u1:p1@https://flag/sdk',
    ],
    ['combine a user flag with GOVC_URL', '--username u0', govc, 'u0:p2@https://theirs/sdk'],
    ['accept a password in GOVC_URL', '', { GOVC_URL: 'https://u:p@theirs/sdk' }, 'u:p@https://theirs/sdk'],
    [
      "prefer govc's variables over its URL",
      '',
      { ...govc, GOVC_URL: 'u:p@theirs' },
      'u2:p2@https://theirs/sdk',
    ],
    [
      'prefer VSPHERE_ variables over the user in VSPHERE_URL',
      '',
      { ...vsphereVariables, VSPHERE_URL: 'u:p@ours' },
      'u1:p1@https://ours/sdk',
    ],
    ['yield to a URL on the command line', '--url u0:p0@flag', vsphereVariables, 'u0:p0@https://flag/sdk'],
    [
      'yield to a user in the URL on the command line',
      '--url u0@flag',
      vsphereVariables,
      'u0:p1@https://flag/sdk',
    ],
    [
      'yield to flags before the URL on the command line',
      '--url u0:p0@flag --username u',
      vsphereVariables,
      'u:p0@https://flag/sdk',
    ],
    [
      'do not use the credentials of another URL',
      '--url flag',
      { ...vsphereVariables, VSPHERE_URL: 'x:y@ours' },
      'u1:p1@https://flag/sdk',
    ],
    [
      'accept a password file by flag',
      '--url flag --password-file password.txt',
      vsphereVariables,
      'u1:from a file @https://flag/sdk',
    ],
    [
      'accept a password file by variable',
      '',
      { VSPHERE_URL: 'ours', VSPHERE_USERNAME: 'u1', VSPHERE_PASSWORD_FILE: 'password.txt' },
      'u1:from a file @https://ours/sdk',
    ],
    [
      "treat govc's password as a file name where govc does",
      '',
      { ...govc, GOVC_PASSWORD: 'govc-password' },
      'u2:from govc’s file@https://theirs/sdk',
    ],
    ['treat an empty variable as unset', '', { ...govc, VSPHERE_URL: '' }, 'u2:p2@https://theirs/sdk'],
    [
      'use the last value of a repeated flag',
      '--url a --username u8 --username u9',
      vsphereVariables,
      'u9:p1@https://a/sdk',
    ],
  ])('%s', (_name, argv, env, expected) => {
    expect(loadVCenter(argv, env)).toBe(expected)
  })

  it.each<[string, string, Record<string, string>, string]>([
    [
      'GOVC_PASSWORD to VSPHERE_URL',
      '',
      { VSPHERE_URL: 'ours', VSPHERE_USERNAME: 'u', GOVC_PASSWORD: 'hunter2' },
      'VSPHERE_PASSWORD',
    ],
    [
      'GOVC_PASSWORD to --url',
      '--url flag --username u',
      { ...govc, GOVC_PASSWORD: 'hunter2' },
      'VSPHERE_PASSWORD',
    ],
    [
      'VSPHERE_PASSWORD to GOVC_URL',
      '',
      { GOVC_URL: 'u@theirs', VSPHERE_PASSWORD: 'hunter2' },
      'GOVC_PASSWORD',
    ],
    [
      'the password of VSPHERE_URL to --url',
      '--url flag',
      { VSPHERE_URL: 'u:hunter2@ours', VSPHERE_USERNAME: 'u' },
      'no password',
    ],
    [
      'a --password-file to GOVC_URL',
      '--password-file password.txt',
      govc,
      '--password-file needs --url or VSPHERE_URL',
    ],
  ])('never send %s', (_name, argv, env, expected) => {
    expect(() => load(argv, env)).toThrow(expected)
  })
})

describe('the URL', () => {
  it.each([
    ['vc', 'https://vc', '/sdk'],
    ['vc/', 'https://vc', '/sdk'],
    ['vc/sdk', 'https://vc', '/sdk'],
    ['vc:8989', 'https://vc:8989', '/sdk'],
    ['VC.Example.com:443/sdk/', 'https://vc.example.com', '/sdk'],
    ['https://vc/one/sdk', 'https://vc', '/one/sdk'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443', '/sdk'],
    ['http://127.0.0.1:8989', 'http://127.0.0.1:8989', '/sdk'],
    ['http://localhost:8989/sdk', 'http://localhost:8989', '/sdk'],
    ['http://[::1]', 'http://[::1]', '/sdk'],
  ])('resolves %s to %s with %s', (url, origin, path) => {
    expect(load(`--url ${url}`, vsphereVariables).vcenter).toMatchObject({ origin, path })
  })

  it.each([
    ['administrator@vsphere.local:a%40b%2Fc%3A%25@vc', 'administrator@vsphere.local:a@b/c:%@https://vc/sdk'],
    ['DOMAIN%5Cuser:p@vc', 'DOMAIN\\user:p@https://vc/sdk'],
    ['https://user:p%C3%A4ss+w@vc:8443', 'user:päss+w@https://vc:8443/sdk'],
  ])('takes the user and password of %s', (url, expected) => {
    expect(loadVCenter(`--url ${url}`)).toBe(expected)
  })

  it('may be without TLS only for this machine, unless configured otherwise', () => {
    expect(() => load('--url http://vc', vsphereVariables)).toThrow('must begin with https://')
    expect(load('--url http://vc --insecure', vsphereVariables).vcenter?.origin).toBe('http://vc')
  })

  it('names the vCenter unless --vcenter-name does', () => {
    expect(load('--url vc.example.com:8443', vsphereVariables).vcenterName).toBe('vc.example.com:8443')
    expect(load('--url vc --vcenter-name Berlin', vsphereVariables).vcenterName).toBe('Berlin')
    expect(load('--vcenter-name Demo').vcenterName).toBe('Demo')
  })
})

describe('the trusted certificate', () => {
  const tls = (argv: string, env: Record<string, string>) => load(argv, env).vcenter?.tls

  it('must be signed by a well-known authority by default', () => {
    expect(tls('', vsphereVariables)).toEqual({})
    expect(tls('', { ...vsphereVariables, VSPHERE_INSECURE: 'false' })).toEqual({})
  })

  it("may be an authority's from a file", () => {
    expect(tls('--ca-file ca.pem', vsphereVariables)).toEqual({ ca: authority.cert.trim() })
    expect(tls('', { ...vsphereVariables, VSPHERE_CA_FILE: 'ca.pem' })).toEqual({ ca: authority.cert.trim() })
  })

  it("may be an authority's from any file in govc's list", () => {
    const list = ['ca.pem', 'other.pem'].join(delimiter)
    expect(tls('', { ...govc, GOVC_TLS_CA_CERTS: list })).toEqual({
      ca: `${authority.cert.trim()}\n${signed.cert.trim()}`,
    })
  })

  it('may be a single pinned certificate', () => {
    const written = signed.thumbprint.replaceAll(':', '').toLowerCase()
    expect(tls(`--thumbprint ${written}`, vsphereVariables)).toEqual({ thumbprint: signed.thumbprint })
    expect(tls('', { ...vsphereVariables, VSPHERE_THUMBPRINT: written })).toEqual({
      thumbprint: signed.thumbprint,
    })
  })

  it.each(['1', 'true', 'TRUE'])("may be any certificate, also with govc's setting: %s", (yes) => {
    expect(tls('--insecure', vsphereVariables)).toEqual({ insecure: true })
    expect(tls('', { ...vsphereVariables, VSPHERE_INSECURE: yes })).toEqual({ insecure: true })
    expect(tls('', { ...govc, GOVC_INSECURE: yes, GOVC_TLS_CA_CERTS: 'ca.pem' })).toEqual({ insecure: true })
  })

  it.each(['0', 'false', 'yes'])('is verified when govc would verify it: %s', (no) => {
    expect(tls('', { ...govc, GOVC_INSECURE: no })).toEqual({})
  })

  it('is set by the command line in preference to the environment', () => {
    const all = { ...vsphereVariables, VSPHERE_INSECURE: '1', VSPHERE_CA_FILE: 'missing.pem' }
    expect(tls(`--thumbprint ${signed.thumbprint}`, all)).toEqual({ thumbprint: signed.thumbprint })
    expect(tls('--ca-file ca.pem', all)).toEqual({ ca: authority.cert.trim() })
    expect(tls('--insecure', { ...all, VSPHERE_THUMBPRINT: 'x' })).toEqual({ insecure: true })
    expect(tls(`--thumbprint ${signed.thumbprint}`, { ...govc, GOVC_INSECURE: '1' })).toEqual({
      thumbprint: signed.thumbprint,
    })
  })
})

describe('the password file', () => {
  const loadWith = (read: () => string) => {
    const argv = ['--url', 'v', '--username', 'u', '--password-file', 'f']
    const { vcenter } = loadServeConfig({ argv, env: {}, readFile: read })
    return () => vcenter?.account?.password.reveal()
  }

  it('provides the new password after a change', () => {
    let contents = 'old\n'
    const password = loadWith(() => contents)
    expect(password()).toBe('old')
    contents = 'new\n'
    expect([password(), password()]).toEqual(['new', 'new'])
  })

  it('keeps the last password when it is empty, deleted or unreadable', () => {
    let read = (): string => 'old'
    const password = loadWith(() => read())
    for (read of [() => '', () => '\n', () => fail('ENOENT'), () => fail('EACCES')])
      expect(password()).toBe('old')
    read = () => 'new'
    expect(password()).toBe('new')
  })
})

describe('the server', () => {
  it('listens on the configured address', () => {
    expect(load('--allow-anonymous', { HOST: '0.0.0.0', PORT: '8080' })).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
    })
    expect(load('--host ::1 --port=0', { HOST: 'x', PORT: '8080' })).toMatchObject({ host: '::1', port: 0 })
  })

  it('accepts its own host names and the added ones', () => {
    const names = (argv: string) => load(`--allow-anonymous ${argv}`).allowedHosts.slice(3)
    expect(names('--host 192.0.2.7')).toEqual(['192.0.2.7'])
    expect(names('--host 0.0.0.0')).toEqual([])
    expect(names('--host ::')).toEqual([])
    expect(names('--host 2001:DB8:0::1')).toEqual(['[2001:db8::1]'])
    expect(
      names('--allowed-host Gateway.Example.com --allowed-host localhost --allowed-host 2001:db8::1'),
    ).toEqual(['gateway.example.com', '[2001:db8::1]'])
  })

  it('groups its limits', () => {
    expect(
      load(
        '--page-size 5 --max-page-size 50 --max-objects 9 --max-vcenter-response-mb 2 --operation-timeout 7 --max-tokens 10 --max-depth 11 --max-aliases 12 --max-directives 13 --max-variable-values 16 --max-request-bytes 1400 --max-batch 15 --call-timeout 5 --max-concurrent-calls 2 --max-response-mb 3 --max-concurrent-operations 17 --max-concurrent-subscriptions 18 --max-response-values 19 --max-errors 20',
      ),
    ).toMatchObject({
      pageSizeDefault: 5,
      pageSizeMax: 50,
      limits: {
        objects: 9,
        vcenterResponseBytes: 2_000_000,
        timeoutMs: 7_000,
        tokens: 10,
        depth: 11,
        aliases: 12,
        directives: 13,
        variableValues: 16,
        requestBytes: 1_400,
        batch: 15,
        responseBytes: 3_000_000,
        responseValues: 19,
        errors: 20,
      },
      concurrency: { operations: 17, subscriptions: 18 },
      callTimeoutMs: 5000,
      maxConcurrentCalls: 2,
    })
    expect(load('--max-page-size 50')).toMatchObject({ pageSizeDefault: 50, pageSizeMax: 50 })
    expect(load('--read-only').readOnly).toBe(true)
  })

  it('allows introspection and GraphiQL unless configured otherwise', () => {
    expect(load('--no-introspection --no-graphiql')).toMatchObject({ introspection: false, graphiql: false })
  })

  it('normalizes origins to the form that browsers send', () => {
    expect(
      load(
        '--allowed-origin HTTPS://Portal.Example.com:443/ --allowed-origin http://localhost:3000 --allowed-origin http://localhost:3000',
      ).allowedOrigins,
    ).toEqual(['https://portal.example.com', 'http://localhost:3000'])
  })
})

describe('persisted operations', () => {
  const persisted = (argv: string) => {
    const { documents, persistedOnly } = load(argv).persistedOperations ?? {}
    return documents && { documents: [...documents], persistedOnly }
  }

  it.each(['by-id.json', 'manifest.json'])('may be written in the format of %s', (file) => {
    const documents = [
      ['a', '{ vcenters { name } }'],
      ['constructor', '{ __typename }'],
    ]
    expect(persisted(`--persisted-operations ${file}`)).toEqual({ documents, persistedOnly: false })
    expect(persisted(`--persisted-operations ${file} --persisted-only`)).toEqual({
      documents,
      persistedOnly: true,
    })
  })

  it('may be in several files', () => {
    const { documents } =
      persisted('--persisted-operations by-id.json --persisted-operations other.json') ?? {}
    expect(documents?.map(([id]) => id)).toEqual(['a', 'constructor', 'b'])
  })

  it('have one document for each id', () => {
    expect(() => load('--persisted-operations by-id.json --persisted-operations changed.json')).toThrow(
      '--persisted-operations has different documents with the id "a"',
    )
  })
})

it('sets NODE_ENV to production unless the environment sets it', () => {
  const unset: NodeJS.ProcessEnv = {}
  defaultNodeEnv(unset)
  expect(unset.NODE_ENV).toBe('production')
  const development = { NODE_ENV: 'development' }
  defaultNodeEnv(development)
  expect(development.NODE_ENV).toBe('development')
})

it('reads the environment and no flags by default', () => {
  expect(loadServeConfig({ env: {} })).toEqual(loadServeConfig({ argv: [], env: {} }))
  expect(loadServeConfig().port).toBe(4000)
})
