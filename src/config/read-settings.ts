// Reads the values of settings from a command line and from an environment. config.ts combines them.

import { parseArgs } from 'node:util'
import { z } from 'zod'
import { didYouMean } from '../text/did-you-mean.ts'
import { ConfigError } from './config-error.ts'
import { isHarmless, maskFlag, maskValue } from './mask-value.ts'
import type { Setting, Settings } from './settings/setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Unparsed values, by setting. */
export type RawValues<T extends Settings> = { [K in keyof T]?: string | string[] }

/** Parsed values, by setting. */
export type Values<T extends Settings> = { readonly [K in keyof T]: z.output<T[K]['value']> }

/** Reads the command line. The last value of a flag wins, unless the setting is repeatable. */
export function readFlags<T extends Settings>(argv: readonly string[], settings: T): RawValues<T> {
  const byFlag = new Map<string, [key: string, setting: Setting]>()
  for (const [key, setting] of Object.entries(settings)) {
    if (setting.flag) byFlag.set(setting.flag, [key, setting])
  }
  // Not strict, since parseArgs would put an unknown argument, which may be a secret, into its error message.
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      [...byFlag].map(([flag, [, { placeholder }]]) => [flag, { type: placeholder ? 'string' : 'boolean' }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })

  const rawValues: Record<string, string | string[]> = {}
  for (const token of tokens) {
    if (token.kind !== 'option') {
      const argument = token.kind === 'positional' ? token.value : '--'
      throw new ConfigError(`unexpected argument ${maskValue(argument)}; after npm start, flags follow --`)
    }
    const [key, setting] = byFlag.get(token.name) ?? unknownFlag(token.rawName, [...byFlag.keys()])
    const value = flagValue(setting, token)
    if (setting.onlyOnce && rawValues[key] !== undefined)
      throw new ConfigError(`--${setting.flag} can only be set once: ${setting.onlyOnce}`)
    rawValues[key] = setting.repeatable ? [rawValues[key] ?? [], value].flat() : value
  }
  return rawValues as RawValues<T>
}

function unknownFlag(rawName: string, flags: readonly string[]): never {
  const suggestion = didYouMean(rawName.replace(/^-+/, ''), flags)
  throw new ConfigError(
    `unknown flag${maskFlag(rawName)}${suggestion ? `; did you mean --${suggestion}?` : '; see --help'}`,
  )
}

type Token = { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined }

function flagValue({ placeholder }: Setting, token: Token) {
  const { rawName, value, inlineValue } = token
  if (!placeholder) {
    if (inlineValue) throw new ConfigError(`${rawName} is a switch and takes no value`)
    return 'true'
  }
  // `--vcenter-name --help` is usually a forgotten value, but `--vcenter-name=--help` and `--call-timeout -1`
  // are not.
  if (value === undefined || (!inlineValue && /^-(?!\d)/.test(value))) {
    throw new ConfigError(`${rawName} needs a value: ${rawName}=${placeholder}`)
  }
  return value
}

/** Reads the environment. An empty variable counts as unset. */
export function readEnvironment<T extends Settings>(environment: Environment, settings: T): RawValues<T> {
  const rawValues: Record<string, string> = {}
  for (const [key, { env }] of Object.entries(settings)) {
    const value = env && environment[env]
    if (value) rawValues[key] = value
  }
  return rawValues as RawValues<T>
}

/**
 * Parses and validates the values.
 * @param label returns the name of a setting for error messages
 */
export function validate<T extends Settings>(
  settings: T,
  rawValues: RawValues<T>,
  label: (setting: Setting, key: keyof T) => string = (setting) => `--${setting.flag}`,
): Values<T> {
  const shape = Object.fromEntries(Object.entries(settings).map(([key, { value }]) => [key, value]))
  const result = z.object(shape).safeParse(rawValues)
  if (result.success) return result.data as Values<T>

  const [key, index] = result.error.issues[0]!.path as [keyof T, number?]
  const setting: Setting = settings[key]!
  const value = [rawValues[key] ?? []].flat()[index ?? 0] ?? ''
  const shown = setting.secret ? '' : `, not ${maskValue(value)}`
  const suggestion = isHarmless(value) ? setting.suggest?.(value) : undefined
  const question = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
  throw new ConfigError(`${label(setting, key)} must be ${setting.expects}${shown}${question}`)
}
