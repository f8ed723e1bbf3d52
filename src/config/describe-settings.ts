// The settings in words: the flags of --help, and the table of the README.

import type { Setting, Settings } from './settings/setting.ts'

/** The flags of a command, and the variables that have none, a line each. */
export function describeSettings(settings: Settings): string {
  const rows = Object.values(settings).map((setting) => {
    const { flag, takes, env, govc, help } = setting
    const variables = [flag && env, govc].filter(Boolean).join(', ')
    const otherwise = defaultOf(setting)
    return {
      name: flag ? `--${flag}${takes ? ` ${takes}` : ''}` : `${env}`,
      text: [help, otherwise && takes && `Default: ${plain(otherwise)}.`, variables && `[${variables}]`]
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
    setting.flag ? code(`--${setting.flag}${setting.takes ? ` ${setting.takes}` : ''}`) : '',
    [setting.env, setting.govc]
      .filter((name) => name !== undefined)
      .map(code)
      .join(', '),
    defaultOf(setting),
    setting.help,
  ])
  return [['Flag', 'Environment', 'Default', 'Meaning'], Array(4).fill('---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const code = (text: string) => `\`${text}\``
const plain = (text: string) => text.replaceAll('`', '')

/** A setting's default, empty when it has none. */
function defaultOf({ otherwise, value, takes }: Setting): string {
  if (otherwise !== undefined) return otherwise
  const { data } = value.safeParse(undefined)
  return data === undefined || !takes ? '' : code(String(data))
}
