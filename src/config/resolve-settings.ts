// Decides which settings of a command that connects to a vCenter apply. Two families can name a vCenter: the flags with VSPHERE_*,
// and GOVC_* if the first names none. Only one is used, so that a secret is never sent to the URL of the other.
// read-settings.ts reads the values; vcenter-config.ts and config.ts build the configuration.

import { ConfigError } from './config-error.ts'
import {
  type Environment,
  type RawValues,
  readEnvironment,
  readFlags,
  type Values,
  validate,
} from './read-settings.ts'
import type { Setting, Settings } from './settings/setting.ts'
import { vcenterSettings } from './settings/vcenter-settings.ts'
import { serveSettings } from './settings.ts'
import { translateGovc } from './vcenter/govc.ts'

/** The settings of a vCenter connection. Commands may describe them differently. */
export type VCenterSettings = {
  readonly [K in keyof typeof vcenterSettings]: Setting & Pick<(typeof vcenterSettings)[K], 'value'>
}

export interface ResolvedSettings<T extends Settings = typeof serveSettings> {
  readonly values: Values<T>
  /** The values from the command line only. */
  readonly flags: RawValues<T>
  /** Whether the vCenter comes from govc's variables. */
  readonly usesGovc: boolean
  /** Returns the name of a setting for error messages, such as `--port (PORT)`. */
  readonly label: (setting: Setting) => string
}

/** Mutually exclusive settings. A flag in a group overrides the variables of the whole group. */
const exclusiveSettings = [
  ['password', 'passwordFile'],
  ['insecure', 'thumbprint', 'caFile'],
] as const

const connectionSettings = Object.entries(vcenterSettings as Record<string, Setting>)
  .filter(([, { vcenter }]) => vcenter)
  .map(([key, setting]) => ({ key: key as keyof VCenterSettings, setting }))

/** Returns the settings of `serve` from `argv` and `env`, validated individually and together. */
export const resolveServeSettings = (
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string,
): ResolvedSettings => resolveSettings(serveSettings, argv, env, readFile)

/** Returns the settings of a command that connects to a vCenter, validated individually and together. */
export function resolveSettings<T extends VCenterSettings & Settings>(
  settings: T,
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string,
): ResolvedSettings<T> {
  const flags: RawValues<VCenterSettings> = readFlags(argv, settings)
  const usesGovc = !flags.simulator && !flags.url && !env.VSPHERE_URL && Boolean(env.GOVC_URL)
  const variables: RawValues<VCenterSettings> = readEnvironment(
    usesGovc ? translateGovc(env, readFile) : env,
    settings,
  )

  // A user name implies a vCenter. Using the simulator instead would return made-up disks.
  if (!flags.simulator && (flags.url ?? variables.url) === undefined && variables.username) {
    throw new ConfigError(
      'VSPHERE_USERNAME is set, but no vCenter URL: set VSPHERE_URL, or use the simulator with --simulator',
    )
  }
  if (flags.simulator || !(flags.url ?? variables.url)) {
    for (const { key, setting } of connectionSettings) {
      delete variables[key]
      if (!flags[key]) continue
      throw new ConfigError(
        flags.simulator
          ? `--${setting.flag} and --simulator are mutually exclusive`
          : `--${setting.flag} needs a vCenter: --url (VSPHERE_URL)`,
      )
    }
  }
  if (usesGovc && flags.passwordFile) {
    throw new ConfigError('--password-file needs --url or VSPHERE_URL; with GOVC_URL, use GOVC_PASSWORD')
  }
  for (const group of exclusiveSettings) {
    if (group.some((key) => flags[key])) for (const key of group) delete variables[key]
  }

  const label = ({ flag, env, govc, vcenter }: Setting) => {
    const variable = usesGovc && vcenter ? govc : env
    return [flag && `--${flag}`, variable && (flag ? `(${variable})` : variable)].filter(Boolean).join(' ')
  }
  const values = validate(settings, { ...variables, ...flags } as RawValues<T>, label)
  for (const group of exclusiveSettings) {
    const resolved = group.filter((key) => values[key]).map((key) => label(vcenterSettings[key]))
    if (resolved.length > 1) throw new ConfigError(`${resolved[0]} and ${resolved[1]} are mutually exclusive`)
  }
  return { values, flags: flags as RawValues<T>, usesGovc, label }
}
