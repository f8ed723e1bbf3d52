// Tests that a change of the description of a capture in any way keeps its snapshot, and that its key takes no second one silently.

import { describe, expect, test } from 'vitest'
import { countOf } from '../mutations/mutate.ts'
import {
  capture,
  captured,
  describe as describeSnapshot,
  release,
  snapshotsIn,
  startCaptureFixture,
} from './capture-fixture.ts'

const minute = 60_000

const edits: readonly (readonly [string, (text: string) => string])[] = [
  ['a line before it', (text) => `keep\n${text}`],
  ['a line after it', (text) => `${text}\nkeep`],
  ['a line break at its end', (text) => `${text}\r\n`],
  ['spaces at its end', (text) => `${text}  `],
  ['a space before it', (text) => ` ${text}`],
  ['a word after it', (text) => `${text} keep`],
  ['another first word', (text) => text.replace('Held', 'Kept')],
  ['another time', (text) => text.replace(/\d{4}-/, '2000-')],
  ['itself again', (text) => `${text}\n${text}`],
]

describe('a description with', { timeout: 120_000 }, () => {
  test.each(edits)('%s is no longer that of a capture', async (_what, edit) => {
    const { gateway, another, machine, later, timers } = await startCaptureFixture()
    const first = await captured(gateway, { leaseSeconds: 60 })
    const [snapshot] = snapshotsIn(machine)
    const text = snapshot?.description ?? ''
    describeSnapshot(machine, snapshot, edit(text))
    const { data } = await gateway.execute(
      '{ virtualMachine(by: { name: "lab" }) { snapshots { capture { idempotencyKey } } } }',
    )
    expect(data.virtualMachine.snapshots).toEqual([{ capture: null }])
    expect((await capture(gateway, { leaseSeconds: 60 })).reported).toMatchObject([
      { code: 'CONFLICT', state: 'descriptionChanged', retryable: false },
    ])
    expect((await release(gateway, first.snapshot.id)).reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    later(2 * minute)
    const own = another({ captureExpiry: true })
    timers.advance(30_000)
    const other = await captured(own, { idempotencyKey: 'other' })
    await release(own, other.snapshot.id)
    expect(snapshotsIn(machine)).toEqual([snapshot])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(2)
    // As it was, it is removed again.
    describeSnapshot(machine, snapshot, text)
    await release(own, (await captured(own, { idempotencyKey: 'last' })).snapshot.id)
    expect(snapshotsIn(machine)).toEqual([])
  })

  test('nothing of the marker left is that of any snapshot', async () => {
    const { gateway, machine } = await startCaptureFixture()
    const first = await captured(gateway)
    describeSnapshot(machine, snapshotsIn(machine)[0], 'keep')
    expect((await captured(gateway)).snapshot.moid).not.toBe(first.snapshot.moid)
    expect(snapshotsIn(machine)).toHaveLength(2)
  })
})

test.each(['\n', '\t', '\r', '\u0000', '\u0001', '\u001f', '\u007f', '\u0085', '\u009f'])(
  'a key with the control character %j is rejected',
  async (character) => {
    const { gateway, machine } = await startCaptureFixture()
    const { reported } = await capture(gateway, { idempotencyKey: `a${character}b` })
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(snapshotsIn(machine)).toEqual([])
  },
)
