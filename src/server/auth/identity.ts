// Who sent a request. Found out once, before anything else looks at it; everything that depends on who asks reads it here.

import type { Role } from '../../config/access/token-file.ts'

export interface Identity {
  /** As logs and audits call it: the name in the token file, a JSON Web Token's `sub`. It may have any characters. */
  readonly name: string
  readonly role: Role
}

/** Part of each request's context. */
export interface WithIdentity {
  readonly identity: Identity
}
