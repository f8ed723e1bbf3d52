// Collects warnings about valid settings that are probably mistakes, for the log at startup.

import { didYouMean } from '../text/did-you-mean.ts'
import type { Environment } from './read-settings.ts'
import type { ResolvedSettings, VCenterSettings } from './resolve-settings.ts'
import type { Setting } from './settings/setting.ts'
import { serveSettings } from './settings.ts'
import { parseVCenterUrl } from './vcenter/vcenter-url.ts'

/** Returns the mode of a file, as in stat(2); undefined if there is none. */
export type ModeOf = (path: string) => number | undefined

const settings: readonly Setting[] = Object.values(serveSettings)

/** The settings of the vCenter, and the files of commands that have more. */
type ResolvedVCenterSettings = ResolvedSettings<VCenterSettings> & {
  readonly values: {
    readonly tokenFile?: string | undefined
    readonly tlsKey?: string | undefined
    readonly captureKeyFile?: string | undefined
  }
}

/** Returns one sentence per warning about the settings of the vCenter, without secrets. */
export const collectVCenterWarnings = (
  resolved: ResolvedSettings<VCenterSettings>,
  env: Environment,
  modeOf: ModeOf,
): string[] => [
  ...misspelledVariables(env),
  ...duplicatePasswords(resolved, env),
  ...worldReadableFiles(resolved, modeOf),
]

/** Returns one sentence per warning about the settings of `serve`, without secrets. */
export function collectWarnings(resolved: ResolvedSettings, env: Environment, modeOf: ModeOf): string[] {
  return [
    ...misspelledVariables(env),
    ...flagsAsVariables(env),
    ...duplicatePasswords(resolved, env),
    ...worldReadableFiles(resolved, modeOf),
  ]
}

const prefix = 'VSPHERE_'

/** Only for our own prefix: variables of other families may belong to other programs. */
function misspelledVariables(env: Environment): string[] {
  const known = settings.flatMap(({ env: name }) =>
    name?.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  )
  return Object.keys(env).flatMap((name) => {
    const own = name.startsWith(prefix) ? name.slice(prefix.length) : undefined
    if (own === undefined || known.includes(own)) return []
    const suggestion = didYouMean(own, known)
    return [
      `Ignoring unknown environment variable ${name}${suggestion ? `; did you mean ${prefix}${suggestion}?` : ''}`,
    ]
  })
}

/**
 * READ_ONLY, for example, is probably meant to make the gateway read-only. Single words, such as NAME or
 * TIMEOUT, may belong to other programs.
 */
function flagsAsVariables(env: Environment): string[] {
  return settings.flatMap(({ flag, env: variable }) => {
    const name = flag?.toUpperCase().replaceAll('-', '_')
    if (!name?.includes('_') || variable !== undefined || !env[name]) return []
    return [`Ignoring environment variable ${name}: --${flag} can only be set as a flag`]
  })
}

function duplicatePasswords(
  { values, usesGovc, label }: ResolvedVCenterSettings,
  env: Environment,
): string[] {
  if (values.url === undefined) return []
  const { url, password, passwordFile } = serveSettings
  const sources = [
    parseVCenterUrl(values.url, label(url)).password && label(url),
    // A flag overrides the variable.
    (values.password ?? (usesGovc ? undefined : env[password.env])) && label(password),
    values.passwordFile && label(passwordFile),
  ].filter(Boolean)
  return sources.length < 2 ? [] : [`the password is set twice, by ${sources.join(' and ')}: remove one`]
}

function worldReadableFiles({ values, label }: ResolvedVCenterSettings, modeOf: ModeOf): string[] {
  return (['passwordFile', 'tokenFile', 'tlsKey', 'captureKeyFile'] as const).flatMap((key) => {
    const file = values[key]
    const isOpen = file !== undefined && ((modeOf(file) ?? 0) & 0o004) !== 0
    return isOpen
      ? [`the file of ${label(serveSettings[key])} is readable by all users of this machine: run chmod o-r`]
      : []
  })
}
