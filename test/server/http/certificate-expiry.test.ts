// Warns when the serving certificate has expired, is not yet valid, or expires soon.

import { afterAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { loadServeConfig } from '../../../src/config/config.ts'
import { certificateExpiryWarning } from '../../../src/server/http/certificate-expiry.ts'
import { startServer } from '../../../src/server/start-server.ts'
import { certificates } from '../../transport/certificates.ts'
import { temporaryFiles } from '../auth/authenticated-gateway.ts'

const files = temporaryFiles()
afterAll(() => files.clear())

describe('a certificate from June to July', () => {
  const validity = { notBefore: new Date('2026-06-01'), notAfter: new Date('2026-07-01') }

  it.each([
    ['2026-05-31', 'is not valid before 2026-06-01T00:00:00.000Z: clients reject it until then'],
    ['2026-06-02', undefined],
    ['2026-06-16', undefined],
    ['2026-06-18', 'expires soon, at 2026-07-01T00:00:00.000Z: clients reject it after that'],
    ['2026-07-02', 'expired at 2026-07-01T00:00:00.000Z: clients reject it'],
  ])('causes the warning of %s: %s', (now, problem) => {
    expect(certificateExpiryWarning(validity, new Date(now))).toBe(problem)
  })
})

test('logs and counts an expired or unreadable certificate at startup', async () => {
  const { expired, signed } = certificates
  const lines: string[] = []
  const add = (line: string) => void lines.push(line)
  const tls = [
    '--tls-cert',
    files.write('cert.pem', expired.cert),
    '--tls-key',
    files.write('key.pem', expired.key),
  ]
  const config = loadServeConfig({ argv: ['--port', '0', '--admin-port', '0', ...tls], env: {} })
  const server = await startServer(config, { info: add, warn: add, error: add })
  onTestFinished(() => server.stop())
  const actual = async (name: string) => {
    const text = await (await fetch(`${server.adminUrl}/metrics`)).text()
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1],
    )
  }
  const notAfter = () => actual('vsphere_graphql_tls_certificate_not_after_timestamp_seconds')
  const readable = () => actual('vsphere_graphql_file_last_reload_successful{setting="--tls-cert"}')
  const rejected = () => lines.filter((line) => line.includes('clients reject it'))

  expect(rejected()).toEqual([
    'the certificate of --tls-cert expired at 2021-01-01T00:00:00.000Z: clients reject it',
  ])
  expect(await notAfter()).toBe(Date.UTC(2021, 0, 1) / 1_000)
  expect(await readable()).toBe(1)
  files.write('key.pem', 'no key')
  await expect.poll(readable).toBe(0)
  files.write('cert.pem', signed.cert)
  files.write('key.pem', signed.key)
  await expect.poll(readable).toBe(1)
  expect(await notAfter()).toBeGreaterThan(Date.now() / 1_000)
  expect(rejected()).toHaveLength(1)
})
