// Runs random histories of the example backup program. BACKUP_HISTORIES sets their number, and BACKUP_SEED the first seed.

import { test } from 'vitest'
import { startBackupFixture } from './backup-fixture.ts'
import { runHistory } from './history.ts'

const count = Number(process.env.BACKUP_HISTORIES ?? 5)
const first = Number(process.env.BACKUP_SEED ?? 1)

test.each(Array.from({ length: count }, (_, index) => first + index))(
  'restores every generation byte by byte in the history %i, in which runs are killed',
  async (seed) => {
    await runHistory(await startBackupFixture(), String(seed), 10)
  },
)
