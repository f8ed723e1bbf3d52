// Enforces roles: rejects a reader's mutation before any resolver runs. All roles may run queries and
// subscriptions, and read the schema.

import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Log } from '../../observability/log.ts'
import { ApiError } from '../../schema/errors/api-error.ts'
import { requestLogFields } from '../telemetry/request-log-fields.ts'
import type { WithIdentity } from './identity.ts'

export function useRoleAuthorization(log: Log): Plugin<WithIdentity> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { document, operationName, contextValue } = args as ExecutionArgs
      const operation = getOperationAST(document, operationName)
      const { identity, request } = contextValue as WithIdentity & YogaInitialContext
      if (operation?.operation !== 'mutation' || identity.role === 'operator') return
      const { name, role } = identity
      log.warn('mutation denied: role', { ...requestLogFields(request), identity: name, role, status: 403 })
      const forbidden = new ApiError('FORBIDDEN', `mutations require the role operator; yours is ${role}`, {
        requiredRole: 'operator',
        remedy: 'Nothing was changed. Send the mutation with an operator’s token.',
      })
      // As for an invalid operation: 403, or 200 for clients that only accept application/json.
      const http = { status: 403, spec: true }
      const options = { nodes: operation, originalError: forbidden, extensions: { http } }
      setResultAndStopExecution({ errors: [new GraphQLError(forbidden.message, options)] })
    },
  }
}
