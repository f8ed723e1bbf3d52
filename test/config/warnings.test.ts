// Warnings about settings that are probably mistakes.

import { describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'

const secret = 'hunter2'
const vsphereVariables = { VSPHERE_URL: 'vc', VSPHERE_USERNAME: 'u', VSPHERE_PASSWORD: secret }

function warnings(argv: string, env: Record<string, string>, mode = 0o600) {
  const config = loadServeConfig({
    argv: argv.split(' ').filter(Boolean),
    env,
    readFile: () => `grafana reader ${'f'.repeat(32)}`,
    modeOf: () => 0o100_000 | mode,
  })
  for (const warning of config.warnings) expect(warning).not.toContain(secret)
  return config.warnings
}

describe('startup', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      '',
      { VSPHERE_URI: 'vc' },
      'Ignoring unknown environment variable VSPHERE_URI; did you mean VSPHERE_URL?',
    ],
    ['', { ...vsphereVariables, VSPHERE_PASWORD_FILE: 'f' }, 'did you mean VSPHERE_PASSWORD_FILE?'],
    ['', { ...vsphereVariables, VSPHERE_USER: 'v' }, 'did you mean VSPHERE_USERNAME?'],
    [
      '',
      { ...vsphereVariables, VSPHERE_NONSENSE: secret },
      'Ignoring unknown environment variable VSPHERE_NONSENSE',
    ],
    [
      '',
      { READ_ONLY: 'true' },
      'Ignoring environment variable READ_ONLY: --read-only can only be set as a flag',
    ],
    ['', { ALLOWED_HOST: 'gateway' }, 'Ignoring environment variable ALLOWED_HOST'],
    [
      '--password-file f',
      vsphereVariables,
      'the password is set twice, by VSPHERE_PASSWORD and --password-file (VSPHERE_PASSWORD_FILE): remove one',
    ],
    [`--url https://u:${secret}@vc`, vsphereVariables, 'by --url (VSPHERE_URL) and VSPHERE_PASSWORD'],
    [
      '',
      { ...vsphereVariables, VSPHERE_URL: `https://u:${secret}@vc` },
      'by --url (VSPHERE_URL) and VSPHERE_PASSWORD',
    ],
    [`--url https://u:${secret}@vc --password-file f`, {}, 'by --url (VSPHERE_URL) and --password-file'],
    ['', { GOVC_URL: `u:${secret}@vc`, GOVC_PASSWORD: secret }, 'by --url (GOVC_URL) and GOVC_PASSWORD'],
  ])('warns about %s %j', (argv, env, reported) => {
    expect(warnings(argv, env)).toEqual([expect.stringContaining(reported)])
  })

  it.each([
    ['--url vc --username u --password-file f', '--password-file (VSPHERE_PASSWORD_FILE)'],
    ['--auth token --token-file f', '--token-file (TOKEN_FILE)'],
  ])('warns about a file of secrets that is readable by all users: %s', (argv, setting) => {
    const reported = [`the file of ${setting} is readable by all users of this machine: run chmod o-r`]
    expect(warnings(argv, {}, 0o644)).toEqual(reported)
    expect(warnings(argv, {}, 0o440)).toEqual([])
  })
})

it.each<[string, Record<string, string>]>([
  ['', vsphereVariables],
  ['', { ...vsphereVariables, READ_ONLY: '', NAME: 'x', TIMEOUT: '1', GOVC_DATACENTER: 'dc' }],
  ['--simulator', { ...vsphereVariables, VSPHERE_PASSWORD_FILE: 'f' }],
  // A file of a setting that is overridden.
  ['', { GOVC_URL: `u:${secret}@vc`, VSPHERE_PASSWORD: secret }],
])('does not warn about %s %j', (argv, env) => {
  expect(warnings(argv, env)).toEqual([])
})
