// What the log has of a session at the end.

import { expect, test } from 'vitest'
import { createVCenterLog } from '../../src/vcenter/vcenter-log.ts'

test('a Login that had no answer when the gateway stopped is a warning', () => {
  const lines: string[] = []
  const write = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  createVCenterLog('vc', { info: write('info'), warn: write('warn'), error: write('error') }).onSessionEvent({
    kind: 'loginAbandoned',
  })
  expect(lines).toEqual([expect.stringMatching(/^warn vc: Login had no answer when the gateway stopped/)])
})
