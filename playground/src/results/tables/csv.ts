// Writes rows as CSV (RFC 4180), guarded against values that a spreadsheet would run as formulas.

import type { TypedObject, TypedValue } from '../typed/typed-value.ts'
import { type Column, cellValue } from './columns.ts'

/** Begins a file that spreadsheets open: Excel takes text without it for the encoding of the system. */
export const byteOrderMark = '\uFEFF'

/** Returns the loaded rows with these columns. Numbers and times are exact, lists of values are separated by semicolons, other lists are JSON. */
export function csvOf(rows: readonly TypedObject[], columns: readonly Column[]): string {
  const header = columns.map(({ id }) => encode(guard(id)))
  const lines = rows.map((row) => columns.map((column) => encode(cellText(cellValue(row, column)))))
  return [header, ...lines].map((line) => `${line.join(',')}\r\n`).join('')
}

function cellText(value: TypedValue | undefined): string {
  if (value === undefined || value.kind === 'null') return ''
  if (value.kind === 'leaf') return scalarText(value.raw)
  if (value.kind === 'list' && value.items.every(({ kind }) => kind === 'leaf'))
    return guard(value.raw.map(String).join('; '))
  return guard(JSON.stringify(value.raw))
}

function scalarText(raw: unknown): string {
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  return guard(typeof raw === 'string' ? raw : JSON.stringify(raw))
}

/** An apostrophe makes spreadsheets take the text as text. */
const guard = (text: string): string => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)

const encode = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
