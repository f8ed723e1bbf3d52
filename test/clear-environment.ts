// Runs before every test file: a developer's own vCenter settings must never reach a test.

for (const name of Object.keys(process.env)) {
  if (name.startsWith('VSPHERE_') || name.startsWith('GOVC_')) delete process.env[name]
}
// The gateway's own address settings are as much a setting as the vCenter's.
delete process.env.HOST
delete process.env.PORT
