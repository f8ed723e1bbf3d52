// Formats a report for people: one block for each check, wrapped to the width of the terminal.

import { wrap } from '../text/wrap.ts'
import type { AssumptionReport, CheckReport, CheckStatus, DoctorReport } from './report.ts'

interface FormatOptions {
  /** The width of the terminal. @default 100 */
  readonly columns?: number | undefined
  /** Whether to colour the status of each check. @default false */
  readonly colour?: boolean | undefined
}

const minColumns = 60
const maxColumns = 100
const statusColumns = 9
const colours: Readonly<Record<CheckStatus, number>> = { ok: 32, problem: 31, unknown: 33, skipped: 90 }

/** Returns the report as lines that end with a line break. */
export function formatReport(
  report: DoctorReport,
  { columns = maxColumns, colour = false }: FormatOptions = {},
): string {
  const width = Math.max(minColumns, Math.min(columns, maxColumns))
  const paragraph = (text: string, prefix: string, indent = statusColumns) =>
    wrap(`${prefix}${text}`, width - indent)
      .map((line, i) => `${' '.repeat(indent)}${i === 0 ? '' : ' '.repeat(prefix.length)}${line}`)
      .join('\n')
  const checkLines = ({ title, status, found, todo }: CheckReport) => [
    '',
    `${label(status, colour)}${title}`,
    ...found.map((sentence) => paragraph(sentence, '')),
    ...todo.map((sentence) => paragraph(sentence, '-> ')),
  ]
  const assumptionLines = report.assumptions
    .filter(({ result }) => result === 'differs')
    .map((each) => paragraph(assumptionSentence(each), ''))
  const notMade = report.checks.filter(isMissing).map(({ title }) => title)
  const notMadeLines = [
    '',
    `${label('skipped', colour)}Checks that need those above`,
    paragraph(`${notMade.join(', ')}.`, ''),
  ]
  return `${[
    `vsphere-graphql ${report.program.version} doctor, ${report.startedAt}`,
    ...report.checks
      .filter((check) => !isMissing(check))
      .flatMap((check) => [...checkLines(check), ...(check.id === 'assumptions' ? assumptionLines : [])]),
    ...(notMade.length > 0 ? notMadeLines : []),
    '',
    ...wrap(summary(report), width),
  ].join('\n')}\n`
}

/** Whether the check was not made because of one before it. */
const isMissing = ({ facts }: CheckReport): boolean => facts.needs !== undefined

function label(status: CheckStatus, colour: boolean): string {
  const padded = status.padEnd(statusColumns)
  return colour ? `\u001B[${colours[status]}m${padded}\u001B[0m` : padded
}

const assumptionSentence = ({ id, assumed, observed }: AssumptionReport): string =>
  `${id}: assumed: ${assumed} Observed: ${observed}`

function summary({ checks, calls, durationMs, endedBy }: DoctorReport): string {
  const problems = checks.filter(({ status }) => status === 'problem').length
  const result =
    problems === 0 ? 'No problem found' : `${problems} ${problems === 1 ? 'problem' : 'problems'} found`
  const callCount = Object.values(calls).reduce((sum, n) => sum + n, 0)
  const ended =
    endedBy === 'signal'
      ? ' Interrupted: checks are missing.'
      : endedBy === 'timeout'
        ? ' The time limit was reached: checks are missing. Set a longer one with --timeout.'
        : ''
  const soFar = endedBy === null ? '' : ' so far'
  return `${result}${soFar}, in ${(durationMs / 1_000).toFixed(1)} s, with ${callCount} calls that only read.${ended} This report names no host, user or object.`
}
