// The help text and the Markdown table of settings, and suggestions for misspelt names.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeSettings, settingsTable } from '../../src/config/describe-settings.ts'
import type { Settings } from '../../src/config/settings/setting.ts'
import {
  printSchemaSettings,
  serveSettingGroups,
  serveSettings,
  simulateSettings,
} from '../../src/config/settings.ts'
import { didYouMean } from '../../src/text/did-you-mean.ts'

const settingsPage = new URL('../../docs/settings.md', import.meta.url)

const tables: Record<string, Settings> = { serveSettings, simulateSettings, printSchemaSettings }

describe.each(Object.entries(tables))('%s', (_name, settings) => {
  it('names each flag and each variable once', () => {
    const names = Object.values(settings)
      .flatMap(({ flag, env, govc }) => [flag, env, govc])
      .filter(Boolean)
    expect(new Set(names).size).toBe(names.length)
  })

  it('lists all settings in the help and in the table', () => {
    const help = describeSettings({ Flags: settings }).replace(/\s+/g, ' ')
    const table = settingsTable(settings)
    for (const { flag, env, help: meaning } of Object.values(settings)) {
      for (const text of [help, table]) {
        if (flag) expect(text).toContain(`--${flag}`)
        if (env) expect(text).toContain(env)
        expect(text).toContain(meaning)
      }
    }
  })
})

it('prints the help of all settings by heading, in aligned lines', () => {
  expect(Object.assign({}, ...Object.values(serveSettingGroups))).toEqual(serveSettings)
  const lines = describeSettings(serveSettingGroups).split('\n')
  expect(lines.filter((line) => /^\w/.test(line))).toEqual([
    'vCenter:',
    'Listening, authentication and browser access:',
    'Schema and operations:',
    'Limits:',
    'Metrics, log and traces:',
    'Other:',
  ])
  expect(lines.filter((line) => /^ {2}\S/.test(line))).toHaveLength(Object.keys(serveSettings).length)
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^ {2}--port PORT +Port to listen on; 0 selects a free port\. Default: 4000\. \[PORT\]$/,
    ),
  )
  const password = lines.findIndex((line) => line.startsWith('  VSPHERE_PASSWORD '))
  expect(lines.slice(password, password + 3)).toEqual([
    `  VSPHERE_PASSWORD                  Password of that account. There is no flag, since other users of`,
    `                                    the machine can see command lines. [GOVC_PASSWORD]`,
    expect.stringMatching(/^ {2}--password-file FILE /),
  ])
})

it.each([
  [undefined, 100],
  [200, 100],
  [80, 80],
  [20, 70],
])('wraps the help in a terminal with %s columns at %i', (columns, limit) => {
  const lengths = describeSettings(serveSettingGroups, columns)
    .split('\n')
    .map((line) => line.length)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(limit)
  expect(Math.max(...lengths)).toBeGreaterThan(limit - 10)
})

it('prints a Markdown table', () => {
  const lines = settingsTable(serveSettings).split('\n')
  expect(lines[1]).toBe('| --- | --- | --- | --- |')
  expect(lines).toContain('| `--port PORT` | `PORT` | `4000` | Port to listen on; 0 selects a free port. |')
})

it('matches the table of serve in docs/settings.md', () => {
  expect(readFileSync(settingsPage, 'utf8')).toContain(settingsTable(serveSettings))
})

describe('didYouMean', () => {
  const names = ['url', 'username', 'password-file', 'port', 'page-size']

  it.each([
    ['ulr', undefined],
    ['urls', 'url'],
    ['usernmae', 'username'],
    ['pass', 'password-file'],
    ['password', 'password-file'],
    ['pagesize', 'page-size'],
    ['p', undefined],
    ['', undefined],
    ['elephant', undefined],
  ])('suggests for %s: %s', (word, meant) => {
    expect(didYouMean(word, names)).toBe(meant)
  })
})
