// The roles of callers in the gateway. They limit which mutations a caller may send; vCenter's own permissions apply as well.

/** From the fewest rights to the most: each role has the rights of those before it. */
const roles = ['READER', 'POWER', 'OPERATOR'] as const

export type Role = (typeof roles)[number]

/** The caller of an operation. */
export interface Viewer {
  /** Null if the gateway does not authenticate callers. */
  readonly name: string | null
  readonly role: Role
  /** Whether the gateway has no mutations, so that no role suffices. */
  readonly isReadOnly?: boolean
}

export const hasRole = (viewer: Viewer, required: Role): boolean =>
  roles.indexOf(viewer.role) >= roles.indexOf(required)

/** Returns the role that a mutation field needs. */
export const roleForMutation = (field: string): Role => (field === 'changePower' ? 'POWER' : 'OPERATOR')

/** Returns the highest of several roles. */
export const highestRole = (required: readonly Role[]): Role =>
  roles.findLast((role) => required.includes(role)) ?? 'READER'
