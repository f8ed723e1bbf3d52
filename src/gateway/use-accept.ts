// Refuses an operation whose answer its client does not accept, in any form that it could have, before it is executed. Yoga finds
// that out afterwards: a change would have been made, and a subscription would stand open that nobody reads.

import type { Plugin } from 'graphql-yoga'
import { badInput } from '../graphql/api-error.ts'
import { refused } from './refused.ts'

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
  return { onExecute: refuse(answers), onSubscribe: refuse([events]) }
}

/** As Yoga reads the header: without an order, and in UTF-8 alone. */
function accepts({ headers }: Request, types: readonly string[]): boolean {
  const asked = (headers.get('accept') || '*/*').toLowerCase().replace(/\s/g, '').split(',')
  return asked.some((each) => {
    const [type, ...parameters] = each.split(';')
    if (parameters.some((one) => one.includes('charset=') && one !== 'charset=utf-8')) return false
    return types.some((known) => [known, known.replace(/\/.*/, '/*'), '*/*'].includes(type as string))
  })
}
