import { describe, expect, it } from 'vitest'
import { loadServeConfig } from '../../src/config/config.ts'

const secret = 'hunter2'
const ours = { VSPHERE_URL: 'vc', VSPHERE_USERNAME: 'u', VSPHERE_PASSWORD: secret }

function doubts(argv: string, env: Record<string, string>, mode = 0o600) {
  const config = loadServeConfig({
    argv: argv.split(' ').filter(Boolean),
    env,
    readFile: () => `grafana reader ${'f'.repeat(32)}`,
    modeOf: () => 0o100_000 | mode,
  })
  for (const doubt of config.doubts) expect(doubt).not.toContain(secret)
  return config.doubts
}

describe('what is probably not meant so is told', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      '',
      { VSPHERE_URI: 'vc' },
      'VSPHERE_URI is no setting and counts for nothing; did you mean VSPHERE_URL?',
    ],
    ['', { ...ours, VSPHERE_PASWORD_FILE: 'f' }, 'did you mean VSPHERE_PASSWORD_FILE?'],
    ['', { ...ours, VSPHERE_USER: 'v' }, 'did you mean VSPHERE_USERNAME?'],
    ['', { ...ours, VSPHERE_NONSENSE: secret }, 'VSPHERE_NONSENSE is no setting and counts for nothing'],
    [
      '',
      { READ_ONLY: 'true' },
      'READ_ONLY counts for nothing: --read-only has no variable, and is given as a flag',
    ],
    ['', { ALLOWED_HOST: 'gateway' }, 'ALLOWED_HOST counts for nothing'],
    [
      '--password-file f',
      ours,
      'a password is given twice, by VSPHERE_PASSWORD and --password-file (VSPHERE_PASSWORD_FILE): leave one out',
    ],
    [`--url https://u:${secret}@vc`, ours, 'by --url (VSPHERE_URL) and VSPHERE_PASSWORD'],
    ['', { ...ours, VSPHERE_URL: `https://u:${secret}@vc` }, 'by --url (VSPHERE_URL) and VSPHERE_PASSWORD'],
    [`--url https://u:${secret}@vc --password-file f`, {}, 'by --url (VSPHERE_URL) and --password-file'],
    ['', { GOVC_URL: `u:${secret}@vc`, GOVC_PASSWORD: secret }, 'by --url (GOVC_URL) and GOVC_PASSWORD'],
  ])('%s %j', (argv, env, told) => {
    expect(doubts(argv, env)).toEqual([expect.stringContaining(told)])
  })

  it.each([
    ['--url vc --username u --password-file f', '--password-file (VSPHERE_PASSWORD_FILE)'],
    ['--auth token --token-file f', '--token-file (TOKEN_FILE)'],
  ])('a file of secrets that everybody may read: %s', (argv, setting) => {
    const told = [`everybody on this machine may read the file of ${setting}: chmod o-r`]
    expect(doubts(argv, {}, 0o644)).toEqual(told)
    expect(doubts(argv, {}, 0o440)).toEqual([])
  })
})

it.each<[string, Record<string, string>]>([
  ['', ours],
  ['', { ...ours, READ_ONLY: '', NAME: 'x', TIMEOUT: '1', GOVC_DATACENTER: 'dc' }],
  ['--simulator', { ...ours, VSPHERE_PASSWORD_FILE: 'f' }],
  // Of one that does not count.
  ['', { GOVC_URL: `u:${secret}@vc`, VSPHERE_PASSWORD: secret }],
])('nothing is told where there is no doubt: %s %j', (argv, env) => {
  expect(doubts(argv, env)).toEqual([])
})
