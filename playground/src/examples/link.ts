// Links that open an operation: `/graphql?example=ID`, or `?query=TEXT`, both with `&variables=JSON`.

import type { OpenTab } from '../execution/open-tab.ts'
import type { Example } from '../settings.ts'

/** What a link opens, or why it opens nothing; undefined if it names no operation. It never runs anything. */
export type LinkTarget = { readonly tab: OpenTab } | { readonly problem: string } | undefined

/** @param search the part of the URL from the question mark on */
export function linkTarget(search: string, examples: readonly Example[]): LinkTarget {
  const parameters = new URLSearchParams(search)
  const id = parameters.get('example')
  const query = parameters.get('query')
  if (id === null && query === null) return undefined
  const example = examples.find((each) => each.id === id)
  if (id !== null && !example) return { problem: `There is no example “${id}” on this gateway.` }
  const text = parameters.get('variables')
  let variables: OpenTab['variables']
  if (text !== null) {
    try {
      variables = JSON.parse(text)
    } catch {
      return { problem: 'The variables of the link are not JSON.' }
    }
    if (typeof variables !== 'object' || variables === null || Array.isArray(variables))
      return { problem: 'The variables of the link are not a JSON object.' }
  }
  const values = { ...example?.variables, ...variables }
  return {
    tab: {
      query: example?.query ?? query ?? '',
      ...(Object.keys(values).length > 0 && { variables: values }),
    },
  }
}
