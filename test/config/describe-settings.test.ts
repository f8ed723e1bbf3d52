// The help text and the Markdown table of settings, and suggestions for misspelt names.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeSettings, settingsTable } from '../../src/config/describe-settings.ts'
import { didYouMean } from '../../src/config/did-you-mean.ts'
import type { Settings } from '../../src/config/settings/setting.ts'
import { printSchemaSettings, serveSettings, simulateSettings } from '../../src/config/settings.ts'

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
    const help = describeSettings(settings)
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

it('prints the help with one aligned line for each setting', () => {
  const lines = describeSettings(serveSettings).split('\n')
  expect(lines).toHaveLength(Object.keys(serveSettings).length)
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^ {2}--port PORT +Port to listen on; 0 selects a free port\. Default: 4000\. \[PORT\]$/,
    ),
  )
  expect(lines).toContainEqual(
    expect.stringMatching(/^ {2}VSPHERE_PASSWORD +Password of that account\..* \[GOVC_PASSWORD\]$/),
  )
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
