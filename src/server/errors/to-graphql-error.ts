// The one place where an error from below becomes a GraphQL error: message and code of the contract, the cause left out.

import { GraphQLError } from 'graphql'
import { encodeManagedObjectId } from '../../schema/core/ids.ts'
import { classifyError } from '../../schema/errors/classify-error.ts'
import { repeatsOf } from '../../schema/errors/repeated-errors.ts'
import { truncate, truncateDeep } from '../../text/truncate.ts'

export interface ErrorContext {
  readonly requestId: string
  /** The name of the vCenter that was asked. */
  readonly vcenter: string
  /** Tells this vCenter's objects from others'; undefined before it was reached. */
  readonly identity: string | undefined
  /** The mutation fields of the operation that have changed something, or may have: sent again, they could do so twice. */
  readonly appliedMutations: readonly (string | number)[]
  /** Whether an error may say which name of the schema was probably meant. */
  readonly allowSuggestions: boolean
  /** Takes what must not be shown: bugs of ours. */
  readonly logInternal: (error: unknown) => void
}

/** All that a client is told of a bug of ours. */
export const internalErrorMessage = 'The gateway failed. Its log has this request.'

/** Puts any error of an operation into the contract's form. What is a bug of ours is masked, and logged with the request id. */
export function toGraphQLError(
  error: unknown,
  { requestId, vcenter, identity, appliedMutations, allowSuggestions, logInternal }: ErrorContext,
): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined
  const cause = located ? located.originalError : error
  if (located && isCsrfRejection(located)) {
    const remedy =
      'Send content-type: application/json, or the header x-graphql-yoga-csrf, which a page of another site cannot.'
    return rebuildError(located, located.message, { code: 'FORBIDDEN', retryable: false, remedy, requestId })
  }
  if (located && isOperationError(located)) {
    const message = allowSuggestions ? located.message : located.message.replace(suggestionSuffix, '')
    return rebuildError(located, message, {
      code: 'BAD_USER_INPUT',
      retryable: false,
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

/** What to do about what would be worth another try, if that made no second change. */
function doNotRetryRemedy(
  [field, ...below]: GraphQLError['path'] & {} = [],
  appliedMutations: readonly (string | number)[],
): string {
  if (field === undefined || !appliedMutations.includes(field))
    return 'Another change of this operation was made, or may have been: do not send that again. Send this one in an operation of its own.'
  return below.length > 0
    ? 'The change was made, or is under way: do not send it again. Read what is missing here with a query, by the id of the object.'
    : 'A part of the change was made, or is under way. Read the state of the object with a query before you send it again.'
}

/** How GraphQL ends a message, in validation and in both executors; not all of them can be told to leave it out. */
const suggestionSuffix = / Did you mean .*$/s

/** What the CSRF prevention refuses: a request that a browser would send for any page. */
const isCsrfRejection = ({ extensions, originalError }: GraphQLError): boolean =>
  originalError === undefined && (extensions.http as { status?: number } | undefined)?.status === 403

/** Its syntax, its types, its variables, its arguments; and not a value of ours that GraphQL would not take. */
function isOperationError({ path, originalError }: GraphQLError): boolean {
  if (originalError !== undefined && !(originalError instanceof GraphQLError)) return false
  return path === undefined || originalError?.nodes !== undefined
}

function rebuildError(
  located: GraphQLError | undefined,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  // What was sent, and what a vCenter wrote, may be of any length.
  return new GraphQLError(truncate(message), {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions: truncateDeep(extensions),
  })
}
