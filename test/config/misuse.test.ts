// Errors for invalid settings: one line with a remedy, without any secret.

import { expect, it } from 'vitest'
import { loadPrintSchemaConfig, loadServeConfig, loadSimulateConfig } from '../../src/config/config.ts'

const secret = 'hunter2'
const login = { VSPHERE_USERNAME: 'u', VSPHERE_PASSWORD: secret }
const vsphereVariables = { VSPHERE_URL: 'ours', ...login }
const govcVariables = { GOVC_URL: 'theirs', GOVC_USERNAME: 'u', GOVC_PASSWORD: secret }

const errors: Readonly<Record<string, string>> = {
  'missing.txt': 'ENOENT',
  'closed.txt': 'EACCES',
  folder: 'EISDIR',
}
const files: Readonly<Record<string, string>> = {
  'empty.txt': '\n',
  'no.pem': 'PEM?',
  'bad.pem': pem('AAAA'),
  'list.json': '[]',
  'numbers.json': '{ "a": 1 }',
}

function pem(body: string) {
  return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
}

function readFile(path: string) {
  const contents = files[path]
  if (contents !== undefined) return contents
  throw Object.assign(new Error(`cannot open '${path}'`), { code: errors[path] ?? 'ENOENT' })
}

it.each<[argv: string, env: Record<string, string>, message: string]>([
  ['--prot 80', {}, 'unknown flag --prot; did you mean --port?'],
  [`--password ${secret}`, {}, 'unknown flag --password; did you mean --password-file?'],
  [`--pass=${secret}`, {}, 'unknown flag --pass; did you mean --password-file?'],
  ['--frobnicate', {}, 'unknown flag --frobnicate; see --help'],
  ['-p', {}, 'unknown flag -p; see --help'],
  ['--no-insecure', {}, 'unknown flag --no-insecure; did you mean --insecure?'],
  [
    `--username u ${secret}`,
    {},
    'unexpected argument "hu…" (7 characters); after npm start, flags follow --',
  ],
  ['4555', {}, 'unexpected argument "4555"; after npm start, flags follow --'],
  [`-- ${secret}`, {}, 'unexpected argument "--"; after npm start, flags follow --'],
  ['--port', {}, '--port needs a value: --port=PORT'],
  ['--vcenter-name --read-only', {}, '--vcenter-name needs a value: --vcenter-name=NAME'],
  ['--read-only=no', {}, '--read-only is a switch and takes no value'],
  ['--url a --url b', {}, '--url can only be set once: a gateway connects to one vCenter'],

  ['--port 80a', {}, '--port (PORT) must be a whole number from 0 to 65535, not "80a"'],
  ['--port=-1', {}, '--port (PORT) must be a whole number from 0 to 65535, not "-1"'],
  ['--port=', {}, '--port (PORT) must be a whole number from 0 to 65535, not ""'],
  ['--port 1e3', {}, '--port (PORT) must be a whole number from 0 to 65535, not "1e3"'],
  ['', { PORT: '65536' }, '--port (PORT) must be a whole number from 0 to 65535, not "65536"'],
  [
    '--host http://x',
    {},
    '--host (HOST) must be a host name or an IP address, without scheme, port or path, not "http://x"',
  ],
  ['--host 4000', {}, 'not "4000"'],
  ['', { HOST: 'a:80' }, '--host (HOST) must be'],
  [
    '--allowed-host a --allowed-host b:4000',
    {},
    '--allowed-host must be a host name or an IP address, without scheme, port or path, not "b:4000"',
  ],
  ['--vcenter-name=', {}, '--vcenter-name must be'],
  ...[
    ['portal.example.com', '"portal.example.com"; did you mean https://portal.example.com?'],
    [
      'https://portal.example.com/app',
      '"https://portal.example.com/app"; did you mean https://portal.example.com?',
    ],
    ['localhost:5173', '"localhost:5173"; did you mean http://localhost:5173?'],
    ['127.0.0.1:5173', '"127.0.0.1:5173"; did you mean http://127.0.0.1:5173?'],
    ['null', '"null"'],
    ['*', '"*"'],
    ['ftp://x', '"ft…" (7 characters)'],
    ['https://u@x', '"ht…" (11 characters)'],
  ].map(([origin, shown]): [string, Record<string, string>, string] => [
    `--allowed-origin ${origin}`,
    {},
    `--allowed-origin must be an origin without a path, such as https://portal.example.com, not ${shown}`,
  ]),
  // A secret that was passed to the wrong setting.
  ...['--port', '--host', '--allowed-host', '--allowed-origin', '--log-level', '--auth', '--thumbprint'].map(
    (flag): [string, Record<string, string>, string] => [
      `${flag} https://u:${secret}@vc/sdk`,
      vsphereVariables,
      'not "ht…" (24 characters)',
    ],
  ),
  ['', { ...vsphereVariables, HOST: secret }, '--host (HOST) exposes the gateway to other machines'],
  ...['PORT', 'AUTH', 'LOG_LEVEL', 'VSPHERE_INSECURE'].map(
    (name): [string, Record<string, string>, string] => [
      '',
      { ...vsphereVariables, [name]: secret },
      '"hu…" (7 characters)',
    ],
  ),
  [`--${secret}X`, {}, 'unknown flag; see --help'],
  ['--max-depth 201', {}, '--max-depth must be a whole number from 1 to 200, not "201"'],
  ['--persisted-only', {}, '--persisted-only needs --persisted-operations'],
  ['--admin-port 4000', {}, '--admin-port (ADMIN_PORT) must not be 4000: that is --port (PORT)'],
  [
    '--host 0.0.0.0 --auth none --allow-anonymous --admin-host 127.0.0.1 --admin-port 4000',
    {},
    'must not be 4000',
  ],
  ['--persisted-operations /etc/ops/missing.json', {}, 'no such file (/etc/ops/missing.json)'],
  ['--persisted-operations ./missing.json', {}, `no such file (${process.cwd()}/missing.json)`],
  [
    '--persisted-operations ops',
    {},
    `--persisted-operations cannot be read: no such file (${process.cwd()}/ops)`,
  ],
  ...['no.pem', 'list.json', 'numbers.json'].map((file): [string, Record<string, string>, string] => [
    `--persisted-operations ${file}`,
    {},
    '--persisted-operations must contain a JSON object that maps ids to documents, or an Apollo manifest',
  ]),
  ['--page-size 0', {}, '--page-size must be a whole number from 1 to 10000, not "0"'],
  ['--page-size 200 --max-page-size 100', {}, '--page-size must not exceed --max-page-size, which is 100'],
  ['--page-size 2000', {}, '--page-size must not exceed --max-page-size, which is 1000'],
  ['--call-timeout 0.5', {}, '--call-timeout must be a whole number from 1 to 3600, not "0.5"'],

  ['--simulator --url vc', login, '--url and --simulator are mutually exclusive'],
  ['--simulator --insecure', {}, '--insecure and --simulator are mutually exclusive'],
  ['--username u', {}, '--username needs a vCenter: --url (VSPHERE_URL)'],
  ['--password-file missing.txt', {}, '--password-file needs a vCenter: --url (VSPHERE_URL)'],

  ['--url=', login, '--url (VSPHERE_URL) must be'],
  [
    `--url https://u:${secret}@`,
    {},
    '--url (VSPHERE_URL) must be a host name or a URL such as https://vcenter.example.com/sdk',
  ],
  [`--url u:${secret}/x@vc`, {}, '--url (VSPHERE_URL) must be a host name or a URL'],
  // With and without a scheme, and with passwords whose beginning the parser reads as a port.
  ...['1', 'p'].flatMap((start) =>
    ['/', '?', '#', '\\'].flatMap((sign) =>
      ['', 'https://'].map((scheme): [string, Record<string, string>, string] => [
        `--url ${scheme}u:${start}${sign}${secret}@vc`,
        {},
        'percent-encode # (%23), ? (%3F), / (%2F), @ (%40), : (%3A)',
      ]),
    ),
  ),
  [`--url u:1/${secret}@vc`, {}, 'percent-encode'],
  [`--url u:1?${secret}@vc`, {}, 'percent-encode'],
  [`--url u:1#${secret}@vc`, {}, 'percent-encode'],
  [`--url https://DOMAIN\\u:${secret}@vc`, {}, '--url (VSPHERE_URL) must not contain ?, # or \\'],
  [
    `--url u:${secret}%@vc`,
    {},
    '--url (VSPHERE_URL) has an invalid % sequence in its user name or password: write % as %25',
  ],
  [`--url ftp://u:${secret}@vc`, {}, '--url (VSPHERE_URL) must begin with https://'],
  ['', { ...govcVariables, GOVC_URL: `u:p#${secret}@vc` }, '(GOVC_URL) must be a host name or a URL'],
  ['', { ...govcVariables, GOVC_URL: `u:p#${secret}@vc` }, 'percent-encode #'],
  ['', { ...govcVariables, GOVC_URL: 'ftp://x' }, 'GOVC_URL) must begin with https://'],
  [
    '--url http://vc',
    login,
    '--url (VSPHERE_URL) must begin with https://: http:// would expose the password',
  ],
  [
    '--url http://127.0.0.1.example.com',
    login,
    'must begin with https://: http:// would expose the password',
  ],
  ['', { ...govcVariables, GOVC_URL: 'http://vc' }, '(GOVC_INSECURE) allows it'],

  [
    '--url vc',
    {},
    'no user name for the vCenter: set --username (VSPHERE_USERNAME), or put user:password@ in the URL',
  ],
  [
    '--url u@vc',
    {},
    'no password for the vCenter: set VSPHERE_PASSWORD, or --password-file (VSPHERE_PASSWORD_FILE), or put user:password@ in the URL',
  ],
  [
    '',
    { GOVC_URL: 'vc' },
    'no user name for the vCenter: set --username (GOVC_USERNAME), or put user:password@ in the URL',
  ],
  [
    '',
    { GOVC_URL: 'u@vc' },
    'no password for the vCenter: set GOVC_PASSWORD, or put user:password@ in the URL',
  ],
  [
    '',
    { ...vsphereVariables, VSPHERE_PASSWORD_FILE: 'missing.txt' },
    'VSPHERE_PASSWORD and --password-file (VSPHERE_PASSWORD_FILE) are mutually exclusive',
  ],
  [
    '--password-file missing.txt',
    vsphereVariables,
    `--password-file (VSPHERE_PASSWORD_FILE) cannot be read: no such file (${process.cwd()}/missing.txt)`,
  ],
  [
    `--password-file /${secret}`,
    vsphereVariables,
    '--password-file (VSPHERE_PASSWORD_FILE) cannot be read: no such file (not shown, since it may be a secret)',
  ],
  [
    '--password-file closed.txt',
    vsphereVariables,
    '--password-file (VSPHERE_PASSWORD_FILE) cannot be read: permission denied',
  ],
  [
    '--password-file folder',
    vsphereVariables,
    '--password-file (VSPHERE_PASSWORD_FILE) cannot be read: it is a directory',
  ],
  ['--password-file empty.txt', vsphereVariables, '--password-file (VSPHERE_PASSWORD_FILE) is empty'],
  [
    `--password-file ${secret}`,
    vsphereVariables,
    '--password-file (VSPHERE_PASSWORD_FILE) cannot be read: no such file (not shown, since it may be a secret)',
  ],
  ['--password-file=', vsphereVariables, '--password-file (VSPHERE_PASSWORD_FILE) must be a file path'],
  [
    '',
    { ...govcVariables, GOVC_PASSWORD: 'closed.txt' },
    'GOVC_PASSWORD names a file that cannot be read: permission denied',
  ],

  [
    '--thumbprint AA:BB',
    vsphereVariables,
    '--thumbprint (VSPHERE_THUMBPRINT) must be a SHA-256 thumbprint, 32 bytes in hexadecimal, not "AA…" (5 characters)',
  ],
  ['--thumbprint AA:BB', govcVariables, '--thumbprint must be a SHA-256 thumbprint'],
  [
    '',
    { ...vsphereVariables, VSPHERE_INSECURE: 'perhaps' },
    '--insecure (VSPHERE_INSECURE) must be true or false, not "pe…" (7 characters)',
  ],
  ['--ca-file missing.txt', vsphereVariables, '--ca-file (VSPHERE_CA_FILE) cannot be read: no such file'],
  ['--ca-file no.pem', vsphereVariables, '--ca-file (VSPHERE_CA_FILE) must contain PEM certificates'],
  ['--ca-file bad.pem', vsphereVariables, '--ca-file (VSPHERE_CA_FILE) must contain PEM certificates'],
  [
    '',
    { ...govcVariables, GOVC_TLS_CA_CERTS: 'missing.txt' },
    '--ca-file (GOVC_TLS_CA_CERTS) cannot be read: no such file',
  ],
  [
    '--insecure --ca-file no.pem',
    vsphereVariables,
    '--insecure (VSPHERE_INSECURE) and --ca-file (VSPHERE_CA_FILE) are mutually exclusive',
  ],
  [
    `--insecure --thumbprint ${'aa'.repeat(32)}`,
    vsphereVariables,
    '--insecure (VSPHERE_INSECURE) and --thumbprint (VSPHERE_THUMBPRINT) are mutually exclusive',
  ],
  [
    `--url http://[::1] --thumbprint ${'aa'.repeat(32)}`,
    vsphereVariables,
    '--thumbprint (VSPHERE_THUMBPRINT) needs a URL that begins with https://',
  ],
])('reports the mistake in serve %s: %j', (argv, env, message) => {
  expectConfigError(() => loadServeConfig({ argv: split(argv), env, readFile }), message)
})

it.each<[argv: string, message: string]>([
  ['--vms many', '--vms must be a whole number from 1 to 100000, not "many"'],
  ['--seed -1', '--seed must be a whole number from 0 to 4294967295, not "-1"'],
  ['--port 70000', '--port must be a whole number from 0 to 65535, not "70000"'],
  ['--tls=yes', '--tls is a switch and takes no value'],
  ['--password=', '--password must be a non-empty string'],
  ['--usrname x', 'unknown flag --usrname; did you mean --username?'],
])('reports the mistake in simulate %s', (argv, message) => {
  expectConfigError(() => loadSimulateConfig({ argv: split(argv) }), message)
})

it('rejects flags of other commands for print-schema', () => {
  expectConfigError(() => loadPrintSchemaConfig({ argv: ['--url', secret] }), 'unknown flag --url')
})

function split(argv: string) {
  return argv.split(' ').filter(Boolean)
}

function expectConfigError(load: () => unknown, message: string) {
  let error: unknown
  try {
    load()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ name: 'ConfigError', code: 'CONFIG' })
  const reported = (error as Error).message
  expect(reported).toContain(message)
  expect(reported).not.toContain(secret)
  expect(reported).not.toContain('\n')
}
