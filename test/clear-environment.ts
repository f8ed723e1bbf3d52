// Runs before every test file: a developer's own vCenter settings must never reach a test.

for (const name of Object.keys(process.env)) {
  if (name.startsWith('VSPHERE_') || name.startsWith('GOVC_') || name.startsWith('OTEL_'))
    delete process.env[name]
}
// The gateway's own settings are as much a setting as the vCenter's.
for (const name of ['HOST', 'PORT', 'ADMIN_HOST', 'ADMIN_PORT', 'LOG_LEVEL', 'LOG_FORMAT'])
  delete process.env[name]
