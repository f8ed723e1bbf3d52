// Rejects an operation before execution if its client accepts none of the possible response types. Yoga
// checks this afterwards, when a mutation has already been applied, or a subscription is open that nothing
// reads.

import type { Plugin } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'

const eventStream = 'text/event-stream'
const responseTypes = [
  'application/graphql-response+json',
  'application/json',
  'multipart/mixed',
  eventStream,
]

const notAcceptable = 'none of the accepted media types can be produced'
const noResponseType = badInput(notAcceptable, `Send accept: ${responseTypes.join(', or ')}.`)
const noEventStream = badInput(
  notAcceptable,
  `Send accept: ${eventStream}. Subscriptions are server-sent events; Apollo Client and Relay read them with the package graphql-sse.`,
)

/**
 * Rejects an operation whose response the client does not accept.
 * @throws GraphQLError with the status 406
 */
export function requireAcceptedType(request: Request, { isSubscription = false } = {}): void {
  const types = isSubscription ? [eventStream] : responseTypes
  const error = isSubscription ? noEventStream : noResponseType
  if (!isAccepted(request, types)) throw rejectionError(error, { status: 406 })
}

/** Removes types with the weight 0, which Yoga would take as accepted. */
export function useContentNegotiation(): Plugin {
  return {
    onRequest({ request: { headers } }) {
      const accepted = acceptedTypes(headers)
      if (accepted.length > 0) headers.set('accept', accepted.join(','))
    },
  }
}

/** The accepted types, without those with the weight 0 (RFC 9110, 12.4.2). */
const acceptedTypes = (headers: Headers): string[] =>
  (headers.get('accept') || '*/*')
    .toLowerCase()
    .replace(/\s/g, '')
    .split(',')
    .filter((each) => !/;q=0(\.0*)?(;|$)/.test(each))

/** Interprets the header as Yoga does: ignores preferences, and accepts UTF-8 only. */
function isAccepted({ headers }: Request, types: readonly string[]): boolean {
  return acceptedTypes(headers).some((each) => {
    const [type, ...parameters] = each.split(';')
    if (parameters.some((parameter) => parameter.includes('charset=') && parameter !== 'charset=utf-8'))
      return false
    return types.some((supported) =>
      [supported, supported.replace(/\/.*/, '/*'), '*/*'].includes(type as string),
    )
  })
}
