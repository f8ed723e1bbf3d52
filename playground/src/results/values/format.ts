// Formats values for people: sizes, frequencies, durations, dates and ages.

import type { Unit } from '../typed/units.ts'

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits, useGrouping: true })

const sizes = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const

const tenths = (value: number): number => Math.round(Math.abs(value) * 10) / 10

/** Formats a number of bytes with the largest unit of which it is at least one: 1,024 GiB is 1 TiB, also if it is so by rounding. */
export function formatBytes(bytes: number): string {
  const [unit, size] = sizes.find((each) => tenths((bytes / each[1]) * 1024) >= 1024) ?? ['B', 1]
  const value = bytes / size
  return `${number(value, Math.abs(value) < 10 ? 2 : 1)} ${unit}`
}

const spans = [
  ['y', 31_557_600],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** Formats a duration by its two largest units, such as "3 d 4 h". */
function formatSeconds(seconds: number): string {
  const whole = Math.round(Math.abs(seconds))
  if (whole === 0) return seconds === 0 ? '0 s' : `${number(seconds, 3)} s`
  const first = spans.findIndex(([, size]) => whole >= size)
  const [unit, size] = spans[first] as (typeof spans)[number]
  const next = spans[first + 1]
  const remainder = next ? Math.floor((whole % size) / next[1]) : 0
  const text = `${number(Math.floor(whole / size))} ${unit}`
  return `${seconds < 0 ? '-' : ''}${text}${next && remainder > 0 ? ` ${remainder} ${next[0]}` : ''}`
}

/** Formats how far a time is from now by its largest unit, such as "3 d ago" or "in 2 h". */
export function formatAge(time: number, now: number): string {
  const seconds = Math.round(Math.abs(now - time) / 1000)
  const [unit, size] = spans.find((each) => seconds >= each[1]) ?? ['s', 1]
  if (seconds < 1) return 'now'
  const text = `${number(Math.floor(seconds / size))} ${unit}`
  return time > now ? `in ${text}` : `${text} ago`
}

const inYear = { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const
const thisYear = new Intl.DateTimeFormat(undefined, inYear)
const otherYear = new Intl.DateTimeFormat(undefined, { ...inYear, year: 'numeric' })

/** Formats a time in the local time zone. The year is left out if it is the current one. */
export const formatDateTime = (time: number, now = Date.now()): string =>
  (new Date(time).getFullYear() === new Date(now).getFullYear() ? thisYear : otherYear).format(time)

/** Formats a percentage with as many decimal places as it takes not to be 0 %. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.01) return '< 0.01 %'
  return `${number(percent, Math.abs(percent) < 1 ? 2 : 1)} %`
}

/** Formats a number with its unit. Whole numbers up to 2^53 - 1 keep all digits. */
export function formatNumber(value: number, unit: Unit | undefined): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value)
    case 'megahertz':
      return `${number(value, 1)} MHz`
    case 'percent':
      return formatPercent(value)
    case 'seconds':
      return formatSeconds(value)
    case 'milliseconds':
      return Math.abs(value) < 1000 ? `${number(value, 1)} ms` : formatSeconds(value / 1000)
    case 'megabits':
      return `${number(value, 1)} Mbit/s`
    default:
      return number(value, 3)
  }
}

/** The exact value with its unit, for a hover text. Undefined if the formatted number is exact already. */
export function exactNumber(value: number, unit: Unit | undefined): string | undefined {
  if (unit === 'bytes') return `${number(value, 3)} bytes`
  if (unit === 'seconds') return `${number(value, 3)} seconds`
  if (unit === 'milliseconds') return `${number(value, 3)} milliseconds`
  return Number.isInteger(value) ? undefined : String(value)
}

/** Turns an enum value into words: POWERED_ON becomes "Powered on". */
export function enumLabel(value: string): string {
  const words = value.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Words that are not written in lower case. */
const spellings: ReadonlyMap<string, string> = new Map(
  [
    'CPU',
    'DNS',
    'DRS',
    'HA',
    'ID',
    'IDs',
    'IP',
    'MAC',
    'MTU',
    'NIC',
    'OS',
    'URL',
    'UUID',
    'vCenter',
    'vCenters',
    'VLAN',
    'VM',
  ].map((word) => [word.toLowerCase(), word]),
)

/** Turns a field name or alias into words: cpuCount becomes "CPU count". */
export function fieldLabel(name: string): string {
  const words = name
    .replace(/^__typename$/, 'type')
    .replaceAll('_', ' ')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .trim()
    .split(/\s+/)
    .map(
      (word) =>
        spellings.get(word.toLowerCase()) ?? (/^[A-Z0-9]{2,}$/.test(word) ? word : word.toLowerCase()),
    )
  const [first = '', ...others] = words
  return [
    spellings.has(first.toLowerCase()) ? first : first.charAt(0).toUpperCase() + first.slice(1),
    ...others,
  ].join(' ')
}

/**
 * The labels of nested fields as one, such as "Host name". A unit at the end of the name is left out, because the value is shown with
 * its own: ageSeconds is "Age".
 */
export const pathLabel = (path: readonly string[], unit?: Unit): string =>
  path
    .map(withoutUnit(unit))
    .map((key, index) => (index === 0 ? fieldLabel(key) : lowerFirst(fieldLabel(key))))
    .join(' ')

const withoutUnit =
  (unit: Unit | undefined) =>
  (name: string): string =>
    unit === 'seconds' || unit === 'bytes' ? name.replace(/(?<=[a-z])(?:Seconds|Bytes)$/, '') : name

/** Continues a sentence with a label. Words that begin with two capitals keep them. */
export const lowerFirst = (text: string): string =>
  /^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1)
