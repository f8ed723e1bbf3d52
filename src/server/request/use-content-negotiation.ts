// Refuses an operation whose answer its client does not accept, in any form that it could have, before it is executed. Yoga finds
// that out afterwards: a change would have been made, and a subscription would stand open that nobody reads.

import type { Plugin } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'
import { refused } from '../errors/rejection-error.ts'

const events = 'text/event-stream'
const answers = ['application/graphql-response+json', 'application/json', 'multipart/mixed', events]

const notAcceptable = (types: readonly string[]) =>
  badInput('the request accepts no form that the answer could have', `Send accept: ${types.join(', or ')}.`)

export function useAccept(): Plugin {
  const refuse =
    (types: readonly string[]): NonNullable<Plugin['onExecute'] & Plugin['onSubscribe']> =>
    ({ args, setResultAndStopExecution }) => {
      if (accepts(args.contextValue.request, types)) return
      setResultAndStopExecution({ errors: [refused(notAcceptable(types), { status: 406 })] })
    }
  return {
    // Yoga does not know that it says what is not wanted, too.
    onRequest({ request: { headers } }) {
      const wanted = wantedIn(headers)
      if (wanted.length > 0) headers.set('accept', wanted.join(','))
    },
    onExecute: refuse(answers),
    onSubscribe: refuse([events]),
  }
}

/** But for those with a weight of 0 (RFC 9110, 12.4.2). */
const wantedIn = (headers: Headers): string[] =>
  (headers.get('accept') || '*/*')
    .toLowerCase()
    .replace(/\s/g, '')
    .split(',')
    .filter((each) => !/;q=0(\.0*)?(;|$)/.test(each))

/** As Yoga reads the header: without an order, and in UTF-8 alone. */
function accepts({ headers }: Request, types: readonly string[]): boolean {
  return wantedIn(headers).some((each) => {
    const [type, ...parameters] = each.split(';')
    if (parameters.some((one) => one.includes('charset=') && one !== 'charset=utf-8')) return false
    return types.some((known) => [known, known.replace(/\/.*/, '/*'), '*/*'].includes(type as string))
  })
}
