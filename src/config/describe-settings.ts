// The settings in words: the flags of --help, and the table in docs/settings.md.

import type { Setting, Settings } from './settings/setting.ts'

/** The flags of a command, and the variables that have none, a line each. */
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

/** The same as a table in Markdown. */
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

/** A setting's default, empty when it has none. */
function defaultTextOf({ defaultText, value, placeholder }: Setting): string {
  if (defaultText !== undefined) return defaultText
  const { data } = value.safeParse(undefined)
  return data === undefined || !placeholder ? '' : inlineCode(String(data))
}
