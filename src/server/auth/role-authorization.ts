// Enforces roles: rejects a reader's mutation before any resolver runs. All roles may run queries and
// subscriptions, and read the schema.

import { GraphQLError, type OperationDefinitionNode } from 'graphql'
import type { YogaInitialContext } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import type { WithIdentity } from './identity.ts'

/**
 * Rejects an operation that the caller's role does not allow.
 * @throws GraphQLError FORBIDDEN
 */
export function requireRole(
  operation: OperationDefinitionNode,
  { identity, request }: WithIdentity & YogaInitialContext,
  log: Log,
): void {
  const { name, role } = identity
  if (operation.operation !== 'mutation' || role === 'operator') return
  // Without a status: it depends on the media type of the response.
  log.warn('mutation denied: requires the role operator', {
    ...requestLogFields(request),
    identity: name,
    role,
  })
  const forbidden = new ApiError('FORBIDDEN', `mutations require the role operator; yours is ${role}`, {
    requiredRole: 'operator',
    remedy: 'Nothing was changed. Send the mutation with an operator’s token.',
  })
  // As for an invalid operation: 403, or 200 for clients that only accept application/json.
  const http = { status: 403, spec: true }
  const options = { nodes: operation, originalError: forbidden, extensions: { http } }
  throw new GraphQLError(forbidden.message, options)
}
