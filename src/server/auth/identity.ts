// The identity of a request's sender. It is determined once, before any other processing; all code that
// depends on the caller reads it from here.

import type { Role } from '../../config/access/token-file.ts'

export interface Identity {
  /**
   * The name in logs and audit entries: from the token file, or a JSON Web Token's `sub`. It may contain any
   * characters.
   */
  readonly name: string
  readonly role: Role
  /** Whether the caller was not authenticated, and the name is the same for all. */
  readonly isAnonymous?: boolean
}

/** Part of each request's context. */
export interface WithIdentity {
  readonly identity: Identity
}
