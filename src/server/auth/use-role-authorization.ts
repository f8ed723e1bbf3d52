// What a role may do, in one place: a reader's mutation is refused before any resolver runs. Queries and subscriptions are for
// every role, and so is the schema: what one may not do, one may read about.

import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import { ApiError } from '../../schema/errors/api-error.ts'
import type { Log } from '../../observability/log.ts'
import type { Identified } from './identity.ts'
import { requestFields } from '../telemetry/request-log-fields.ts'

export function useRoles(log: Log): Plugin<Identified> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const { document, operationName, contextValue } = args as ExecutionArgs
      const operation = getOperationAST(document, operationName)
      const { identity, request } = contextValue as Identified & YogaInitialContext
      if (operation?.operation !== 'mutation' || identity.role === 'operator') return
      const { name, role } = identity
      log.warn('a mutation was refused', { ...requestFields(request), identity: name, role, status: 403 })
      const refused = new ApiError('FORBIDDEN', `mutations need the role operator; yours is ${role}`, {
        requiredRole: 'operator',
        remedy: 'Nothing was changed. Send it with the token of an operator.',
      })
      // As for an operation that is not valid: 403, but 200 to clients that know no other.
      const http = { status: 403, spec: true }
      const options = { nodes: operation, originalError: refused, extensions: { http } }
      setResultAndStopExecution({ errors: [new GraphQLError(refused.message, options)] })
    },
  }
}
