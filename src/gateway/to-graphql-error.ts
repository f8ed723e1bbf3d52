// The one place where an error from below becomes a GraphQL error: message and code of the contract, the cause left out.

import { GraphQLError } from 'graphql'
import { classifyError } from '../graphql/classify-error.ts'
import { encodeManagedObjectId } from '../graphql/ids.ts'

export interface ErrorContext {
  readonly requestId: string
  /** The name of the vCenter that was asked. */
  readonly vcenter: string
  /** Tells this vCenter's objects from others'; undefined before it was reached. */
  readonly identity: string | undefined
  /** Whether an error may say which name of the schema was probably meant. */
  readonly suggestions: boolean
  /** Takes what must not be shown: bugs of ours. */
  readonly logInternal: (error: unknown) => void
}

/** All that a client is told of a bug of ours. */
export const gatewayFailed = 'The gateway failed. Its log has this request.'

/** Puts any error of an operation into the contract's form. What is a bug of ours is masked, and logged with the request id. */
export function toGraphQLError(
  error: unknown,
  { requestId, vcenter, identity, suggestions, logInternal }: ErrorContext,
): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined
  const cause = located ? located.originalError : error
  if (located && isFromElsewhere(located)) {
    const remedy =
      'Send content-type: application/json, or the header x-graphql-yoga-csrf, which a page of another site cannot.'
    return rebuilt(located, located.message, { code: 'FORBIDDEN', retryable: false, remedy, requestId })
  }
  if (located && isAboutTheOperation(located)) {
    const message = suggestions ? located.message : located.message.replace(suggestion, '')
    return rebuilt(located, shortened(message), {
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
  const extensions = { code, retryable: false, ...details, task, vcenter, requestId }
  return rebuilt(
    located,
    message ?? gatewayFailed,
    Object.fromEntries(Object.entries(extensions).filter(([, value]) => value !== undefined)),
  )
}

/** How GraphQL ends a message, in validation and in both executors; not all of them can be told to leave it out. */
const suggestion = / Did you mean .*$/s

/** GraphQL repeats in its messages what it was sent, once for each of up to a hundred errors. */
const longestMessage = 1_000

const shortened = (message: string): string =>
  message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`

/** What the CSRF prevention refuses: a request that a browser would send for any page. */
const isFromElsewhere = ({ extensions, originalError }: GraphQLError): boolean =>
  originalError === undefined && (extensions.http as { status?: number } | undefined)?.status === 403

/** Its syntax, its types, its variables, its arguments; and not a value of ours that GraphQL would not take. */
function isAboutTheOperation({ path, originalError }: GraphQLError): boolean {
  if (originalError !== undefined && !(originalError instanceof GraphQLError)) return false
  return path === undefined || originalError?.nodes !== undefined
}

function rebuilt(
  located: GraphQLError | undefined,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions,
  })
}
