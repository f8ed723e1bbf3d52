// Converts any error to a GraphQL error with a message and a documented code, without its cause. This is the
// only place that does so.

import { GraphQLError, type GraphQLSchema } from 'graphql'
import { encodeManagedObjectId } from '../../schema/core/nodes/ids.ts'
import { classifyError } from '../../schema/errors/classify-error.ts'
import { repeatsOf } from '../../schema/errors/repeated-errors.ts'
import { truncate, truncateDeep } from '../../text/truncate.ts'
import { argumentOf } from './argument-path.ts'
import { operationRemedy } from './operation-remedies.ts'
import { requestErrorOf } from './request-errors.ts'

export interface ErrorContext {
  readonly requestId: string
  /** The name of the vCenter that the operation queried. */
  readonly vcenter: string
  /** Identifies the vCenter within global object ids; undefined before the first connection. */
  readonly identity: string | undefined
  /**
   * The operation's mutation fields that have, or may have, changed something. Sending them again could apply
   * the change twice.
   */
  readonly appliedMutations: readonly (string | number)[]
  /** The schema, if messages and remedies may suggest its names. */
  readonly suggestFrom: GraphQLSchema | undefined
  /** Logs internal errors, which clients must not see. */
  readonly logInternal: (error: unknown) => void
}

/** The only message that clients see for an internal error. */
export const internalErrorMessage = 'Internal error. See the gateway’s log for this requestId.'

/** Converts any error of an operation. Internal errors are masked, and logged with the request id. */
export function toGraphQLError(
  error: unknown,
  { requestId, vcenter, identity, appliedMutations, suggestFrom, logInternal }: ErrorContext,
): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined
  const cause = located ? located.originalError : error
  if (located && isCsrfRejection(located)) {
    const { message = located.message, remedy } = requestErrorOf(located.message) ?? {}
    return rebuildError(located, message, { code: 'FORBIDDEN', retryable: false, remedy, requestId })
  }
  if (located && isOperationError(located)) {
    // Only for errors of the whole request: those of a document have nodes.
    const requestError = located.nodes === undefined ? requestErrorOf(located.message) : undefined
    const libraryMessage = suggestFrom ? located.message : located.message.replace(suggestionSuffix, '')
    const remedy = requestError?.remedy ?? operationRemedy(libraryMessage, suggestFrom)
    return rebuildError(located, requestError?.message ?? withArgument(libraryMessage, located), {
      code: 'BAD_USER_INPUT',
      retryable: false,
      ...(remedy && { remedy }),
      requestId,
    })
  }
  const { code, message, taskRef, ...details } = classifyError(cause)
  if (message === undefined) logInternal(cause)
  const task =
    details.task ??
    (taskRef && identity !== undefined
      ? { id: encodeManagedObjectId(identity, taskRef), moid: taskRef.value }
      : undefined)
  const retryOverride =
    appliedMutations.length > 0 && details.retryable
      ? { retryable: false, remedy: doNotRetryRemedy(located?.path, appliedMutations) }
      : {}
  const extensions = {
    code,
    retryable: false,
    ...details,
    ...retryOverride,
    task,
    ...repeatsOf(cause),
    vcenter,
    requestId,
  }
  return rebuildError(
    located,
    message ?? internalErrorMessage,
    Object.fromEntries(Object.entries(extensions).filter(([, value]) => value !== undefined)),
  )
}

/** The remedy for a retryable error in an operation that may already have changed something. */
function doNotRetryRemedy(
  [field, ...below]: GraphQLError['path'] & {} = [],
  appliedMutations: readonly (string | number)[],
): string {
  if (field === undefined || !appliedMutations.includes(field))
    return 'Another mutation of this operation was applied, or may have been: do not send that one again. Send this one in a separate operation.'
  return below.length > 0
    ? 'The mutation was applied, or is running: do not send it again. Query the missing data by the id of the object.'
    : 'Part of the mutation was applied, or is running. Query the state of the object before you send it again.'
}

/**
 * The suffix that GraphQL adds to messages, in validation and in both executors. Only some have an option to
 * omit it.
 */
const suggestionSuffix = / Did you mean .*$/s

/** The messages of GraphQL about a value in a document, which name its type only. */
const valueMessage = /^(?:\w+ cannot represent |Value "|Enum "|OneOf Input Object |Expected value of type )/

/** Adds the name of the argument, as the messages about values of variables have it. */
function withArgument(message: string, { nodes }: GraphQLError): string {
  const argument = valueMessage.test(message) ? argumentOf(nodes?.[0]) : undefined
  return argument === undefined ? message : `Invalid ${argument}; ${message}`
}

/** Whether this is a rejection by the CSRF prevention: a request that a browser would send for any page. */
const isCsrfRejection = ({ extensions, originalError }: GraphQLError): boolean =>
  originalError === undefined && (extensions.http as { status?: number } | undefined)?.status === 403

/**
 * Whether the error is in the operation's syntax, types, variables or arguments, not in a value of ours that
 * GraphQL cannot serialize.
 */
function isOperationError({ path, originalError }: GraphQLError): boolean {
  if (originalError !== undefined && !(originalError instanceof GraphQLError)) return false
  return path === undefined || originalError?.nodes !== undefined
}

function rebuildError(
  located: GraphQLError | undefined,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  // Strings from clients and from a vCenter may have any length.
  return new GraphQLError(truncate(message), {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions: truncateDeep(extensions),
  })
}
