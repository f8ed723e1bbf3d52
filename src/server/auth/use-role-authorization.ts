// What a role may do, in one place: a reader's mutation is refused before any resolver runs. Queries and subscriptions are for
// every role, and so is the schema: what one may not do, one may read about.

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
      const forbidden = new ApiError('FORBIDDEN', `mutations need the role operator; yours is ${role}`, {
        requiredRole: 'operator',
        remedy: 'Nothing was changed. Send it with the token of an operator.',
      })
      // As for an operation that is not valid: 403, but 200 to clients that know no other.
      const http = { status: 403, spec: true }
      const options = { nodes: operation, originalError: forbidden, extensions: { http } }
      setResultAndStopExecution({ errors: [new GraphQLError(forbidden.message, options)] })
    },
  }
}
