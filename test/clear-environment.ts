// Runs before every test file: a developer's own vCenter settings must never reach a test.

import type { Setting } from '../src/config/settings/setting.ts'
import { serveSettings } from '../src/config/settings.ts'

for (const name of Object.keys(process.env)) {
  if (name.startsWith('VSPHERE_') || name.startsWith('GOVC_') || name.startsWith('OTEL_'))
    delete process.env[name]
}
// What the gateway itself is told is as much a setting as what says where the vCenter is.
for (const { env } of Object.values<Setting>(serveSettings)) if (env) delete process.env[env]
