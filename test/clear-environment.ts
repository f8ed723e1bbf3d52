// Runs before every test file: removes a developer's own vCenter settings from the environment. Files share a worker process, so
// that mocks and fake timers end with their file.

import { afterAll, vi } from 'vitest'
import type { Setting } from '../src/config/settings/setting.ts'
import { serveSettings } from '../src/config/settings.ts'

for (const name of Object.keys(process.env)) {
  if (name.startsWith('VSPHERE_') || name.startsWith('GOVC_') || name.startsWith('OTEL_'))
    delete process.env[name]
}
// Removes the gateway's own settings as well as those that name the vCenter.
for (const { env } of Object.values<Setting>(serveSettings)) if (env) delete process.env[env]

afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})
