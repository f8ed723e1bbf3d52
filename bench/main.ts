// `npm run bench`: compares the gateway's cost with its lower bounds, side by side in one run. See
// docs/performance.md for how to read the results. A missed target does not change the exit code, since
// machines are noisy.

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { BenchmarkPart } from './bench.ts'
import { changedAreas } from './parts/changed-areas.ts'
import { criteria } from './parts/criteria.ts'
import { decoding } from './parts/decoding.ts'
import { inventory } from './parts/inventory.ts'
import { nested } from './parts/nested.ts'
import { page } from './parts/page.ts'
import { playground } from './parts/playground.ts'
import { scaling } from './parts/scaling.ts'
import { smallQuery } from './parts/small-query.ts'
import { snapshots } from './parts/snapshots.ts'
import { headerOf, jsonOf, type Measured, sectionOf } from './report.ts'

const parts: Readonly<Record<string, BenchmarkPart>> = {
  a: inventory,
  b: decoding,
  c: scaling,
  d: nested,
  e: page,
  f: smallQuery,
  g: changedAreas,
  h: snapshots,
  i: criteria,
  j: playground,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(parts).join() },
    rounds: { type: 'string', default: '5' },
    few: { type: 'string', default: '1000' },
    many: { type: 'string', default: '10000' },
    vcsim: { type: 'string', default: '1000' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run bench -- [flags]

  --only a,b      Parts to run. Default: all${Object.entries(parts)
    .map(([letter, { title }]) => `\n                  ${letter}  ${title}`)
    .join('')}
  --rounds N      Maximum number of interleaved rounds per comparison. Slow comparisons have fewer rounds, at
                  least 3. Default: 5
  --few N         Number of virtual machines of the smaller simulator. Default: 1000
  --many N        Number of virtual machines of the larger simulator. Default: 10000
  --vcsim N,M     Numbers of virtual machines of vcsim, if it is installed; it creates about 50 per second.
                  0 omits vcsim. Default: 1000
  --json FILE     Also write all measurements to this file, unrounded`)
  process.exit()
}

const positive = (text: string, flag: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${flag} must be an integer of at least 1, got ${JSON.stringify(text)}`)
  return value
}
const sizes = {
  rounds: positive(values.rounds, 'rounds'),
  few: positive(values.few, 'few'),
  many: positive(values.many, 'many'),
  vcsim: values.vcsim === '0' ? [] : values.vcsim.split(',').map((size) => positive(size, 'vcsim')),
}
const selected = values.only.split(',')
const unknown = selected.find((letter) => !(letter in parts))
if (unknown !== undefined)
  throw new Error(`unknown part ${JSON.stringify(unknown)}; the parts are ${Object.keys(parts).join()}`)

const cores = cpus()
const environment = {
  node: process.version,
  cpu: cores[0]?.model.trim() ?? process.arch,
  cores: cores.length,
  rounds: sizes.rounds,
}
console.log(`${headerOf(environment)}\n`)
const measured: Measured[] = []
for (const letter of selected) {
  const part = parts[letter] as BenchmarkPart
  const result = { letter, title: part.title, ...(await part.measure(sizes)) }
  measured.push(result)
  console.log(sectionOf(result))
}
if (values.json !== undefined) writeFileSync(values.json, jsonOf(environment, measured))
// The exit handler ends the programs that were started.
process.exit()
