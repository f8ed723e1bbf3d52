// The log lines of sessions and outages.

import { expect, test } from 'vitest'
import { SoapError } from '../../src/soap/soap-error.ts'
import { TransportError } from '../../src/transport/transport-error.ts'
import { createVCenterLog } from '../../src/vcenter/vcenter-log.ts'

function startLog() {
  const lines: string[] = []
  const write = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const log = createVCenterLog('vc', { info: write('info'), warn: write('warn'), error: write('error') })
  return { log, lines }
}

test('logs a warning when a Login had no response before the gateway stopped', () => {
  const { log, lines } = startLog()
  log.onSessionEvent({ kind: 'loginAbandoned' })
  expect(lines).toEqual([expect.stringMatching(/^warn vc: no response to a login before shutdown/)])
})

const reachable =
  'Check that the vCenter is running and reachable from this machine. The gateway reconnects by itself.'
const dns =
  'Check the URL of the vCenter (--url, VSPHERE_URL) and the DNS of this machine. The gateway reconnects by itself.'
const wrongServer =
  'Check the URL of the vCenter (--url, VSPHERE_URL; its SDK is at /sdk), and whether another server responds at that address.'
const failedWith = (code: string) => ({ cause: Object.assign(new Error(), { code }) })

test.each([
  ['a refused connection', new TransportError('CONNECT', 'failed', failedWith('ECONNREFUSED')), reachable],
  ['an unknown host name', new TransportError('CONNECT', 'failed', failedWith('ENOTFOUND')), dns],
  ['a failed name lookup', new TransportError('CONNECT', 'failed', failedWith('EAI_AGAIN')), dns],
  ['a timeout', new TransportError('TIMEOUT', 'failed'), reachable],
  ['a lost connection', new TransportError('CLOSED', 'failed'), reachable],
  ['the error of a proxy', new TransportError('STATUS', 'failed', { status: 503 }), reachable],
  ['a server without the SDK', new TransportError('STATUS', 'failed', { status: 404 }), wrongServer],
  [
    'a server that does not implement POST',
    new TransportError('STATUS', 'failed', { status: 501 }),
    wrongServer,
  ],
  [
    'a response that is not SOAP',
    new SoapError('failed'),
    'Check the URL of the vCenter (--url, VSPHERE_URL), and whether another server responds at that address. The gateway reconnects by itself.',
  ],
])('logs what to do for %s', (_, error, remedy) => {
  const { log, lines } = startLog()
  log.onUnreachable(error)
  expect(lines).toEqual([`error vc: failed. ${remedy}`])
})
