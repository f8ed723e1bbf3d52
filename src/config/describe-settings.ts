// Describes the settings as text: the flags of --help, and the table of the README.

import type { Setting, Settings } from './settings/setting.ts'

/** Returns the flags of a command, and its variables without a flag, one per line. */
export function describeSettings(settings: Settings): string {
  const rows = Object.values(settings).map((setting) => {
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
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`).join('\n')
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
