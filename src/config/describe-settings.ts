// Describes the settings as text: the flags of --help, and the table of the README.

import { wrap } from '../text/wrap.ts'
import type { Setting, Settings } from './settings/setting.ts'

/** Limits of the line length, which otherwise is that of the terminal. */
const minColumns = 70
const maxColumns = 100

/**
 * Returns the flags of a command, and its variables without a flag, below their headings.
 * @param columns the width of the terminal
 */
export function describeSettings(groups: Readonly<Record<string, Settings>>, columns = maxColumns): string {
  const rowsByHeading = Object.entries(groups).map(
    ([heading, settings]) => [heading, helpRows(settings)] as const,
  )
  const width = Math.max(...rowsByHeading.flatMap(([, rows]) => rows.map(({ name }) => name.length)))
  const indent = width + 4
  const textColumns = Math.max(minColumns, Math.min(columns, maxColumns)) - indent
  return rowsByHeading
    .map(([heading, rows]) => {
      const lines = rows.map(
        ({ name, text }) =>
          `  ${name.padEnd(width)}  ${wrap(text, textColumns).join(`\n${' '.repeat(indent)}`)}`,
      )
      return [`${heading}:`, ...lines].join('\n')
    })
    .join('\n\n')
}

function helpRows(settings: Settings): { readonly name: string; readonly text: string }[] {
  return Object.values(settings).map((setting) => {
    const { flag, placeholder, env, govc, help } = setting
    const variables = [flag && env, govc].filter(Boolean).join(', ')
    const defaultText = defaultTextOf(setting)
    return {
      name: flag ? `--${flag}${placeholder ? ` ${placeholder}` : ''}` : `${env}`,
      text: [
        help,
        defaultText && placeholder && `Default: ${withoutBackticks(defaultText)}.`,
        variables && `[${variables}]`,
      ]
        .filter(Boolean)
        .join(' '),
    }
  })
}

/** Returns the same as a Markdown table. */
export function settingsTable(settings: Settings): string {
  const rows = Object.values(settings).map((setting) => [
    setting.flag
      ? inlineCode(`--${setting.flag}${setting.placeholder ? ` ${setting.placeholder}` : ''}`)
      : '',
    [setting.env, setting.govc]
      .filter((name) => name !== undefined)
      .map(inlineCode)
      .join(', '),
    defaultTextOf(setting),
    setting.help,
  ])
  return [['Flag', 'Environment', 'Default', 'Meaning'], Array(4).fill('---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const inlineCode = (text: string) => `\`${text}\``
const withoutBackticks = (text: string) => text.replaceAll('`', '')

/** Returns a setting's default; empty if it has none. */
function defaultTextOf({ defaultText, value, placeholder }: Setting): string {
  if (defaultText !== undefined) return defaultText
  const { data } = value.safeParse(undefined)
  return data === undefined || !placeholder ? '' : inlineCode(String(data))
}
