// Formats the report of a run: Markdown tables for the terminal and docs/performance.md, and JSON.

import { isInRange, type Measurement, type Range, type Unit } from './measurements.ts'

/** The results of one part. */
export interface Measured {
  /** The letter of the part in `--only`. */
  readonly letter: string
  readonly title: string
  readonly measurements: readonly Measurement[]
  /** Notes for the reader: what was omitted, and what was compared with what. */
  readonly notes: readonly string[]
}

/** The environment of the measurements. */
export interface Environment {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly rounds: number
}

const signs: Readonly<Record<Range['bound'], string>> = { 'at most': '≤', below: '<', 'at least': '≥' }

export function headerOf({ node, cpu, cores, rounds }: Environment): string {
  return `Node ${node} on ${cores} × ${cpu}; at most ${rounds} rounds.`
}

/** Returns a heading, a table, and notes. */
export function sectionOf({ letter, title, measurements, notes }: Measured): string {
  const rows = measurements.map((measurement) => [
    measurement.server,
    measurement.unit === '×' || measurement.unit === 'count'
      ? measurement.name
      : `${measurement.name} (${measurement.unit})`,
    ...spreadCells(measurement),
    measurement.spread.samples === 1 ? '' : String(measurement.spread.samples),
    rangeCell(measurement),
  ])
  const table =
    measurements.length > 0
      ? [tableOf(['server', 'measurement', 'min', 'median', 'max', 'n', 'target'], rows)]
      : []
  return [`### ${letter}. ${title}`, ...table, ...notes.map((note) => `- ${note}`)].join('\n\n').concat('\n')
}

export function jsonOf(environment: Environment, measured: readonly Measured[]): string {
  const parts = measured.map(({ measurements, ...part }) => ({
    ...part,
    measurements: measurements.map((measurement) => ({ ...measurement, met: isInRange(measurement) })),
  }))
  return `${JSON.stringify({ ...environment, parts }, null, 2)}\n`
}

/** A value that is the same in every round appears once instead of three times. */
function spreadCells({ unit, spread: { min, median, max } }: Measurement): string[] {
  const shown = [min, median, max].map((value) => shownNumber(value, unit))
  return min === max ? ['', shown[1] as string, ''] : shown
}

function rangeCell(measurement: Measurement): string {
  const { range } = measurement
  return range ? `${signs[range.bound]} ${range.value}: ${isInRange(measurement) ? 'met' : 'missed'}` : ''
}

/** Formats a value with its significant digits. */
export function shownNumber(value: number, unit: Unit): string {
  const size = Math.abs(value)
  const digits = unit === 'count' || size >= 100 ? 0 : size >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Returns a Markdown table with aligned columns; numbers are right-aligned. */
function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((head, column) =>
    Math.max(3, head.length, ...rows.map((row) => (row[column] as string).length)),
  )
  const isNumber = (column: number) => column >= 2 && column <= 5
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] as number
      return isNumber(column) ? cell.padStart(width) : cell.padEnd(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) =>
    isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  return [line(headings), line(rule), ...rows.map(line)].join('\n')
}
