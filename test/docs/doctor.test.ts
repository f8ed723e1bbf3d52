// Tests docs/doctor.md: its commands run, its tables list all checks, flags and methods, and its JSON has the shape of a report.

import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { doctorSettings } from '../../src/config/settings.ts'
import { allowedMethods } from '../../src/doctor/read-only-transport.ts'
import type { DoctorReport } from '../../src/doctor/report.ts'
import { testContext } from '../cli/test-context.ts'
import { blocks, deadLinksOf, read, section } from './markdown.ts'

const docs = read('docs/doctor.md')

async function runExample(command: string): Promise<string> {
  const { context, written } = testContext(command.trim().replace('node dist/cli/main.js ', ''))
  expect(await run(context)).toBe(0)
  return written.stdout
}

const firstCells = (markdown: string): string[] =>
  [...markdown.matchAll(/^\| `([\w-]+)[^|]*` \|/gm)].map(([, cell]) => cell as string)

describe('the commands', () => {
  const [text = '', json = ''] = blocks(docs, 'sh')

  it('print the documented text', async () => {
    const [shown = ''] = blocks(docs, 'text')
    expect(await runExample(text)).toContain(shown)
  })

  it('print JSON of the documented shape', async () => {
    const report = JSON.parse(await runExample(json)) as DoctorReport
    const [example] = blocks(docs, 'json').map((block) => JSON.parse(block) as DoctorReport)
    expect(Object.keys(report)).toEqual(Object.keys(example!))
    expect(report).toMatchObject({ schemaVersion: example!.schemaVersion, endedBy: null, exitCode: 0 })
    for (const each of example!.checks) expect(report.checks).toContainEqual(each)
    for (const each of example!.assumptions) expect(report.assumptions).toContainEqual(each)
    const ids = report.checks.map(({ id }) => id)
    const table = firstCells(section(docs, '## Checks'))
    expect(table.filter((cell) => ids.includes(cell))).toEqual(ids)
  })
})

it('lists the flags of the report', () => {
  const flags = [...docs.matchAll(/^\| `--([\w-]+)/gm)].map(([, flag]) => flag)
  expect(flags).toEqual([
    doctorSettings.json.flag,
    doctorSettings.timeout.flag,
    doctorSettings.simulator.flag,
  ])
  expect(docs).toContain(`default ${doctorSettings.timeout.value.parse(undefined)}`)
})

it('lists the methods that may be called', () => {
  for (const method of allowedMethods) expect(docs).toContain(`\`${method}\``)
})

it('has no broken links', () => {
  expect(deadLinksOf('doctor.md')).toEqual([])
})
