// Enforces roles: rejects mutations that the caller's role does not allow before any resolver runs. All roles may run queries and
// subscriptions, and read the schema.

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { YogaInitialContext } from 'graphql-yoga'
import type { Role as ConfiguredRole } from '../../config/access/token-file.ts'
import type { Log } from '../../observability/log.ts'
import { hasRole, highestRole, type Role, roleForMutation, type Viewer } from '../../schema/access/roles.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import type { Identity, WithIdentity } from './identity.ts'

const roleNames: Readonly<Record<ConfiguredRole, Role>> = {
  reader: 'READER',
  power: 'POWER',
  operator: 'OPERATOR',
}

/** Returns the caller as the schema shows it. Without mutations, every caller is a reader. */
export const viewerOf = ({ name, role, isAnonymous = false }: Identity, isReadOnly: boolean): Viewer => ({
  name: isAnonymous ? null : name,
  role: isReadOnly ? 'READER' : roleNames[role],
  isReadOnly,
})

/**
 * Rejects an operation that the caller's role does not allow. All of its mutation fields count, also those that a directive skips.
 * @throws GraphQLError ROLE_REQUIRED
 */
export function requireRole(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  { identity, viewer, request }: WithIdentity & { readonly viewer: Viewer } & YogaInitialContext,
  log: Log,
): void {
  if (operation.operation !== 'mutation' || viewer.role === 'OPERATOR') return
  const roles = rootFieldsOf(operation.selectionSet, document).map(roleForMutation)
  const required = highestRole(roles)
  if (hasRole(viewer, required)) return
  const role = required.toLowerCase()
  // Without a status: it depends on the media type of the response.
  log.warn(`mutation denied: requires the role ${role}`, {
    ...requestLogFields(request),
    identity: identity.name,
    role: identity.role,
  })
  const denied = new ApiError(
    'ROLE_REQUIRED',
    `this operation requires the role ${role}; yours is ${identity.role}`,
    {
      requiredRole: required,
      remedy: `Nothing was changed. Send the mutation with a token that has the role ${role}${
        roles.some((each) => hasRole(viewer, each)) ? ', or changePower in an operation of its own' : ''
      }.`,
    },
  )
  // As for an invalid operation: 403, or 200 for clients that only accept application/json.
  const http = { status: 403, spec: true }
  const options = { nodes: operation, originalError: denied, extensions: { http } }
  throw new GraphQLError(denied.message, options)
}

/** Returns the names of the fields at the root of an operation, also of those in fragments, each of which is visited once. */
function rootFieldsOf(
  { selections }: SelectionSetNode,
  document: DocumentNode,
  visited = new Set<string>(),
): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === '__typename' ? [] : [selection.name.value]
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return rootFieldsOf(selection.selectionSet, document, visited)
    const name = selection.name.value
    const fragment = document.definitions.find(
      (each): each is FragmentDefinitionNode =>
        each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name,
    )
    if (!fragment || visited.has(name)) return []
    visited.add(name)
    return rootFieldsOf(fragment.selectionSet, document, visited)
  })
}
