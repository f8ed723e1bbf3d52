// Users of the standalone and the embedded simulator, with different rights, to try what clients see of them.

import { isSameAccount } from './accounts.ts'
import type { SimulatedUser } from './authorization.ts'

/** Returns the users beside the administrator, whose password they have. A name that the administrator has is left out. */
export const demoUsers = (administrator: string, password: string): readonly SimulatedUser[] =>
  (
    [
      // Reads everything and changes nothing.
      { username: 'reader', password, grants: [{ role: 'ReadOnly' }] },
      // Changes power states and snapshots, not the configuration.
      { username: 'operator', password, grants: [{ role: 'VMOperator' }] },
      // Sees one of the two datacenters.
      { username: 'frankfurt', password, grants: [{ role: 'ReadOnly', on: '/Frankfurt' }] },
    ] as const
  ).filter(({ username }) => !isSameAccount(username, administrator))
