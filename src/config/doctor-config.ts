// The configuration of `doctor`: the same vCenter as that of `serve`, and how to report.

import { type ConfigSources, withDefaultSources } from './config.ts'
import { ConfigError } from './config-error.ts'
import { resolveSettings } from './resolve-settings.ts'
import { doctorSettings } from './settings.ts'
import { readVCenter, type VCenterConfig } from './vcenter/vcenter-config.ts'
import { collectVCenterWarnings } from './warnings.ts'

export interface DoctorConfig {
  /** Undefined for the embedded simulator. */
  readonly vcenter: VCenterConfig | undefined
  readonly json: boolean
  /** Time limit of all checks together. */
  readonly timeoutMs: number
  /** Warnings about settings that are probably mistakes, one sentence each. They may name variables and flags. */
  readonly warnings: readonly string[]
}

/**
 * Reads the configuration of `doctor`.
 * @throws ConfigError
 */
export function loadDoctorConfig(sources: ConfigSources): DoctorConfig {
  const { argv, env, readFile, modeOf } = withDefaultSources(sources)
  const resolved = resolveSettings(doctorSettings, argv, env, readFile)
  const { url, simulator, json, timeout } = resolved.values
  if (url === undefined && !simulator)
    throw new ConfigError(
      'no vCenter to check: set --url (VSPHERE_URL), or check the embedded simulator with --simulator',
    )
  return {
    vcenter: url === undefined ? undefined : readVCenter(url, resolved, readFile),
    json,
    timeoutMs: timeout * 1_000,
    warnings: collectVCenterWarnings(resolved, env, modeOf),
  }
}
