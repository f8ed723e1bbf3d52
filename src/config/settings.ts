// All settings of all commands: flags, variables, defaults, --help and the README's table derive from here,
// in this order. read-settings.ts reads the values from the command line and the environment; config.ts
// combines them.

import { accessSettings } from './settings/access-settings.ts'
import { limitSettings } from './settings/limit-settings.ts'
import { observabilitySettings } from './settings/observability-settings.ts'
import { reportSettings } from './settings/report-settings.ts'
import { schemaSettings } from './settings/schema-settings.ts'
import { flagValue, type Settings } from './settings/setting.ts'
import { simulatorSettings } from './settings/simulator-settings.ts'
import { vcenterSettings } from './settings/vcenter-settings.ts'

const common = {
  help: { ...flagValue, flag: 'help', help: 'Show this help.' },
  version: { ...flagValue, flag: 'version', help: 'Show the version.' },
} as const satisfies Settings

export const serveSettings = {
  ...vcenterSettings,
  ...accessSettings,
  ...schemaSettings,
  ...limitSettings,
  ...observabilitySettings,
  ...common,
} as const satisfies Settings

/** The same by heading, for --help. */
export const serveSettingGroups: Readonly<Record<string, Settings>> = {
  vCenter: vcenterSettings,
  'Listening, authentication and browser access': accessSettings,
  'Schema and operations': schemaSettings,
  Limits: limitSettings,
  'Metrics, log and traces': observabilitySettings,
  Other: common,
}

export const doctorSettings = { ...vcenterSettings, ...reportSettings, ...common } as const satisfies Settings

/** The same by heading, for --help. */
export const doctorSettingGroups: Readonly<Record<string, Settings>> = {
  vCenter: connectionSettings(vcenterSettings),
  Report: reportSettings,
  Other: common,
}

export const simulateSettings = { ...simulatorSettings, ...common } as const satisfies Settings

export const printSchemaSettings = {
  readOnly: { ...schemaSettings.readOnly, help: 'Print the schema without mutations.' },
  introspection: {
    ...flagValue,
    flag: 'introspection',
    help: 'Print the result of an introspection query as JSON, for tools that cannot read SDL.',
  },
  ...common,
} as const satisfies Settings

/** The settings of the connection. Without the simulator as a default, and without the name, which only the API shows. */
function connectionSettings({ vcenterName, simulator, url, ...others }: typeof vcenterSettings): Settings {
  const { defaultText, ...required } = url
  return { url: required, ...others }
}
