// `npm run bench`: runs every benchmark and prints a table of what was measured, on what.

import { cpus } from 'node:os'

interface Row {
  readonly benchmark: string
  readonly result: string
}

const rows: Row[] = []

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? process.arch}`)
if (rows.length === 0) console.log('No benchmark yet.')
else console.table(rows)
