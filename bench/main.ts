// `npm run bench`: compares the gateway's cost with its lower bounds, side by side in one run. See
// docs/performance.md for how to read the results. A missed target does not change the exit code, since
// machines are noisy.

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { BenchmarkPart } from './bench.ts'
import { changedAreas } from './parts/changed-areas.ts'
import { decoding } from './parts/decoding.ts'
import { inventory } from './parts/inventory.ts'
import { nested } from './parts/nested.ts'
import { page } from './parts/page.ts'
import { growth } from './parts/scaling.ts'
import { smallQuery } from './parts/small-query.ts'
import { snapshots } from './parts/snapshots.ts'
import { headerOf, jsonOf, type Measured, sectionOf } from './report.ts'

const parts: Readonly<Record<string, BenchmarkPart>> = {
  a: inventory,
  b: decoding,
  c: growth,
  d: nested,
  e: page,
  f: smallQuery,
  g: changedAreas,
  h: snapshots,
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

  --only a,b      Parts: ${Object.entries(parts)
    .map(([letter, { title }]) => `\n                  ${letter}  ${title}`)
    .join('')}
  --rounds N      How often each thing is measured, in turn with what it is compared with; what takes
                  long less often, but at least 3 times. Default: 5
  --few N         Virtual machines of the smaller simulator. Default: 1000
  --many N        Those of the larger one. Default: 10000
  --vcsim N,M     Those of vcsim, where it is installed; it makes some 50 a second. 0 leaves it out. Default: 1000
  --json FILE     Writes all figures there too.`)
  process.exit()
}

const positive = (text: string, flag: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${flag} is a number from 1 on`)
  return value
}
const sizes = {
  rounds: positive(values.rounds, 'rounds'),
  few: positive(values.few, 'few'),
  many: positive(values.many, 'many'),
  vcsim: values.vcsim === '0' ? [] : values.vcsim.split(',').map((size) => positive(size, 'vcsim')),
}
const letters = values.only.split(',')
const unknown = letters.find((letter) => !(letter in parts))
if (unknown !== undefined)
  throw new Error(`there is no part ${unknown}; there are ${Object.keys(parts).join()}`)

const cores = cpus()
const setting = {
  node: process.version,
  cpu: cores[0]?.model.trim() ?? process.arch,
  cores: cores.length,
  rounds: sizes.rounds,
}
console.log(`${headerOf(setting)}\n`)
const measured: Measured[] = []
for (const letter of letters) {
  const part = parts[letter] as BenchmarkPart
  const result = { letter, title: part.title, ...(await part.measure(sizes)) }
  measured.push(result)
  console.log(sectionOf(result))
}
if (values.json !== undefined) writeFileSync(values.json, jsonOf(setting, measured))
// The exit handler ends the programs that were started.
process.exit()
