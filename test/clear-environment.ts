// Runs before every test file: removes a developer's own vCenter settings from the environment. Files share a worker process, so
// that mocks and fake timers have to end with their file.

import { afterAll, vi } from 'vitest'
import type { Setting } from '../src/config/settings/setting.ts'
import { serveSettings } from '../src/config/settings.ts'

for (const name of Object.keys(process.env)) {
  if (name.startsWith('VSPHERE_') || name.startsWith('GOVC_') || name.startsWith('OTEL_'))
    delete process.env[name]
}
// Removes the gateway's own settings as well as those that name the vCenter.
for (const { env } of Object.values<Setting>(serveSettings)) if (env) delete process.env[env]

const real = { setTimeout, setInterval, setImmediate, Date }

afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  const left = Object.entries(real).filter(([name, value]) => Reflect.get(globalThis, name) !== value)
  Object.assign(globalThis, real)
  // A spy on a fake timer, for example, puts the fake one back when it is restored, and the waits of all later files never end.
  if (left.length > 0) throw new Error(`This file leaves ${left.map(([name]) => name).join(', ')} replaced`)
})
