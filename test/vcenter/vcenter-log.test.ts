// The log lines of a session when it closes.

import { expect, test } from 'vitest'
import { createVCenterLog } from '../../src/vcenter/vcenter-log.ts'

test('logs a warning when a Login had no response before the gateway stopped', () => {
  const lines: string[] = []
  const write = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  createVCenterLog('vc', { info: write('info'), warn: write('warn'), error: write('error') }).onSessionEvent({
    kind: 'loginAbandoned',
  })
  expect(lines).toEqual([expect.stringMatching(/^warn vc: no response to a login before shutdown/)])
})
