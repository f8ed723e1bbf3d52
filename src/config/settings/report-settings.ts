// Settings of the report of `doctor`.

import { flagValue, integer, type Settings, withDefault } from './setting.ts'

export const reportSettings = {
  json: {
    ...flagValue,
    flag: 'json',
    help: 'Print the report as JSON.',
  },
  timeout: {
    ...withDefault(integer(5, 3600), '120'),
    flag: 'timeout',
    placeholder: 'SECONDS',
    help: 'Time limit of all checks together, in seconds. Checks that it ends are reported as unknown.',
  },
  simulator: {
    ...flagValue,
    flag: 'simulator',
    help: 'Check the embedded simulator, regardless of environment variables.',
  },
} as const satisfies Settings
