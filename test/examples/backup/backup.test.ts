// Tests the example backup program: incremental generations, the reasons of full copies, and runs that are disturbed.

import { expect, test } from 'vitest'
import { startBackupFixture } from './backup-fixture.ts'

test('copies everything at first, and then only what has changed', async () => {
  const fixture = await startBackupFixture()
  await fixture.run()
  expect(await fixture.bases()).toEqual({ 2000: 'NO_TOKEN', 2001: 'NO_TOKEN', 2002: 'NO_TOKEN' })
  fixture.write(1, 65_536)
  await fixture.run()
  expect(await fixture.bases()).toEqual({ 2000: 'CHANGES', 2001: 'CHANGES', 2002: 'CHANGES' })
  const [, second] = await fixture.check()
  expect(second?.disks.map(({ bytes }) => bytes)).toEqual([0, 65_536, 0])
})
